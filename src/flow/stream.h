// One direction of one connection: bytes by position, in order, with explicit gaps.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <vector>

#include "flow/event_reader.h"
#include "flow/flow_counters.h"
#include "flow/flow_observer.h"

namespace gotls {

inline constexpr std::uint64_t kHoldNs = 250'000'000;  // how long a chunk waits for those before it

// a + b, or the largest number.
constexpr std::uint64_t SaturatingAdd(std::uint64_t a, std::uint64_t b) {
  const auto max = std::numeric_limits<std::uint64_t>::max();
  return b > max - a ? max : a + b;
}

// Kernel time to wall time. Any 64-bit value gives some wall time: recordings can hold anything.
struct WallClock {
  std::int64_t offset_ns = 0;  // CLOCK_REALTIME - CLOCK_MONOTONIC
  [[nodiscard]] WallTime At(std::uint64_t kernel_ns) const {
    return WallTime{std::chrono::nanoseconds{
        static_cast<std::int64_t>(kernel_ns + static_cast<std::uint64_t>(offset_ns))}};
  }
};

// Bounds on what waits, for each direction and for all together.
struct HoldLimits {
  std::size_t chunks = 1024;
  std::uint64_t bytes = 4 << 20;
  std::uint64_t bytes_in_all = 64 << 20;
};

// Shared by the streams of one Flow.
struct HoldBudget {
  HoldLimits limits;
  std::uint64_t bytes = 0;  // held by all streams together
};

// Where a stream's records go.
struct Delivery {
  FlowObserver& observer;
  const Connection& connection;
  WallClock clock;
  FlowCounters& counters;
};

// Chunks in order pass through without a copy. A chunk that is ahead of its predecessors, and says
// that order was not guaranteed (classic plan), is copied and waits for them; see Flow for when it
// stops to wait.
class Stream {
 public:
  Stream(Direction direction, HoldBudget& budget) : direction_(direction), budget_(budget) {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { budget_.bytes -= held_bytes_; }

  // `now` is the latest event time, `data` an event of this direction.
  void Push(const DataEvent& data, std::uint64_t now, const Delivery& to);

  // Passes on what has waited for kHoldNs.
  void Expire(std::uint64_t now, const Delivery& to);

  // Bytes up to `position` + `length` were given to Write; those from `position` on were not sent.
  void NotSent(const gotls_not_sent_event& event, const Delivery& to);

  // Passes on all that waits; then what is missing up to `end` is a gap.
  void Finish(std::uint64_t end, std::uint8_t loss, std::uint64_t time, const Delivery& to);

  // Bytes below `end` are not wanted.
  void SkipUntil(StreamPosition end) { unwanted_ = end.value; }

  // When Expire is due; may be early.
  [[nodiscard]] std::optional<std::uint64_t> deadline() const {
    return held_.empty() ? std::nullopt : std::optional(deadline_);
  }
  [[nodiscard]] std::uint64_t next_position() const { return next_; }
  [[nodiscard]] const StreamTotals& totals() const { return totals_; }
  void ResetTotals() { totals_ = {}; }

 private:
  // A chunk apart from the event that brought it.
  struct Piece {
    std::uint64_t position;
    Bytes data;
    std::uint64_t goroutine;
    std::uint64_t time;
    std::uint32_t thread;
    std::uint8_t loss;
    std::uint8_t flags;  // gotls_data_flags
  };
  struct Held {
    std::vector<std::byte> data;
    std::uint64_t goroutine;
    std::uint64_t time;
    std::uint64_t deadline;
    std::uint32_t thread;
    std::uint8_t loss;
  };
  using HeldMap = std::multimap<std::uint64_t, Held>;  // by position

  void Hold(const DataEvent& data, std::uint64_t now, const Delivery& to);
  [[nodiscard]] bool OverLimits() const;
  void Deliver(Piece piece, const Delivery& to);
  void DeliverGap(std::uint64_t end, std::uint8_t loss, std::uint64_t time, const Delivery& to);
  void DeliverFirstHeld(const Delivery& to);
  // Held chunks that begin at or before `position`, and all that then follow without a hole.
  void ReleaseThrough(std::uint64_t position, const Delivery& to);
  void DeliverFollowers(const Delivery& to);

  Direction direction_;
  HoldBudget& budget_;
  std::uint64_t next_ =
      0;  // position of the first byte that is neither delivered nor announced as missing
  std::uint64_t unwanted_ = 0;  // bytes below this position
  StreamTotals totals_;
  HeldMap held_;
  std::uint64_t held_bytes_ = 0;
  std::uint64_t deadline_ = 0;  // no held chunk's deadline is earlier
};

}  // namespace gotls
