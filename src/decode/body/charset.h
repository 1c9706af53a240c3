// Text of the charsets that the web still speaks, as UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gotls {

enum class Charset : std::uint8_t { kUtf8, kWindows1252, kUtf16, kUtf16Be };

// `name` as in MediaType, any case: utf-8, us-ascii, iso-8859-1 (read as windows-1252, as browsers
// do), windows-1252, utf-16, utf-16le, utf-16be, and "", which is UTF-8. None: not known.
std::optional<Charset> FindCharset(std::string_view name);

// Always valid UTF-8 without a byte order mark: what can't be read becomes U+FFFD. A byte order
// mark of UTF-16 counts for more than `charset`. At most three times as long as `content`.
std::string ToUtf8(std::string_view content, Charset charset);

// The length of the valid UTF-8 sequence (1 to 4) that begins at `at`, or 0.
std::size_t Utf8SequenceAt(std::string_view text, std::size_t at);

}  // namespace gotls
