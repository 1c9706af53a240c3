// Replacing parts of a text by "[redacted]".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gotls {

inline constexpr std::string_view kRedacted = "[redacted]";

// [begin, end) of a text goes.
struct SecretSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
  // What stands around the mark, so that JSON stays JSON where a value is replaced that was no
  // string: -1 nothing, 0 quotes, n quotes as they are escaped in a string within n strings.
  int quotes = -1;
};

// Replaces the spans, which may overlap and come in any order. A mark that is there already stays:
// a span inside one is no secret, a span that crosses one takes it along. Returns how many were
// replaced.
std::uint64_t ReplaceSpans(std::string& text, std::vector<SecretSpan> spans);

}  // namespace gotls
