// Bytes of one direction in, frames out: DATA as it comes, header blocks and the other frames in
// one piece.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "decode/decode_counters.h"
#include "decode/decoder.h"
#include "decode/http2/boundary_search.h"
#include "decode/http2/frame.h"
#include "decode/http2/held_bytes.h"

namespace gotls {

// A part of a DATA frame.
struct DataPiece {
  std::uint32_t stream = 0;
  Bytes bytes{};                 // without padding
  ByteOrigin origin{};           // of this part
  ByteOrigin frame{};            // of the frame
  std::uint64_t missing = 0;     // bytes that were not captured, then `bytes` is empty
  std::uint64_t skipped = 0;     // the same, since nobody wants them
  std::uint64_t left = 0;        // bytes of the frame that follow, without padding
  std::uint64_t wire_bytes = 0;  // that this part took, with frame header and padding
  bool end_stream = false;       // the stream's side ends behind this part
};

// HEADERS or PUSH_PROMISE with its CONTINUATIONs.
struct HeaderBlock {
  enum class State : std::uint8_t { kWhole, kGap, kTooLarge, kBroken };
  State state = State::kWhole;
  bool promise = false;          // PUSH_PROMISE: `promised` is the stream that will be
  bool end_stream = false;       // the stream's side ends with it
  std::uint32_t stream = 0;      //
  std::uint32_t promised = 0;    // 0: not known
  Bytes block;                   // only when kWhole
  std::uint64_t wire_bytes = 0;  // all of its frames
  ByteOrigin first;              // of the first byte
  WallTime last;                 // of the last one
};

// Where the frames of a direction stopped being known.
struct FrameLoss {
  std::uint64_t length = 0;  // bytes that were not captured; 0: the bytes are no frames
  ByteOrigin origin;
};

// References and bytes are valid during the call.
class FrameSink {
 public:
  virtual ~FrameSink() = default;
  virtual void OnData(Direction direction, const DataPiece& piece) = 0;
  virtual void OnHeaderBlock(Direction direction, const HeaderBlock& block) = 0;
  // The rest, whole or without its end (RST_STREAM, GOAWAY and SETTINGS matter).
  virtual void OnControl(Direction direction, const FrameHeader& header, Bytes payload,
                         const ByteOrigin& last) = 0;
  // From here on frames may be missing.
  virtual void OnLoss(Direction direction, const FrameLoss& loss) = 0;
  // A frame boundary was found again, and what was held since then has been read.
  virtual void OnFound(Direction direction) = 0;
};

class FrameReader {
 public:
  enum class Start : std::uint8_t { kPreface, kFrame, kUnknown };

  FrameReader(Direction direction, bool from_client, Start start, FrameSink& sink,
              DecodeCounters& counters);

  void OnData(Bytes bytes, const ByteOrigin& origin);
  void OnGap(std::uint64_t length, const ByteOrigin& origin);
  void OnSkipped(std::uint64_t length, const ByteOrigin& origin);
  // Frames are read as they come: nothing is held that is older than what the other direction said.
  bool InStep() const { return Reading() && !catching_up_; }

 private:
  enum class State : std::uint8_t { kPreface, kHeader, kData, kPayload, kSearch, kDead };

  bool Reading() const { return state_ != State::kSearch && state_ != State::kDead; }
  std::size_t Read(Bytes bytes, const ByteOrigin& origin);
  std::size_t Step(Bytes bytes, const ByteOrigin& origin);
  std::size_t StepPreface(Bytes bytes, const ByteOrigin& origin);
  std::size_t StepHeader(Bytes bytes, const ByteOrigin& origin);
  std::size_t StepData(Bytes bytes, const ByteOrigin& origin);
  std::size_t StepPayload(Bytes bytes, const ByteOrigin& origin);

  void BeginFrame(const ByteOrigin& origin);
  bool Fits(const FrameHeader& header) const;
  void EmitData(DataPiece piece);
  void FinishPayload(Bytes payload, const ByteOrigin& origin);
  void FinishFragment(Bytes payload, const ByteOrigin& origin);
  void AddFragment(Bytes fragment);
  void EmitBlock(Bytes block, const ByteOrigin& origin);
  std::uint64_t GapInData(std::uint64_t length, const ByteOrigin& origin);
  std::uint64_t GapInPayload(std::uint64_t length, const ByteOrigin& origin);

  void Lose(std::uint64_t length, const ByteOrigin& origin);
  void Hold(Bytes bytes, const ByteOrigin& origin);
  void SearchHeld();
  void Resume(std::uint64_t start, std::uint64_t sure);
  std::uint64_t ReadHeld(std::uint64_t offset, std::uint64_t end);

  const Direction direction_;
  const bool from_client_;
  FrameSink& sink_;
  DecodeCounters& counters_;

  State state_;
  bool strict_;  // the boundary was found, not known: what follows may still disprove it
  bool reading_held_ = false;
  bool catching_up_ = false;
  unsigned broken_ = 0;     // times that frames turned out to be none
  std::size_t filled_ = 0;  // of the preface or of head_
  std::array<std::byte, kFrameHeaderBytes> head_{};

  FrameHeader frame_;
  ByteOrigin frame_origin_;
  std::uint64_t left_ = 0;             // of the payload; DATA: without padding
  std::uint64_t pad_left_ = 0;         // DATA
  bool pad_unread_ = false;            // DATA: the byte that says how much padding there is
  bool header_counted_ = false;        // DATA: the frame header is in some piece's wire_bytes
  std::uint64_t payload_missing_ = 0;  // in gaps
  std::vector<std::byte> payload_;     // of a frame that came in several runs

  bool block_open_ = false;  // CONTINUATION has to follow
  HeaderBlock block_;
  std::vector<std::byte> fragments_;
  unsigned continuations_ = 0;

  BoundarySearch search_;
  HeldBytes held_;
};

}  // namespace gotls
