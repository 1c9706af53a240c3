// Finds frames in the bytes of a direction whose frame boundaries are not known.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "decode/http2/frame.h"
#include "decode/http2/held_bytes.h"

namespace gotls {

// How much a believable frame header speaks for there being frames: about the number of bits by
// which the bytes of a body fall short of it, be the body of few different bytes, zeros among them.
// `before` is the stream that the frames before were of, 0: none.
int HeaderEvidence(const FrameHeader& header, std::uint32_t before);
// How much its payload adds, nothing when it can't be one. `payload` is all of it.
std::optional<int> PayloadEvidence(const FrameHeader& header, Bytes payload, bool from_client);
inline constexpr int kEnoughEvidence = 36;

// A search looks back no further.
inline constexpr std::uint64_t kSearchWindow = 40 << 10;

// Follows chains of frames (each starts where the one before ends) from every byte at which one can
// start, until the evidence for one of them is enough. DATA says little for itself, so it takes
// several of it; a request or a response and what follows it are enough. Work for a byte is
// bounded.
class BoundarySearch {
 public:
  explicit BoundarySearch(bool from_client) : from_client_(from_client) {}

  // The held bytes begin anew.
  void Restart(std::uint64_t offset = 0);
  // Looks at what was held since the last call; the window before that is held too. A frame from
  // which on all is sure.
  std::optional<std::uint64_t> Look(const HeldBytes& held);
  // How far it looked: behind a find, where the evidence was enough.
  std::uint64_t at() const { return at_; }

 private:
  static constexpr std::size_t kMaxChains = 24;
  static constexpr std::uint64_t kNone = UINT64_MAX;
  struct Chain {
    // Where reading can start: not with DATA, which may be a body's bytes that happen to end where
    // the first real frame begins.
    std::uint64_t start = kNone;
    std::uint64_t last = 0;  // its last frame so far
    std::uint64_t next = 0;  // where that ends
    FrameHeader header;
    std::uint32_t stream = 0;  // that a frame was of last
    int evidence = 0;
  };

  Chain* Expected();
  bool Extend(Chain& chain, const FrameHeader& header, const HeldBytes& held);
  bool InWindow(std::uint64_t offset) const { return offset + kSearchWindow >= at_; }
  void Add(const Chain& chain);
  void Remove(Chain& chain);
  void FindSoonest();

  bool from_client_;
  std::uint64_t at_ = 0;
  std::uint64_t soonest_ = UINT64_MAX;  // `next` of the chain that has the lowest
  std::array<Chain, kMaxChains> chains_;
  std::size_t count_ = 0;
};

// The part of a HEADERS or PUSH_PROMISE payload that is header block, without padding, priority and
// the promised stream; nothing when it does not add up.
std::optional<Bytes> BlockFragment(const FrameHeader& header, Bytes payload);

}  // namespace gotls
