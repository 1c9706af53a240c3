#include "decode/start_line.h"

#include <algorithm>
#include <string_view>

#include "decode/http1/http1_decoder.h"

namespace gotls {
namespace {

constexpr std::size_t kLongestStartLine = 8 << 10;

// Without the line's end; empty when there is none in sight.
std::string_view FirstLine(Bytes bytes) {
  const std::string_view text = AsText(bytes).substr(0, kLongestStartLine);
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return {};
  std::string_view line = text.substr(0, end);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool EndsWithVersion(std::string_view line) {
  return line.ends_with(" HTTP/1.1") || line.ends_with(" HTTP/1.0");
}

}  // namespace

bool StartsWithRequestLine(Bytes bytes) {
  if (LooksLikeHttp1Request(bytes) == Guess::kNo) return false;
  const std::string_view line = FirstLine(bytes);
  return std::ranges::count(line, ' ') == 2 && EndsWithVersion(line);
}

bool StartsWithStatusLine(Bytes bytes) {
  return LooksLikeHttp1Response(bytes) == Guess::kYes && !FirstLine(bytes).empty();
}

}  // namespace gotls
