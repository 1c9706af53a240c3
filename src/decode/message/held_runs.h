// Bytes that wait until it is clear what they are.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "decode/decoder.h"

namespace gotls {

// Runs as they were pushed, together at most kMaxBytes.
class HeldRuns {
 public:
  struct Run {
    std::string bytes;
    ByteOrigin origin;
  };

  [[nodiscard]] bool HasRoom(Bytes bytes) const { return bytes.size() <= kMaxBytes - size_; }
  // There has to be room.
  void Add(Bytes bytes, const ByteOrigin& origin) {
    size_ += bytes.size();
    runs_.push_back({std::string(AsText(bytes)), origin});
  }
  // All of them, and none is held any more.
  std::vector<Run> Take() {
    size_ = 0;
    return std::exchange(runs_, {});
  }

 private:
  static constexpr std::size_t kMaxBytes = 64 << 10;

  std::vector<Run> runs_;
  std::size_t size_ = 0;
};

}  // namespace gotls
