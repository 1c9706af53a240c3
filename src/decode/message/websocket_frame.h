// Frames of RFC 6455.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace gotls {

enum class WebSocketOpcode : std::uint8_t {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10,
};

struct WebSocketFrame {
  static constexpr std::size_t kMaxHead = 14;

  bool fin = false;
  std::uint8_t rsv = 0;  // three bits; 4 is RSV1
  WebSocketOpcode opcode = WebSocketOpcode::kContinuation;
  bool masked = false;
  std::array<std::byte, 4> mask{};
  std::uint64_t length = 0;
  std::size_t head_size = 0;

  [[nodiscard]] bool IsControl() const { return opcode >= WebSocketOpcode::kClose; }
};

// The size of the head that begins with these (at least two) bytes.
std::size_t WebSocketHeadSize(Bytes start);
// `head` is all of it.
WebSocketFrame ParseWebSocketHead(Bytes head);

// What is wrong with the frame itself; "" when nothing is. `rsv1`: an extension uses RSV1.
std::string_view WebSocketBreach(const WebSocketFrame& frame, bool rsv1);

// How sure it is that `run` is whole frames of one side and nothing else, in bits of evidence: the
// chance that random bytes look so is two to the minus that. 0: it is not.
unsigned WebSocketEvidence(Bytes run, bool masked, bool rsv1);

}  // namespace gotls
