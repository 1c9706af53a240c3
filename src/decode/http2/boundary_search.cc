#include "decode/http2/boundary_search.h"

#include <algorithm>

#include "decode/http2/hpack_scan.h"

namespace gotls {
namespace {

constexpr std::uint32_t kShortData = 512;
// Ids of streams are smaller on all but the longest connections.
constexpr std::uint32_t kManyStreams = 1 << 24;
constexpr std::size_t kTypeOffset = 3;

bool CanStart(const FrameHeader& header) { return header.type <= FrameType::kWindowUpdate; }

bool BlockIsOpen(const FrameHeader& header) {
  return (header.type == FrameType::kHeaders || header.type == FrameType::kPushPromise ||
          header.type == FrameType::kContinuation) &&
         !header.Has(kFlagEndHeaders);
}

bool CanFollow(const FrameHeader& header, const FrameHeader& before) {
  if (BlockIsOpen(before)) {
    return header.type == FrameType::kContinuation && header.stream == before.stream;
  }
  return header.type != FrameType::kContinuation;
}

}  // namespace

int HeaderEvidence(const FrameHeader& header, std::uint32_t before) {
  const bool same_stream = header.stream == before;
  const int far = !same_stream && header.stream >= kManyStreams ? 4 : 0;
  switch (header.type) {
    case FrameType::kData:
      return (same_stream ? 10 : 5) - far;
    case FrameType::kHeaders:
    case FrameType::kPushPromise:
    case FrameType::kContinuation:
      return 15 - far;
    case FrameType::kSettings:
      return header.Has(kFlagAck) ? 18 : 8;
    case FrameType::kPing:
      return 20;
    case FrameType::kPriority:
    case FrameType::kRstStream:
    case FrameType::kWindowUpdate:
      return 14 - far;
    default:
      return 8;
  }
}

std::optional<int> PayloadEvidence(const FrameHeader& header, Bytes payload, bool from_client) {
  if (!IsBelievablePayload(header, payload)) return std::nullopt;
  switch (header.type) {
    case FrameType::kHeaders: {
      const auto block = BlockFragment(header, payload);
      if (!block) return std::nullopt;
      if (!header.Has(kFlagEndHeaders)) return 0;
      const auto shape = ScanHeaderBlock(*block);
      if (!shape) return std::nullopt;
      const bool is_head = from_client ? shape->request_pseudo >= 2 : shape->response_pseudo == 1;
      return is_head ? 8 : 4;
    }
    case FrameType::kRstStream:
    case FrameType::kSettings:
    case FrameType::kGoaway:
      return header.length == 0 ? 0 : 8;
    case FrameType::kWindowUpdate:
      return 4;
    default:
      return 0;
  }
}

std::optional<Bytes> BlockFragment(const FrameHeader& header, Bytes payload) {
  std::size_t front = 0;
  std::size_t back = 0;
  if (header.Has(kFlagPadded)) {
    if (payload.empty()) return std::nullopt;
    back = std::to_integer<std::size_t>(payload[0]);
    front = 1;
  }
  if (header.type == FrameType::kHeaders && header.Has(kFlagPriority)) front += 5;
  if (header.type == FrameType::kPushPromise) front += 4;
  if (front + back > payload.size()) return std::nullopt;
  return payload.subspan(front, payload.size() - front - back);
}

void BoundarySearch::Restart(std::uint64_t offset) {
  at_ = offset;
  count_ = 0;
  soonest_ = UINT64_MAX;
}

std::optional<std::uint64_t> BoundarySearch::Look(const HeldBytes& held) {
  const Bytes bytes = held.From(at_);
  const std::uint64_t base = at_;
  while (at_ + kFrameHeaderBytes <= held.end()) {
    const Bytes here = bytes.subspan(at_ - base);
    const bool expected = at_ == soonest_;
    // Nearly all bytes of a body are done with here.
    if (!expected && std::to_integer<std::uint8_t>(here[kTypeOffset]) > 8) {
      ++at_;
      continue;
    }
    const FrameHeader header = ParseFrameHeader(here);
    const bool believable = IsBelievable(header, from_client_);
    if (expected) {
      Chain* chain = Expected();
      Chain extended = *chain;
      Remove(*chain);
      if (believable && Extend(extended, header, held)) {
        if (extended.evidence >= kEnoughEvidence) {
          const bool usable = extended.start != kNone && InWindow(extended.start);
          return usable ? extended.start : extended.last;
        }
        Add(extended);
        ++at_;
        continue;
      }
    }
    if (believable && CanStart(header)) {
      Add({.start = header.type == FrameType::kData ? kNone : at_,
           .last = at_,
           .next = at_ + kFrameHeaderBytes + header.length,
           .header = header,
           .stream = header.stream,
           .evidence = HeaderEvidence(header, 0)});
    }
    ++at_;
  }
  return std::nullopt;
}

BoundarySearch::Chain* BoundarySearch::Expected() {
  return std::find_if(chains_.begin(), chains_.begin() + count_,
                      [this](const Chain& chain) { return chain.next == at_; });
}

// The chain's last frame is there in full, and `header` is what comes after it.
bool BoundarySearch::Extend(Chain& chain, const FrameHeader& header, const HeldBytes& held) {
  if (!CanFollow(header, chain.header)) return false;
  const std::uint64_t payload = chain.last + kFrameHeaderBytes;
  if (InWindow(payload)) {
    const auto more =
        PayloadEvidence(chain.header, held.From(payload).first(chain.header.length), from_client_);
    if (!more) return false;
    chain.evidence += *more;
  }
  // What repeats at a short distance may be the body's own pattern.
  const bool repeats = header == chain.header && header.length < kShortData;
  chain.evidence += repeats ? 1 : HeaderEvidence(header, chain.stream);
  if (header.stream != 0) chain.stream = header.stream;
  if (chain.start == kNone && header.type != FrameType::kData) chain.start = at_;
  chain.last = at_;
  chain.next = at_ + kFrameHeaderBytes + header.length;
  chain.header = header;
  return true;
}

// Two chains that go on at the same place are one: the longer. When there is no room, the one with
// the least evidence has to go.
void BoundarySearch::Add(const Chain& chain) {
  Chain* const end = chains_.data() + count_;
  Chain* place = std::find_if(chains_.data(), end,
                              [&](const Chain& other) { return other.next == chain.next; });
  if (place == end) {
    if (count_ < kMaxChains) {
      ++count_;
    } else {
      place = std::min_element(chains_.data(), end, [](const Chain& a, const Chain& b) {
        return a.evidence < b.evidence;
      });
      if (place->evidence > chain.evidence) return;
    }
    *place = chain;
  } else if (place->evidence < chain.evidence) {
    *place = chain;
  }
  FindSoonest();
}

void BoundarySearch::Remove(Chain& chain) {
  chain = chains_[--count_];
  FindSoonest();
}

void BoundarySearch::FindSoonest() {
  soonest_ = UINT64_MAX;
  for (std::size_t i = 0; i < count_; ++i) soonest_ = std::min(soonest_, chains_[i].next);
}

}  // namespace gotls
