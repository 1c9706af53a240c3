// The shape of a header block (RFC 7541), without its values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace gotls {

struct HpackShape {
  std::size_t fields = 0;
  std::size_t request_pseudo = 0;   // fields at the front whose name is a request's ":..."
  std::size_t response_pseudo = 0;  // ":status"
};

// Nothing when this is no whole header block.
std::optional<HpackShape> ScanHeaderBlock(Bytes block);

// What a block says at its front about the size of the table.
struct TableSizeUpdates {
  std::size_t bytes = 0;                  // that these updates take
  std::optional<std::uint32_t> smallest;  // none: there are no updates
};
TableSizeUpdates ReadTableSizeUpdates(Bytes block);

}  // namespace gotls
