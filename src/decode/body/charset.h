// Text of the charsets that the web still speaks, as UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace gotls {

// `charset` as in MediaType, any case: utf-8, us-ascii, iso-8859-1, windows-1252, utf-16 (with or
// without a byte order mark), utf-16le, utf-16be; "" or any other is taken for UTF-8. The result is
// always valid UTF-8 without a byte order mark: what can't be read becomes U+FFFD. At most three
// times as long as `content`.
std::string ToUtf8(std::string_view content, std::string_view charset);

// The length of the valid UTF-8 sequence (1 to 4) that begins at `at`, or 0.
std::size_t Utf8SequenceAt(std::string_view text, std::size_t at);

}  // namespace gotls
