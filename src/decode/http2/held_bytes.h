// Bytes that wait for a decision, with where they came from.
#pragma once

#include <cstddef>
#include <vector>

#include "base/bytes.h"
#include "decode/decoder.h"

namespace gotls {

inline ByteOrigin OriginAt(const ByteOrigin& origin, std::size_t offset) {
  return {{origin.position.value + offset}, origin.time, origin.goroutine};
}

// Numbered from 0: the first byte after construction or Clear(). Bytes leave at the front only.
class HeldBytes {
 public:
  struct Run {
    Bytes bytes;
    ByteOrigin origin;
  };

  std::uint64_t begin() const { return dropped_ + front_; }
  std::uint64_t end() const { return dropped_ + data_.size(); }
  std::size_t size() const { return data_.size() - front_; }

  // From `offset`, which is held, to the end.
  Bytes From(std::uint64_t offset) const { return Bytes(data_).subspan(offset - dropped_); }
  // The same, but no further than the run goes in which `offset` lies.
  Run RunFrom(std::uint64_t offset) const;

  void Append(Bytes bytes, const ByteOrigin& origin);
  void DropTo(std::uint64_t offset);
  void Clear();

 private:
  struct Start {
    std::uint64_t offset;
    ByteOrigin origin;
  };

  bool Continues(const ByteOrigin& origin) const;

  std::vector<std::byte> data_;
  std::vector<Start> runs_;
  std::size_t front_ = 0;      // of data_, what has left
  std::uint64_t dropped_ = 0;  // bytes that left before data_
};

}  // namespace gotls
