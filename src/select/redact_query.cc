#include "select/redact_query.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string>

namespace gotls {
namespace {

std::string DecodeName(std::string_view raw) {
  std::string name;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    unsigned char byte = raw[i] == '+' ? ' ' : static_cast<unsigned char>(raw[i]);
    if (byte == '%' && i + 2 < raw.size()) {
      const char* const digits = raw.data() + i + 1;
      unsigned char decoded = 0;
      if (std::from_chars(digits, digits + 2, decoded, 16).ptr == digits + 2) {
        byte = decoded;
        i += 2;
      }
    }
    name += static_cast<char>(byte);
  }
  return name;
}

}  // namespace

void FindQueryValues(std::string_view text, QueryPlace place, const Regex& names,
                     std::vector<SecretSpan>& spans) {
  // A parameter may begin behind any of these, but only & and # end a value for sure: a server that
  // does not split at ; or ? takes them as part of it.
  constexpr std::string_view kStarts = "?&;#";
  const std::string_view ends = place == QueryPlace::kText ? "&# \t\"'<>" : "&#";
  std::size_t begin = 0;
  if (place != QueryPlace::kForm) begin = std::min(text.find_first_of("?#"), text.size() - 1) + 1;
  while (begin < text.size()) {
    const std::size_t stop = text.find_first_of("=?&;#", begin);
    if (stop == std::string_view::npos) return;
    std::size_t next = stop + 1;
    if (text[stop] == '=') {
      std::size_t end = std::min(text.find_first_of(ends, next), text.size());
      if (names.FullMatch(DecodeName(text.substr(begin, stop - begin)))) {
        spans.push_back({next, end});
      } else {
        end = std::min(text.find_first_of(kStarts, next), text.size());
      }
      next = std::min(end, text.size() - 1) + 1;
    }
    begin = next;
  }
}

}  // namespace gotls
