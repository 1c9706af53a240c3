// Undoes a content coding, in any split.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace gotls {

class ContentDecoder {
 public:
  virtual ~ContentDecoder() = default;
  // Hands out what became known, in pieces; false from `out`: stop (no more is wanted). An error,
  // once, is a short text: "corrupt at 17". After it, or after a stop, nothing more comes.
  using Out = std::function<bool(Bytes)>;
  virtual std::expected<void, std::string> Push(Bytes bytes, const Out& out) = 0;
  // The bytes so far are a whole coded text. More may still follow (gzip members, zstd frames).
  [[nodiscard]] virtual bool AtEnd() const = 0;
};

// gzip, x-gzip, deflate (zlib or raw), br, zstd, in any case of letters; null for one that is
// unknown. Each holds bounded memory, whatever the bytes say: at most 8 MiB for zstd, 16 MiB for br
// (their windows), and 64 KiB for the others.
std::unique_ptr<ContentDecoder> MakeContentDecoder(std::string_view coding);

}  // namespace gotls
