// The part of FrameReader that deals with what is lost: gaps, and finding a frame boundary again.
#include <algorithm>

#include "decode/http2/frame_reader.h"

namespace gotls {
namespace {

constexpr std::size_t kHeldStep = 16 << 10;
constexpr std::size_t kMaxHeld = kSearchWindow + kHeldStep + kFrameHeaderBytes;
// A direction whose frames turn out to be none that often has never been HTTP/2.
constexpr unsigned kMaxBroken = 64;

}  // namespace

void FrameReader::OnGap(std::uint64_t length, const ByteOrigin& origin) {
  if (length == 0 || state_ == State::kDead) return;
  if (state_ == State::kSearch) {
    held_.Clear();
    search_.Restart();
    return;
  }
  std::uint64_t inside = 0;
  if (state_ == State::kData && !pad_unread_) inside = GapInData(length, origin);
  if (state_ == State::kPayload) inside = GapInPayload(length, origin);
  if (inside < length) Lose(length - inside, OriginAt(origin, inside));
}

// What was asked for is inside one DATA frame.
void FrameReader::OnSkipped(std::uint64_t length, const ByteOrigin& origin) {
  const bool inside = state_ == State::kData && !pad_unread_ && length <= left_;
  if (!inside) return OnGap(length, origin);
  left_ -= length;
  EmitData({.origin = origin, .skipped = length, .wire_bytes = length});
}

// Both answer how much of the gap is inside the frame: that much is known exactly.
std::uint64_t FrameReader::GapInData(std::uint64_t length, const ByteOrigin& origin) {
  const std::uint64_t data = std::min(length, left_);
  const std::uint64_t pad = std::min(length - data, pad_left_);
  left_ -= data;
  pad_left_ -= pad;
  EmitData({.origin = origin, .missing = data});
  return data + pad;
}

std::uint64_t FrameReader::GapInPayload(std::uint64_t length, const ByteOrigin& origin) {
  const std::uint64_t inside = std::min(length, left_);
  left_ -= inside;
  payload_missing_ += inside;
  if (left_ == 0) FinishPayload(payload_, origin);
  return inside;
}

void FrameReader::Lose(std::uint64_t length, const ByteOrigin& origin) {
  if (block_open_ && state_ != State::kPreface) {
    block_open_ = false;
    block_.state = length != 0 ? HeaderBlock::State::kGap : HeaderBlock::State::kBroken;
    EmitBlock({}, origin);
  }
  strict_ = true;
  filled_ = 0;
  if (!reading_held_) {
    held_.Clear();
    search_.Restart();
  }
  state_ = State::kSearch;
  if (length == 0 && ++broken_ > kMaxBroken) {
    ++counters_.decode_limits;
    state_ = State::kDead;
  }
  sink_.OnLoss(direction_, {length, origin});
}

void FrameReader::Hold(Bytes bytes, const ByteOrigin& origin) {
  for (std::size_t at = 0; at < bytes.size();) {
    if (state_ != State::kSearch) {
      const std::size_t used = Read(bytes.subspan(at), OriginAt(origin, at));
      at += used;
      if (state_ == State::kDead) return;
      continue;
    }
    const std::size_t size = std::min(bytes.size() - at, kHeldStep);
    held_.Append(bytes.subspan(at, size), OriginAt(origin, at));
    at += size;
    SearchHeld();
  }
}

void FrameReader::SearchHeld() {
  while (state_ == State::kSearch) {
    const auto start = search_.Look(held_);
    if (!start) break;
    Resume(*start, search_.at());
  }
  if (state_ != State::kSearch) {
    held_.Clear();
    search_.Restart();
  } else if (held_.size() > kMaxHeld) {
    held_.DropTo(held_.end() - kMaxHeld);
  }
}

// From `sure` on the bytes are no older than those of the other direction: no evidence was missing
// but theirs.
void FrameReader::Resume(std::uint64_t start, std::uint64_t sure) {
  ++counters_.decode_resyncs;
  state_ = State::kHeader;
  filled_ = 0;
  reading_held_ = true;
  catching_up_ = true;
  std::uint64_t offset = ReadHeld(start, sure);
  catching_up_ = false;
  if (Reading()) {
    sink_.OnFound(direction_);
    offset = ReadHeld(offset, held_.end());
  }
  reading_held_ = false;
  if (state_ != State::kSearch) return;
  held_.DropTo(offset);
  search_.Restart(offset);
}

// Answers how far it got.
std::uint64_t FrameReader::ReadHeld(std::uint64_t offset, std::uint64_t end) {
  while (offset < end && Reading()) {
    const HeldBytes::Run run = held_.RunFrom(offset);
    offset +=
        Read(run.bytes.first(std::min<std::uint64_t>(run.bytes.size(), end - offset)), run.origin);
  }
  return offset;
}

}  // namespace gotls
