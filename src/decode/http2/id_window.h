// Which streams may turn up without their beginning having been seen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_set>

namespace gotls {

// Of the streams that one side opens. Their ids only grow, so once the beginning of one was seen,
// all that begin later are seen too, until frames are lost again. A stream that has ended does not
// turn up again.
class IdWindow {
 public:
  explicit IdWindow(bool joined) : end_(joined ? kNoEnd : 0) {}

  // The next one that begins is seen to begin.
  bool Sure() const { return end_ != kNoEnd; }
  // Later than all that were seen to begin, and not ended already.
  bool IsNew(std::uint32_t id) const {
    return id > highest_ && (ended_.empty() || !ended_.contains(id));
  }
  // It may have begun unseen, and still be there.
  bool MayBeOpen(std::uint32_t id) const {
    return id >= begin_ && id < end_ && ended_.size() < kMaxEnded && !ended_.contains(id);
  }

  void OnBegin(std::uint32_t id) {
    if (end_ == kNoEnd) end_ = id;
    if (id > highest_) highest_ = id;
  }
  void OnEnd(std::uint32_t id) {
    const bool may_come_again = id > highest_ || (id >= begin_ && id < end_);
    if (may_come_again && ended_.size() < kMaxEnded) ended_.insert(id);
  }
  void OnLoss() {
    if (end_ == kNoEnd) return;
    begin_ = highest_ + 1;
    end_ = kNoEnd;
    ended_.clear();
  }

 private:
  static constexpr std::uint64_t kNoEnd = UINT64_MAX;
  static constexpr std::size_t kMaxEnded = 8192;

  std::uint64_t begin_ = 1;
  std::uint64_t end_;
  std::uint32_t highest_ = 0;
  std::unordered_set<std::uint32_t> ended_;  // of those that could turn up again
};

}  // namespace gotls
