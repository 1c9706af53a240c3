#include "decode/body/reading.h"

#include <algorithm>
#include <optional>

#include "decode/body/pretty.h"

namespace gotls {
namespace {

// `type` says that it is no text, or the first bytes do.
bool IsBinary(std::string_view type, std::string_view content) {
  if (IsTextual(type)) return false;
  return type.starts_with("image/") || type.starts_with("audio/") || type.starts_with("video/") ||
         type.starts_with("font/") || type == "application/octet-stream" || IsKnownBinary(content);
}

// Nothing that a charset built on ASCII could give another meaning: no escape sequences either.
bool IsAsciiText(std::string_view content) {
  return std::ranges::all_of(content, [](char c) {
    return (c >= ' ' && c < 0x7f) || c == '\n' || c == '\r' || c == '\t';
  });
}

}  // namespace

Reading ReadingOf(const MediaType& media, std::string_view content) {
  using Kind = Reading::Kind;
  if (media.charset == "binary" || IsBinary(media.type, content)) return {};
  const std::optional<Charset> charset = FindCharset(media.charset);
  if (!charset) return {IsAsciiText(content) ? Kind::kPlain : Kind::kNotConverted};
  if (*charset == Charset::kUtf8) return {};
  // No text of one byte a character has NULs.
  if (*charset == Charset::kWindows1252 && content.contains('\0')) return {};
  return {Kind::kConverted, *charset};
}

}  // namespace gotls
