// The messages that WebSocket frames carry.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "decode/message/message_output.h"
#include "decode/message/permessage_deflate.h"
#include "decode/message/websocket_frame.h"

namespace gotls {

// Text and binary: one or more frames, compressed or not.
class WebSocketDataMessage {
 public:
  explicit WebSocketDataMessage(MessageOutput& output) : output_(output), message_(output) {}

  // When a frame is there, so that the response's head is, too: reads what was agreed on, once.
  void Prepare();
  // Messages may be compressed.
  [[nodiscard]] bool rsv1() const { return agreed_.agreed || !agreed_.known; }

  void Begin(const WebSocketFrame& first, const ByteOrigin& origin);
  [[nodiscard]] bool begun() const { return message_.begun(); }
  // Unmasked payload.
  void Push(Bytes bytes, WallTime time);
  void Gap(std::uint64_t length, WallTime time);
  void Deliver(bool complete);
  // Messages may have passed that nobody read.
  void LoseContext();

 private:
  enum class Mode : std::uint8_t {
    kPlain,
    kInflating,
    kRaw,   // compressed, and can't be undone: content is what was sent
    kDone,  // the rest of the message can't be undone
  };

  void BeginCompressed();
  void Inflate(Bytes bytes, bool end);
  void GiveUp(std::string_view problem);

  MessageOutput& output_;
  bool ready_ = false;
  PermessageDeflate agreed_;
  std::optional<MessageInflater> inflater_;  // from the first compressed message on
  bool context_lost_ = false;
  MessageInProgress message_;
  std::uint64_t wire_bytes_ = 0;
  Mode mode_ = Mode::kPlain;
  bool headless_ = false;  // begins with a continuation
  std::string problem_;
};

// Ping, pong and close: one small frame each.
class WebSocketControlMessage {
 public:
  explicit WebSocketControlMessage(MessageOutput& output) : output_(output) {}

  void Begin(WebSocketOpcode opcode, const ByteOrigin& origin);
  [[nodiscard]] bool begun() const { return message_.has_value(); }
  void Push(Bytes bytes, WallTime time);
  void Gap(std::uint64_t length, WallTime time);
  void Deliver(bool complete);

 private:
  MessageOutput& output_;
  std::optional<Message> message_;
  std::string payload_;  // up to the first gap
};

}  // namespace gotls
