// The chunked transfer coding (RFC 9112, 7.1), up to the trailers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace gotls {

// Keeps no bytes: chunks may be of any size and in any split.
class ChunkedReader {
 public:
  enum class Status : std::uint8_t {
    kMore,     // give the bytes behind `taken`
    kLast,     // the last chunk's line is over: trailers follow
    kBroken,   // not the chunked coding
    kTooLong,  // a chunk extension beyond all measure
  };
  struct Piece {
    std::size_t taken = 0;  // from the front of what was given
    Bytes data;             // content: the last bytes of those taken
    Status status = Status::kMore;
  };

  // Takes at least one byte, as long as the status is kMore and there are bytes.
  Piece Take(Bytes bytes);

  // Bytes until the end of the chunk's data when the next byte is data, else 0.
  [[nodiscard]] std::uint64_t data_left() const { return state_ == State::kData ? left_ : 0; }
  // `length` bytes of data were not captured; no more than data_left().
  void SkipData(std::uint64_t length);

 private:
  enum class State : std::uint8_t { kSize, kExtension, kSizeEnd, kData, kDataEnd, kDataLf };

  Status TakeSizeByte(char c);
  Status EndSizeLine();
  std::size_t TakeExtension(Bytes bytes, Status& status);

  State state_ = State::kSize;
  std::uint64_t left_ = 0;  // the chunk's size as read so far, then what is left of it
  std::size_t line_ = 0;    // digits, then all bytes of the extension
};

}  // namespace gotls
