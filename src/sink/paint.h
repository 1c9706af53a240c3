// Colour on a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gotls {

namespace paint {

inline constexpr std::string_view kDim = "2";
inline constexpr std::string_view kBold = "1";
inline constexpr std::string_view kWarning = "1;31";
inline constexpr std::string_view kSent = "33";
inline constexpr std::string_view kReceived = "36";

// What tells tags of different numbers apart.
inline std::string_view TagStyle(std::uint64_t number) {
  constexpr std::string_view kStyles[] = {"1;34", "1;35", "1;32", "1;36", "1;33", "1;31"};
  return kStyles[number % 6];
}

}  // namespace paint

// Appends `text`, in a style (the numbers of an SGR sequence) when `color` is set and there is one.
inline void Paint(std::string& out, bool color, std::string_view style, std::string_view text) {
  if (!color || style.empty()) {
    out += text;
    return;
  }
  out += "\x1b[";
  out += style;
  out += 'm';
  out += text;
  out += "\x1b[0m";
}

}  // namespace gotls
