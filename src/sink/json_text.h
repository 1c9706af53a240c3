// Pieces of JSON, appended to a string.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace gotls {

// A JSON string with its quotes. Controls, DEL and C1 are escaped, so that JSON is harmless in a
// terminal; what is not UTF-8 becomes U+FFFD.
void AppendJsonString(std::string& out, std::string_view text);

// The same without loss: when `text` is not UTF-8, nothing is appended and false returned.
bool AppendJsonStringIfUtf8(std::string& out, std::string_view text);

// Standard alphabet, with padding, without quotes.
void AppendBase64(std::string& out, Bytes bytes);

void AppendNumber(std::string& out, std::uint64_t number);
// Behind `key`, in one step; for long strings.
void AppendNumber(std::string& out, std::string_view key, std::uint64_t number);

// A millionth of `number`, with all its digits: 1500000 is "1.500000".
void AppendMillionth(std::string& out, std::uint64_t number);

}  // namespace gotls
