#include "decode/start_line.h"

#include <algorithm>
#include <string_view>

#include "decode/http1/http1_decoder.h"
#include "decode/http1/http1_syntax.h"

namespace gotls {
namespace {

// Without the line's end; empty when there is none in sight.
std::string_view FirstLine(Bytes bytes) {
  const std::string_view text = AsText(bytes).substr(0, kMaxStartLine);
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

Guess LooksLikeRequestLine(Bytes bytes) {
  if (const Guess any = LooksLikeAnyRequest(AsText(bytes)); any != Guess::kYes) return any;
  const std::string_view line = FirstLine(bytes);
  if (line.empty()) return bytes.size() < kMaxStartLine ? Guess::kNeedMore : Guess::kNo;
  const bool whole = std::ranges::count(line, ' ') == 2 && EndsWithVersion(line);
  return whole ? Guess::kYes : Guess::kNo;
}

bool StartsWithStatusLine(Bytes bytes) {
  return LooksLikeHttp1Response(bytes) == Guess::kYes && !FirstLine(bytes).empty();
}

}  // namespace gotls
