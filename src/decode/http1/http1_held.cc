#include "decode/http1/http1_held.h"

namespace gotls {

void Http1HeldRuns::Add(Bytes bytes, const ByteOrigin& origin) {
  text_ += AsText(bytes);
  runs_.push_back({origin, bytes.size(), 0});
}

void Http1HeldRuns::AddGap(std::uint64_t length, const ByteOrigin& origin) {
  if (!runs_.empty() && runs_.back().gap > 0) {
    runs_.back().gap += length;
  } else {
    runs_.push_back({origin, 0, length});
  }
}

void Http1HeldRuns::DropFirst() {
  text_.erase(0, runs_.front().size);
  runs_.erase(runs_.begin());
}

void Http1HeldRuns::Clear() {
  text_ = {};
  runs_ = {};
}

}  // namespace gotls
