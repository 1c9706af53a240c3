#include "decode/message/websocket_message.h"

#include <algorithm>
#include <utility>

namespace gotls {
namespace {

// Higher than for bodies: whoever stops in a message can't read the ones behind it.
constexpr std::uint64_t kMaxInflated = 64 << 20;

constexpr std::uint8_t kRsv1 = 4;

}  // namespace

void WebSocketDataMessage::Prepare() {
  if (std::exchange(ready_, true)) return;
  agreed_ = ReadPermessageDeflate(output_.exchange().response.headers);
}

void WebSocketDataMessage::Begin(const WebSocketFrame& first, const ByteOrigin& origin) {
  const bool text = first.opcode == WebSocketOpcode::kText;
  message_.Begin(text ? MessageKind::kText : MessageKind::kBinary, origin, "");
  wire_bytes_ = 0;
  mode_ = Mode::kPlain;
  problem_.clear();
  headless_ = first.opcode == WebSocketOpcode::kContinuation;
  if (headless_) {
    mode_ = Mode::kRaw;  // whether it is compressed was said in the beginning
    problem_ = "its beginning was not captured";
    LoseContext();
  } else if ((first.rsv & kRsv1) != 0) {
    message_.message().compressed = true;
    BeginCompressed();
  }
}

void WebSocketDataMessage::BeginCompressed() {
  mode_ = Mode::kRaw;
  if (!agreed_.agreed) {
    problem_ = "compressed by an extension that is not known";
    return;
  }
  if (!inflater_) {
    const bool takeover = output_.from_client() ? agreed_.client_takeover : agreed_.server_takeover;
    inflater_.emplace(takeover, std::max<std::uint64_t>(kMaxInflated, output_.options().max_body));
    if (context_lost_) inflater_->Lose();
  }
  problem_ = inflater_->Begin();
  if (problem_.empty()) mode_ = Mode::kInflating;
}

void WebSocketDataMessage::Push(Bytes bytes, WallTime time) {
  wire_bytes_ += bytes.size();
  message_.message().last = time;
  if (mode_ == Mode::kInflating) {
    Inflate(bytes, false);
  } else if (mode_ != Mode::kDone) {
    message_.Push(bytes, time);
  }
}

void WebSocketDataMessage::Gap(std::uint64_t length, WallTime time) {
  if (mode_ == Mode::kInflating) GiveUp("deflate: bytes are missing");
  message_.Gap(length, time);
}

void WebSocketDataMessage::Deliver(bool complete) {
  if (mode_ == Mode::kInflating) {
    if (!complete) {
      LoseContext();
    } else if (wire_bytes_ > 0) {
      Inflate({}, true);
    }
  }
  Message message = message_.Take(complete && !headless_);
  message.wire_bytes = wire_bytes_;
  if (mode_ == Mode::kRaw) message.decoded_bytes = 0;
  if (mode_ == Mode::kDone) message.truncated = true;
  message.problem = std::move(problem_);
  output_.Deliver(message);
}

void WebSocketDataMessage::LoseContext() {
  context_lost_ = true;
  if (inflater_) inflater_->Lose();
}

void WebSocketDataMessage::Inflate(Bytes bytes, bool end) {
  const WallTime time = message_.message().last;
  const auto keep = [this, time](Bytes decoded) {
    message_.Push(decoded, time);
    return true;
  };
  const auto inflated = end ? inflater_->End(keep) : inflater_->Push(bytes, keep);
  if (!inflated) GiveUp(inflated.error());
}

void WebSocketDataMessage::GiveUp(std::string_view problem) {
  LoseContext();
  problem_ = problem;
  mode_ = Mode::kDone;
}

void WebSocketControlMessage::Begin(WebSocketOpcode opcode, const ByteOrigin& origin) {
  MessageKind kind = MessageKind::kClose;
  if (opcode == WebSocketOpcode::kPing) kind = MessageKind::kPing;
  if (opcode == WebSocketOpcode::kPong) kind = MessageKind::kPong;
  message_ = output_.Begin(kind, origin);
  payload_.clear();
}

void WebSocketControlMessage::Push(Bytes bytes, WallTime time) {
  message_->wire_bytes += bytes.size();
  message_->last = time;
  if (message_->missing == 0) payload_ += AsText(bytes);
}

void WebSocketControlMessage::Gap(std::uint64_t length, WallTime time) {
  message_->missing += length;
  message_->last = time;
}

void WebSocketControlMessage::Deliver(bool complete) {
  Message message = *std::exchange(message_, std::nullopt);
  message.complete = complete && message.missing == 0;
  message.decoded_bytes = message.wire_bytes;
  std::string_view content = payload_;
  if (message.kind == MessageKind::kClose && content.size() >= 2) {
    message.close_code = static_cast<std::uint16_t>(static_cast<unsigned char>(content[0]) << 8U |
                                                    static_cast<unsigned char>(content[1]));
    content.remove_prefix(2);
    message.decoded_bytes -= 2;
  }
  message.content = content.substr(0, output_.options().max_body);
  message.truncated = message.missing > 0 || message.content.size() < content.size();
  output_.Deliver(message);
}

}  // namespace gotls
