// The digits behind a point.
#pragma once

#include <cstdint>

namespace gotls {

// "." and the last kDigits digits of `value`, kDigits + 1 characters in all.
template <int kDigits>
void WriteFraction(char* to, std::uint64_t value) {
  to[0] = '.';
  for (int i = kDigits; i > 0; --i) {
    to[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

}  // namespace gotls
