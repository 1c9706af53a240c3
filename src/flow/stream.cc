#include "flow/stream.h"

#include <algorithm>
#include <utility>

namespace gotls {
namespace {

// kGapNotSent alone marks a correction, never a gap.
constexpr std::uint8_t kGapMask = kGapRingFull | kGapUnreadable | kGapCapped | kGapSkipped;

// What a held chunk takes: one of few bytes is mostly overhead.
std::uint64_t HoldCost(std::size_t payload) { return payload + 128; }

}  // namespace

void Stream::Push(const DataEvent& data, std::uint64_t now, const Delivery& to) {
  const gotls_data_event& fields = data.fields;
  if (fields.position > next_) {
    if (fields.flags & GOTLS_DATA_UNORDERED) return Hold(data, now, to);
    ReleaseThrough(fields.position - 1, to);
  }
  Deliver({fields.position, data.payload, fields.goid, fields.header.time, fields.header.tid,
           fields.loss, fields.flags},
          to);
  DeliverFollowers(to);
}

void Stream::Hold(const DataEvent& data, std::uint64_t now, const Delivery& to) {
  const gotls_data_event& fields = data.fields;
  const std::uint64_t deadline = SaturatingAdd(now, kHoldNs);
  if (held_.empty()) deadline_ = deadline;
  held_.emplace(fields.position, Held{{data.payload.begin(), data.payload.end()},
                                      fields.goid,
                                      fields.header.time,
                                      deadline,
                                      fields.header.tid,
                                      fields.loss});
  held_bytes_ += HoldCost(data.payload.size());
  budget_.bytes += HoldCost(data.payload.size());
  while (OverLimits()) {
    ++to.counters.flow_waits_ended;
    DeliverFirstHeld(to);
    DeliverFollowers(to);
  }
}

bool Stream::OverLimits() const {
  if (held_.empty()) return false;
  return held_.size() > budget_.limits.chunks || held_bytes_ > budget_.limits.bytes ||
         budget_.bytes > budget_.limits.bytes_in_all;
}

void Stream::Expire(std::uint64_t now, const Delivery& to) {
  if (held_.empty() || deadline_ > now) return;
  const auto last = std::find_if(held_.rbegin(), held_.rend(),
                                 [now](const auto& held) { return held.second.deadline <= now; });
  if (last != held_.rend()) {
    ++to.counters.flow_waits_ended;
    ReleaseThrough(last->first, to);
  }
  deadline_ = std::numeric_limits<std::uint64_t>::max();
  for (const auto& [position, held] : held_) deadline_ = std::min(deadline_, held.deadline);
}

void Stream::NotSent(const gotls_not_sent_event& event, const Delivery& to) {
  // The whole Write has its positions: what was not captured of it is a gap now, not at the next
  // chunk.
  Finish(SaturatingAdd(event.position, event.length), event.loss, event.header.time, to);
  totals_.not_sent = SaturatingAdd(totals_.not_sent, event.length);
  const Gap gap{direction_, StreamPosition{event.position}, event.length, kGapNotSent,
                to.clock.At(event.header.time)};
  to.observer.OnGap(to.connection, gap);
}

void Stream::Finish(std::uint64_t end, std::uint8_t loss, std::uint64_t time, const Delivery& to) {
  ReleaseThrough(std::numeric_limits<std::uint64_t>::max(), to);
  if (end > next_) DeliverGap(end, loss, time, to);
}

void Stream::Deliver(Piece piece, const Delivery& to) {
  if (piece.position > next_) DeliverGap(piece.position, piece.loss, piece.time, to);
  if (piece.position < next_) {
    ++to.counters.flow_overlaps;
    const std::uint64_t known = next_ - piece.position;
    if (known >= piece.data.size()) return;
    piece.data = piece.data.subspan(known);
    piece.position = next_;
  }
  next_ += piece.data.size();
  totals_.captured += piece.data.size();
  ++totals_.chunks;
  const Chunk chunk{.direction = direction_,
                    .position = StreamPosition{piece.position},
                    .data = piece.data,
                    .goroutine = piece.goroutine,
                    .thread = piece.thread,
                    .time = to.clock.At(piece.time),
                    .at_return = (piece.flags & GOTLS_DATA_UNORDERED) != 0,
                    .before_first_write = (piece.flags & GOTLS_DATA_BEFORE_FIRST_WRITE) != 0};
  to.observer.OnChunk(to.connection, chunk);
}

void Stream::DeliverGap(std::uint64_t end, std::uint8_t loss, std::uint64_t time,
                        const Delivery& to) {
  auto reasons = static_cast<std::uint8_t>(loss & kGapMask);
  if (reasons == kGapCapped && end <= unwanted_) reasons = kGapSkipped;
  const Gap gap{direction_, StreamPosition{next_}, end - next_, reasons, to.clock.At(time)};
  next_ = end;
  (gap.reasons == kGapSkipped ? totals_.skipped : totals_.missing) += gap.length;
  to.observer.OnGap(to.connection, gap);
}

void Stream::DeliverFirstHeld(const Delivery& to) {
  const HeldMap::node_type node = held_.extract(held_.begin());
  const Held& held = node.mapped();
  held_bytes_ -= HoldCost(held.data.size());
  budget_.bytes -= HoldCost(held.data.size());
  Deliver({node.key(), held.data, held.goroutine, held.time, held.thread, held.loss,
           GOTLS_DATA_UNORDERED},
          to);
}

void Stream::ReleaseThrough(std::uint64_t position, const Delivery& to) {
  while (!held_.empty() && held_.begin()->first <= position) DeliverFirstHeld(to);
  DeliverFollowers(to);
}

void Stream::DeliverFollowers(const Delivery& to) {
  while (!held_.empty() && held_.begin()->first <= next_) DeliverFirstHeld(to);
}

}  // namespace gotls
