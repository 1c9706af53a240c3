#include "decode/http1/http1_section.h"

#include <algorithm>

#include "decode/http1/http1_syntax.h"

namespace gotls {

SectionReader::Taken SectionReader::Take(Bytes bytes) {
  const std::size_t before = held_.size();
  const std::size_t room = kMaxHeadBytes - before;
  const std::string_view given = AsText(bytes).substr(0, room);
  if (before > 0) held_ += given;
  const std::string_view all = before > 0 ? std::string_view(held_) : given;
  if (const std::size_t end = FindEnd(all); end > 0) {
    text_ = all.substr(0, end);
    return {end - before, true, false};
  }
  if (before == 0) held_.assign(given);
  text_ = held_;
  return {given.size(), false, bytes.size() >= room};
}

void SectionReader::Reset() {
  constexpr std::size_t kKeptMemory = 8 << 10;
  if (held_.capacity() > kKeptMemory) {
    held_ = {};
  } else {
    held_.clear();
  }
  text_ = {};
  seen_ = 0;
  line_ = 0;
}

std::size_t SectionReader::FindEnd(std::string_view text) {
  for (;;) {
    const std::size_t end = text.find('\n', seen_);
    if (end == std::string_view::npos) {
      seen_ = text.size();
      return 0;
    }
    const std::size_t length = end - line_;
    seen_ = end + 1;
    if (length == 0 || (length == 1 && text[line_] == '\r')) return seen_;
    line_ = seen_;
  }
}

}  // namespace gotls
