#include "decode/message/websocket_frame.h"

#include <algorithm>

namespace gotls {
namespace {

constexpr std::size_t kShortLength = 125;
constexpr unsigned kLength16 = 126;
constexpr unsigned kLength64 = 127;

unsigned ByteAt(Bytes bytes, std::size_t at) { return std::to_integer<unsigned>(bytes[at]); }

std::size_t LengthSize(unsigned short_length) {
  if (short_length == kLength16) return 2;
  return short_length == kLength64 ? 8 : 0;
}

// A sender that follows the rules uses the shortest form.
bool IsShortest(const WebSocketFrame& frame, std::size_t length_size) {
  if (length_size == 2) return frame.length > kShortLength;
  return length_size == 0 || frame.length > 0xFFFF;
}

}  // namespace

std::size_t WebSocketHeadSize(Bytes start) {
  const unsigned second = ByteAt(start, 1);
  return 2 + LengthSize(second & 0x7FU) + ((second & 0x80U) != 0 ? 4 : 0);
}

WebSocketFrame ParseWebSocketHead(Bytes head) {
  WebSocketFrame frame;
  const unsigned first = ByteAt(head, 0);
  const unsigned second = ByteAt(head, 1);
  frame.fin = (first & 0x80U) != 0;
  frame.rsv = static_cast<std::uint8_t>((first >> 4U) & 7U);
  frame.opcode = static_cast<WebSocketOpcode>(first & 0x0FU);
  frame.masked = (second & 0x80U) != 0;
  frame.length = second & 0x7FU;
  frame.head_size = head.size();
  std::size_t at = 2;
  if (const std::size_t size = LengthSize(second & 0x7FU); size > 0) {
    frame.length = 0;
    for (; at < 2 + size; ++at) frame.length = frame.length << 8U | ByteAt(head, at);
  }
  if (frame.masked) std::ranges::copy(head.subspan(at, 4), frame.mask.begin());
  return frame;
}

std::string_view WebSocketBreach(const WebSocketFrame& frame, bool rsv1) {
  const auto opcode = static_cast<unsigned>(frame.opcode);
  if ((opcode > 2 && opcode < 8) || opcode > 10) return "an opcode that is not in use";
  if (frame.length >> 63U != 0) return "a length beyond 63 bits";
  if (frame.IsControl()) {
    if (!frame.fin) return "a control frame in fragments";
    if (frame.length > kShortLength) return "a control frame that is too long";
    if (frame.rsv != 0) return "reserved bits in a control frame";
  }
  const bool may_rsv1 = rsv1 && frame.opcode != WebSocketOpcode::kContinuation;
  if ((frame.rsv & (may_rsv1 ? 3U : 7U)) != 0) return "reserved bits";
  return {};
}

unsigned WebSocketEvidence(Bytes run, bool masked, bool rsv1) {
  unsigned bits = 0;
  while (!run.empty()) {
    if (run.size() < 2 || run.size() < WebSocketHeadSize(run)) return 0;
    const WebSocketFrame frame = ParseWebSocketHead(run.first(WebSocketHeadSize(run)));
    if (frame.masked != masked || !WebSocketBreach(frame, rsv1).empty()) return 0;
    const std::size_t length_size = LengthSize(ByteAt(run, 1) & 0x7FU);
    if (!IsShortest(frame, length_size)) return 0;
    if (frame.length > run.size() - frame.head_size) return 0;
    // Of 256 first bytes 16 can stand there at most; then the mask's bit. A length proves itself by
    // leading to the next frame, or to the end.
    bits += 4 + 1 + 7 + static_cast<unsigned>(length_size * 8);
    run = run.subspan(frame.head_size + frame.length);
  }
  return bits;
}

}  // namespace gotls
