#include "decode/message/websocket_parser.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "decode/message/held_runs.h"
#include "decode/message/permessage_deflate.h"
#include "decode/message/websocket_frame.h"
#include "decode/message/websocket_message.h"

namespace gotls {
namespace {

// Fewer than one in 16 million runs of random bytes pass for frames.
constexpr unsigned kSure = 24;

class WebSocketParser final : public MessageParser {
 public:
  explicit WebSocketParser(MessageOutput output)
      : output_(std::move(output)), data_(output_), control_(output_), lost_(output_) {}

  void Push(Bytes bytes, const ByteOrigin& origin) override {
    if (state_ == State::kLost) {
      FindFrames(bytes, origin);
    } else {
      Parse(bytes, origin);
    }
  }

  void Gap(std::uint64_t length, const ByteOrigin& origin) override {
    if (length == 0) return;
    if (state_ == State::kPayload) {
      const std::uint64_t inside = std::min(left_, length);
      if (frame_.IsControl()) {
        control_.Gap(inside, origin.time);
      } else {
        data_.Gap(inside, origin.time);
      }
      TakePayload(inside);
      length -= inside;
      if (length == 0) return;
    }
    if (state_ == State::kHead) {
      Lose(State::kLost, "bytes are missing where a frame begins", origin);
    }
    GiveUpHeld();
    lost_.Gap(length, origin.time);
  }

  void End() override {
    GiveUpHeld();
    if (control_.begun()) control_.Deliver(false);
    if (data_.begun()) data_.Deliver(false);
    if (head_size_ > 0) Lose(State::kBroken, "ends inside a frame's head", head_origin_);
    lost_.End();
  }

 private:
  enum class State : std::uint8_t {
    kHead,
    kPayload,
    kLost,    // a gap hid where the next frame begins
    kBroken,  // these are no frames
  };

  void Parse(Bytes bytes, const ByteOrigin& origin) {
    while (!bytes.empty()) {
      switch (state_) {
        case State::kHead:
          PushHead(bytes, origin);
          break;
        case State::kPayload:
          PushPayload(bytes, origin.time);
          break;
        case State::kLost:
        case State::kBroken:
          lost_.Push(bytes, origin.time);
          return;
      }
    }
  }

  void PushHead(Bytes& bytes, const ByteOrigin& origin) {
    if (head_size_ == 0) head_origin_ = origin;
    for (;;) {
      const std::size_t needed = head_size_ < 2 ? 2 : WebSocketHeadSize(head_);
      if (head_size_ == needed) break;
      if (bytes.empty()) return;
      head_[head_size_++] = bytes.front();
      bytes = bytes.subspan(1);
    }
    frame_ = ParseWebSocketHead(Bytes(head_).first(head_size_));
    if (const auto breach = FrameBreach(); !breach.empty()) {
      ++output_.counters().decode_malformed;
      Lose(State::kBroken, "not WebSocket: " + std::string(breach), origin);
      return;
    }
    head_size_ = 0;
    BeginPayload();
  }

  std::string_view FrameBreach() {
    data_.Prepare();
    if (const auto breach = WebSocketBreach(frame_, data_.rsv1()); !breach.empty()) return breach;
    if (frame_.IsControl()) return {};
    const bool continues = frame_.opcode == WebSocketOpcode::kContinuation;
    if (!continues && data_.begun()) return "a message inside another one";
    if (continues && !data_.begun() && !resynced_) return "a continuation of nothing";
    return {};
  }

  void BeginPayload() {
    state_ = State::kPayload;
    left_ = frame_.length;
    mask_at_ = 0;
    if (frame_.IsControl()) {
      control_.Begin(frame_.opcode, head_origin_);
    } else if (!data_.begun()) {
      data_.Begin(frame_, head_origin_);
    }
    if (left_ == 0) TakePayload(0);
  }

  void PushPayload(Bytes& bytes, WallTime time) {
    // Unmasked in pieces of a size that the mask divides.
    std::array<std::byte, 4096> plain;
    const std::size_t most = frame_.masked ? plain.size() : bytes.size();
    Bytes part = bytes.first(std::min<std::uint64_t>({left_, bytes.size(), most}));
    bytes = bytes.subspan(part.size());
    if (frame_.masked) {
      for (std::size_t i = 0; i < part.size(); ++i) {
        plain[i] = part[i] ^ frame_.mask[(mask_at_ + i) & 3U];
      }
      part = Bytes(plain).first(part.size());
    }
    if (frame_.IsControl()) {
      control_.Push(part, time);
    } else {
      data_.Push(part, time);
    }
    TakePayload(part.size());
  }

  void TakePayload(std::uint64_t size) {
    left_ -= size;
    mask_at_ = (mask_at_ + size) & 3U;
    if (left_ > 0) return;
    state_ = State::kHead;
    if (frame_.IsControl()) {
      control_.Deliver(true);
    } else if (frame_.fin) {
      data_.Deliver(true);
      resynced_ = false;
    }
  }

  void Lose(State state, std::string_view problem, const ByteOrigin& origin) {
    if (data_.begun()) data_.Deliver(false);
    data_.LoseContext();
    state_ = state;
    lost_.Begin(MessageKind::kBinary, problem, head_size_ > 0 ? head_origin_ : origin);
    lost_.Push(Bytes(head_).first(std::exchange(head_size_, 0)), origin.time);
  }

  void FindFrames(Bytes bytes, const ByteOrigin& origin) {
    data_.Prepare();
    const unsigned bits = WebSocketEvidence(bytes, output_.from_client(), data_.rsv1());
    if (bits == 0 || !held_.HasRoom(bytes)) {
      GiveUpHeld();
      if (bits < kSure) {
        lost_.Push(bytes, origin.time);
        return;
      }
    }
    evidence_ += bits;
    if (evidence_ < kSure) {
      held_.Add(bytes, origin);
      return;
    }
    evidence_ = 0;
    ++output_.counters().decode_resyncs;
    lost_.End();
    state_ = State::kHead;
    resynced_ = true;
    for (const HeldRuns::Run& run : held_.Take()) Parse(AsBytes(run.bytes), run.origin);
    Parse(bytes, origin);
  }

  void GiveUpHeld() {
    evidence_ = 0;
    for (const HeldRuns::Run& run : held_.Take()) {
      lost_.Push(AsBytes(run.bytes), run.origin.time);
    }
  }

  MessageOutput output_;
  State state_ = State::kHead;
  std::array<std::byte, WebSocketFrame::kMaxHead> head_{};
  std::size_t head_size_ = 0;
  ByteOrigin head_origin_;
  WebSocketFrame frame_;
  std::uint64_t left_ = 0;  // of the frame's payload
  std::size_t mask_at_ = 0;
  WebSocketDataMessage data_;
  WebSocketControlMessage control_;
  LostRun lost_;
  HeldRuns held_;
  unsigned evidence_ = 0;
  bool resynced_ = false;  // and no message has begun since: the next frame may continue one
};

}  // namespace

std::unique_ptr<MessageParser> MakeWebSocketParser(MessageOutput output) {
  return std::make_unique<WebSocketParser>(std::move(output));
}

}  // namespace gotls
