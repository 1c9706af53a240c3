// UTF-8, one character at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gotls {

struct Utf8Char {
  char32_t code = 0;
  std::size_t size = 0;  // 0: not valid UTF-8 here
};

// The character at the start of `text` (not empty). Overlong forms, surrogates and what lies beyond
// U+10FFFF are not valid, as in RFC 3629.
inline Utf8Char DecodeUtf8(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto tail = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xc0) == 0x80; };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  if (lead < 0xc2) return {};
  if (lead < 0xe0) {
    if (!tail(1)) return {};
    return {static_cast<char32_t>((lead & 0x1f) << 6 | (byte(1) & 0x3f)), 2};
  }
  if (lead < 0xf0) {
    if (!tail(1) || !tail(2)) return {};
    const auto code =
        static_cast<char32_t>((lead & 0x0f) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f));
    if (code < 0x800 || (code >= 0xd800 && code < 0xe000)) return {};
    return {code, 3};
  }
  if (lead > 0xf4 || !tail(1) || !tail(2) || !tail(3)) return {};
  const auto code = static_cast<char32_t>((lead & 0x07) << 18 | (byte(1) & 0x3f) << 12 |
                                          (byte(2) & 0x3f) << 6 | (byte(3) & 0x3f));
  if (code < 0x10000 || code > 0x10ffff) return {};
  return {code, 4};
}

}  // namespace gotls
