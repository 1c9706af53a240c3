// Frames for tests.
#pragma once

#include <string>
#include <string_view>

#include "decode/message/message_test_util.h"

namespace gotls::test {

// `first`: FIN, RSV and opcode. `masked`: as a client does.
inline std::string Frame(unsigned first, std::string_view payload, bool masked) {
  const unsigned mask_bit = masked ? 0x80U : 0U;
  std::string out(1, static_cast<char>(first));
  const auto number = [&out](std::uint64_t value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      out += static_cast<char>(value >> static_cast<unsigned>(shift));
    }
  };
  if (payload.size() < 126) {
    number(mask_bit | payload.size(), 1);
  } else if (payload.size() < 0x10000) {
    number(mask_bit | 126U, 1);
    number(payload.size(), 2);
  } else {
    number(mask_bit | 127U, 1);
    number(payload.size(), 8);
  }
  static constexpr std::string_view kMask = "\x12\xab\xf0\x7e";
  if (masked) out += kMask;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    out += masked ? static_cast<char>(payload[i] ^ kMask[i % 4]) : payload[i];
  }
  return out;
}

inline Side WebSocket(bool from_client, std::string extensions = "") {
  Side side(from_client);
  side.exchange.method = "GET";
  side.exchange.status = 101;
  side.exchange.upgrade = "websocket";
  if (!extensions.empty()) {
    side.exchange.response.headers.push_back({"Sec-WebSocket-Extensions", std::move(extensions)});
  }
  RecognizeApplication(side.exchange);
  return side;
}

}  // namespace gotls::test
