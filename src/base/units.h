// Numbers that must not be mixed.
#pragma once

#include <compare>
#include <cstdint>

namespace gotls {

// Offset in a file.
struct FileOffset {
  std::uint64_t value = 0;
  auto operator<=>(const FileOffset&) const = default;
};

// Address as the linker gave it; the address in a process is this plus the load bias (0 for
// non-PIE).
struct VirtualAddress {
  std::uint64_t value = 0;
  auto operator<=>(const VirtualAddress&) const = default;
  friend VirtualAddress operator+(VirtualAddress a, std::uint64_t n) { return {a.value + n}; }
  friend std::uint64_t operator-(VirtualAddress a, VirtualAddress b) { return a.value - b.value; }
};

}  // namespace gotls
