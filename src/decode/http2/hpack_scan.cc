#include "decode/http2/hpack_scan.h"

#include <algorithm>

namespace gotls {
namespace {

// No table of ours or of a peer worth believing has more entries.
constexpr std::uint32_t kMaxIndex = 61 + (1 << 15);
constexpr std::uint32_t kFirstRequestPseudo = 1;
constexpr std::uint32_t kFirstResponsePseudo = 8;
constexpr std::uint32_t kLastResponsePseudo = 14;

class Cursor {
 public:
  explicit Cursor(Bytes block) : block_(block) {}

  bool AtEnd() const { return at_ == block_.size(); }
  std::size_t at() const { return at_; }
  std::uint8_t Peek() const { return std::to_integer<std::uint8_t>(block_[at_]); }
  void Step() { ++at_; }

  std::optional<std::uint32_t> Integer(unsigned prefix_bits) {
    if (AtEnd()) return std::nullopt;
    const std::uint32_t most = (1U << prefix_bits) - 1;
    std::uint64_t value = Peek() & most;
    ++at_;
    if (value < most) return static_cast<std::uint32_t>(value);
    for (unsigned shift = 0; shift <= 28; shift += 7) {
      if (AtEnd()) return std::nullopt;
      const std::uint8_t byte = Peek();
      ++at_;
      value += std::uint64_t{byte & 0x7fU} << shift;
      if ((byte & 0x80) == 0) {
        if (value > UINT32_MAX) return std::nullopt;
        return static_cast<std::uint32_t>(value);
      }
    }
    return std::nullopt;
  }

  bool SkipString() {
    const auto length = Integer(7);
    if (!length || *length > block_.size() - at_) return false;
    at_ += *length;
    return true;
  }

 private:
  Bytes block_;
  std::size_t at_ = 0;
};

// The index of a field's name, 0 for a name in letters.
std::optional<std::uint32_t> SkipField(Cursor& cursor) {
  const std::uint8_t first = cursor.Peek();
  if ((first & 0x80) != 0) {
    const auto index = cursor.Integer(7);
    return index && *index != 0 && *index <= kMaxIndex ? index : std::nullopt;
  }
  const auto name = cursor.Integer((first & 0x40) != 0 ? 6 : 4);
  if (!name || *name > kMaxIndex) return std::nullopt;
  if (*name == 0 && !cursor.SkipString()) return std::nullopt;
  return cursor.SkipString() ? name : std::nullopt;
}

bool IsTableSizeUpdate(std::uint8_t first) { return (first & 0xe0) == 0x20; }

}  // namespace

std::optional<HpackShape> ScanHeaderBlock(Bytes block) {
  Cursor cursor(block.subspan(ReadTableSizeUpdates(block).bytes));
  HpackShape shape;
  bool in_front = true;
  while (!cursor.AtEnd()) {
    if (IsTableSizeUpdate(cursor.Peek())) return std::nullopt;
    const auto name = SkipField(cursor);
    if (!name) return std::nullopt;
    ++shape.fields;
    in_front = in_front && *name >= kFirstRequestPseudo && *name <= kLastResponsePseudo;
    if (!in_front) continue;
    ++(*name < kFirstResponsePseudo ? shape.request_pseudo : shape.response_pseudo);
  }
  return shape;
}

TableSizeUpdates ReadTableSizeUpdates(Bytes block) {
  Cursor cursor(block);
  TableSizeUpdates updates;
  while (!cursor.AtEnd() && IsTableSizeUpdate(cursor.Peek())) {
    const auto size = cursor.Integer(5);
    if (!size) break;
    updates.smallest = std::min(updates.smallest.value_or(UINT32_MAX), *size);
    updates.bytes = cursor.at();
  }
  return updates;
}

}  // namespace gotls
