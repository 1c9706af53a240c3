// How exchanges are shown to eyes.
#pragma once

#include <cstddef>

#include "sink/text_lines.h"

namespace gotls {

struct ExchangeStyle {
  TextStyle text;
  int detail = 0;         // 1: with headers, 2: with bodies
  bool pretty = false;    // JSON is laid out
  std::size_t width = 0;  // columns of a line; 0: no limit, nothing is cut
};

// A screen narrower than this goes without fractions of a second and with a smaller process column.
inline constexpr std::size_t kWideColumns = 100;

inline bool IsNarrow(const ExchangeStyle& style) {
  return style.width != 0 && style.width < kWideColumns;
}

}  // namespace gotls
