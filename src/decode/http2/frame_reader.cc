#include "decode/http2/frame_reader.h"

#include <algorithm>

namespace gotls {
namespace {

constexpr std::size_t kMaxBlock = 256 << 10;
constexpr unsigned kMaxContinuations = 1024;
// Of GOAWAY's debug data, and of frames that are none of ours.
constexpr std::size_t kMaxControl = 4096;

bool BeginsBlock(FrameType type) {
  return type == FrameType::kHeaders || type == FrameType::kPushPromise;
}

bool CarriesBlock(FrameType type) { return BeginsBlock(type) || type == FrameType::kContinuation; }

bool IsDefined(FrameType type) {
  return type <= FrameType::kAltSvc || type == FrameType::kOrigin ||
         type == FrameType::kPriorityUpdate;
}

}  // namespace

FrameReader::FrameReader(Direction direction, bool from_client, Start start, FrameSink& sink,
                         DecodeCounters& counters)
    : direction_(direction),
      from_client_(from_client),
      sink_(sink),
      counters_(counters),
      state_(start == Start::kPreface ? State::kPreface
             : start == Start::kFrame ? State::kHeader
                                      : State::kSearch),
      strict_(start == Start::kUnknown),
      search_(from_client) {}

void FrameReader::OnData(Bytes bytes, const ByteOrigin& origin) {
  const std::size_t used = Read(bytes, origin);
  if (state_ == State::kSearch) Hold(bytes.subspan(used), OriginAt(origin, used));
}

// How much of it was read: less than all when frames were lost.
std::size_t FrameReader::Read(Bytes bytes, const ByteOrigin& origin) {
  std::size_t used = 0;
  while (used < bytes.size() && Reading()) {
    used += Step(bytes.subspan(used), OriginAt(origin, used));
  }
  return used;
}

std::size_t FrameReader::Step(Bytes bytes, const ByteOrigin& origin) {
  switch (state_) {
    case State::kPreface:
      return StepPreface(bytes, origin);
    case State::kHeader:
      return StepHeader(bytes, origin);
    case State::kData:
      return StepData(bytes, origin);
    default:
      return StepPayload(bytes, origin);
  }
}

std::size_t FrameReader::StepPreface(Bytes bytes, const ByteOrigin& origin) {
  const auto expected = kHttp2Preface.substr(filled_);
  const std::size_t size = std::min(bytes.size(), expected.size());
  if (AsText(bytes.first(size)) != expected.substr(0, size)) {
    Lose(0, origin);
    return 0;
  }
  filled_ += size;
  if (filled_ == kHttp2Preface.size()) {
    filled_ = 0;
    state_ = State::kHeader;
  }
  return size;
}

std::size_t FrameReader::StepHeader(Bytes bytes, const ByteOrigin& origin) {
  if (filled_ == 0) frame_origin_ = origin;
  const std::size_t size = std::min(bytes.size(), kFrameHeaderBytes - filled_);
  Bytes head = bytes;
  if (filled_ != 0 || size < kFrameHeaderBytes) {
    std::copy_n(bytes.begin(), size, head_.begin() + static_cast<std::ptrdiff_t>(filled_));
    filled_ += size;
    if (filled_ < kFrameHeaderBytes) return size;
    head = head_;
  }
  filled_ = 0;
  frame_ = ParseFrameHeader(head);
  BeginFrame(OriginAt(origin, size - 1));
  return size;
}

// `origin` is that of the header's last byte.
void FrameReader::BeginFrame(const ByteOrigin& origin) {
  if (!Fits(frame_)) {
    // The header itself is not looked at again: the search must come forward.
    Lose(0, frame_origin_);
    return;
  }
  left_ = frame_.length;
  if (frame_.type == FrameType::kData) {
    state_ = State::kData;
    pad_unread_ = frame_.Has(kFlagPadded);
    pad_left_ = 0;
    header_counted_ = false;
    if (left_ == 0 && !pad_unread_) EmitData({.origin = OriginAt(origin, 1)});
    if (left_ == 0 && pad_unread_) Lose(0, frame_origin_);
    return;
  }
  state_ = State::kPayload;
  payload_missing_ = 0;
  payload_.clear();
  if (BeginsBlock(frame_.type)) {
    block_ = {};
    block_.promise = frame_.type == FrameType::kPushPromise;
    block_.end_stream = !block_.promise && frame_.Has(kFlagEndStream);
    block_.stream = frame_.stream;
    block_.first = frame_origin_;
    fragments_.clear();
    continuations_ = 0;
  }
  if (left_ == 0) FinishPayload({}, origin);
}

bool FrameReader::Fits(const FrameHeader& header) const {
  if (!IsLegal(header, from_client_)) return false;
  if (block_open_) {
    return header.type == FrameType::kContinuation && header.stream == block_.stream;
  }
  if (header.type == FrameType::kContinuation) return false;
  return !strict_ || (!header.reserved && IsDefined(header.type));
}

std::size_t FrameReader::StepData(Bytes bytes, const ByteOrigin& origin) {
  if (pad_unread_) {
    pad_unread_ = false;
    pad_left_ = std::to_integer<std::uint64_t>(bytes[0]);
    --left_;
    if (pad_left_ > left_) {
      Lose(0, origin);
      return 1;
    }
    left_ -= pad_left_;
    EmitData({.origin = OriginAt(origin, 1), .wire_bytes = 1});
    return 1;
  }
  const std::size_t data = std::min<std::uint64_t>(bytes.size(), left_);
  const std::size_t pad = std::min<std::uint64_t>(bytes.size() - data, pad_left_);
  left_ -= data;
  pad_left_ -= pad;
  EmitData({.bytes = bytes.first(data), .origin = origin, .wire_bytes = data + pad});
  return data + pad;
}

// `piece` says what was read, skipped or missed just now, and how many bytes of the payload that
// took.
void FrameReader::EmitData(DataPiece piece) {
  const bool ended = left_ == 0 && pad_left_ == 0;
  if (ended) state_ = State::kHeader;
  if (!header_counted_) piece.wire_bytes += kFrameHeaderBytes;
  header_counted_ = true;
  piece.stream = frame_.stream;
  piece.frame = frame_origin_;
  piece.left = left_;
  piece.end_stream = ended && frame_.Has(kFlagEndStream);
  sink_.OnData(direction_, piece);
}

std::size_t FrameReader::StepPayload(Bytes bytes, const ByteOrigin& origin) {
  const std::size_t size = std::min<std::uint64_t>(bytes.size(), left_);
  const Bytes part = bytes.first(size);
  const ByteOrigin last = OriginAt(origin, size - 1);
  left_ -= size;
  if (left_ == 0 && payload_.empty() && payload_missing_ == 0) {
    FinishPayload(part, last);
    return size;
  }
  const std::size_t most = CarriesBlock(frame_.type) ? kMaxBlock + 1 : kMaxControl;
  const Bytes kept = part.first(std::min(size, most - std::min(most, payload_.size())));
  if (payload_missing_ == 0) payload_.insert(payload_.end(), kept.begin(), kept.end());
  if (left_ == 0) FinishPayload(payload_, last);
  return size;
}

// `origin` is that of the frame's last byte.
void FrameReader::FinishPayload(Bytes payload, const ByteOrigin& origin) {
  state_ = State::kHeader;
  if (CarriesBlock(frame_.type)) return FinishFragment(payload, origin);
  sink_.OnControl(direction_, frame_, payload.first(std::min(payload.size(), kMaxControl)), origin);
}

void FrameReader::FinishFragment(Bytes payload, const ByteOrigin& origin) {
  using enum HeaderBlock::State;
  block_.wire_bytes += kFrameHeaderBytes + frame_.length - payload_missing_;
  Bytes fragment = payload;
  if (payload_missing_ != 0) {
    block_.state = kGap;
  } else if (payload.size() > kMaxBlock || ++continuations_ > kMaxContinuations) {
    if (block_.state == kWhole) block_.state = kTooLarge;
  } else if (BeginsBlock(frame_.type)) {
    const auto inner = BlockFragment(frame_, payload);
    if (!inner) {
      block_.state = kBroken;
    } else {
      fragment = *inner;
      if (block_.promise) {
        block_.promised =
            BigEndian32(payload.subspan(frame_.Has(kFlagPadded) ? 1 : 0)) & 0x7fffffff;
      }
    }
  }
  const bool last = frame_.Has(kFlagEndHeaders);
  const bool alone = last && !block_open_;
  block_open_ = !last;
  if (block_.state == kWhole && !alone) AddFragment(fragment);
  if (last) EmitBlock(alone ? fragment : Bytes(fragments_), origin);
}

void FrameReader::AddFragment(Bytes fragment) {
  if (fragments_.size() + fragment.size() > kMaxBlock) {
    block_.state = HeaderBlock::State::kTooLarge;
    fragments_.clear();
    return;
  }
  fragments_.insert(fragments_.end(), fragment.begin(), fragment.end());
}

void FrameReader::EmitBlock(Bytes block, const ByteOrigin& origin) {
  if (block_.state == HeaderBlock::State::kTooLarge) ++counters_.decode_limits;
  block_.last = origin.time;
  if (block_.state == HeaderBlock::State::kWhole) block_.block = block;
  sink_.OnHeaderBlock(direction_, block_);
}

}  // namespace gotls
