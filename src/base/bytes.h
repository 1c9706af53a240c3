// Checked reading of untrusted bytes: nothing outside the span is ever touched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace gotls {

using Bytes = std::span<const std::byte>;

// The `size` bytes at `offset`, or nothing when they are not all there (no overflow for any
// argument).
inline std::optional<Bytes> SubBytes(Bytes bytes, std::uint64_t offset, std::uint64_t size) {
  if (offset > bytes.size() || size > bytes.size() - offset) return std::nullopt;
  return bytes.subspan(offset, size);
}

// A trivially copyable T at `offset`, unaligned, host order (all supported targets are
// little-endian).
template <typename T>
std::optional<T> ReadAt(Bytes bytes, std::uint64_t offset) {
  static_assert(std::is_trivially_copyable_v<T>);
  const auto part = SubBytes(bytes, offset, sizeof(T));
  if (!part) return std::nullopt;
  T value;
  std::memcpy(&value, part->data(), sizeof(T));
  return value;
}

// View of bytes as text; no claim about its encoding.
inline std::string_view AsText(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

}  // namespace gotls
