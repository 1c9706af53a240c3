// The open streams of a connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "decode/http2/stream.h"

namespace gotls {

class StreamTable {
 public:
  static constexpr std::size_t kMaxStreams = 4096;

  StreamTable();

  std::size_t size() const { return size_; }
  Stream* Find(std::uint32_t id) const;  // null: none
  Stream* Oldest() const { return oldest_; }

  // There is none with this id, and fewer than kMaxStreams.
  Stream& Add(std::uint32_t id);
  void Remove(Stream& stream);

 private:
  struct Slot {
    std::uint32_t id = 0;
    std::unique_ptr<Stream> stream;  // null: free
  };

  std::size_t Home(std::uint32_t id) const;
  std::size_t SlotOf(std::uint32_t id) const;  // its own, or the free one where it would be
  void Rehash();

  std::vector<Slot> slots_;  // open addressing; a power of two of them, half of them free
  std::size_t size_ = 0;
  Stream* oldest_ = nullptr;
  Stream* newest_ = nullptr;
  std::vector<std::unique_ptr<Stream>> pool_;
};

}  // namespace gotls
