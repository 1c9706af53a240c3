// Hostile HTTP/2: nothing breaks, and how the bytes were split makes no difference.
//
// The input is a list of runs: a byte of which bit 0 is the direction, bit 1 says gap, and bits 2
// to 7 with the byte behind are the length; then the bytes, unless it is a gap. Bit 0 of the very
// first byte joins in mid-stream, its other bits seed the split.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>

#include "decode/http2/http2_decoder.h"

namespace gotls {
namespace {

// What it adds up does not depend on splits, but for `messages` behind a gap: these go on where
// a piece of DATA is whole messages.
class Sums final : public DecodeObserver {
 public:
  void OnExchange(Exchange& exchange) override {
    if (exchange.state == ExchangeState::kOpen) {
      if (++open_[exchange.id.value] != 1) std::abort();
      return;
    }
    if (++ended_[exchange.id.value] != 1) std::abort();
    if (exchange.response.body.complete && exchange.response.body.missing != 0) std::abort();
    text += exchange.method + exchange.path + exchange.host + exchange.detail;
    text += std::to_string(exchange.status) + ":" + std::to_string(exchange.stream) + ":" +
            std::to_string(static_cast<int>(exchange.state)) + ":" +
            std::to_string(exchange.request.wire_bytes) + ":" +
            std::to_string(exchange.response.wire_bytes) + ":" +
            std::to_string(exchange.request.headers.size()) + ":" + exchange.response.body.content +
            "\n";
  }
  void OnMessage(Exchange& exchange, Message& message) override {
    if (open_[exchange.id.value] != 1 || ended_[exchange.id.value] != 0) std::abort();
    messages += std::to_string(message.wire_bytes) + message.content + "\n";
  }
  void OnOpaque(Direction, Bytes, const ByteOrigin&) override {}
  void OnOpaqueGap(Direction, std::uint64_t, const ByteOrigin&) override {}

  std::string text;
  std::string messages;

 private:
  std::map<std::uint64_t, int> open_;
  std::map<std::uint64_t, int> ended_;
};

std::string Run(Bytes input, bool split) {
  Connection connection;
  DecodeOptions options{.max_body = 100};
  DecodeCounters counters;
  std::uint64_t last_exchange = 0;
  Sums sums;
  std::uint8_t seed = std::to_integer<std::uint8_t>(input[0]);
  const auto decoder = MakeHttp2Decoder({.connection = connection,
                                         .options = options,
                                         .observer = sums,
                                         .counters = counters,
                                         .last_exchange = last_exchange},
                                        (seed & 1) != 0);
  input = input.subspan(1);
  bool gaps = false;
  std::uint64_t position[2] = {};
  while (input.size() >= 2) {
    const auto head = std::to_integer<std::uint32_t>(input[0]);
    std::size_t length = (head >> 2) << 8 | std::to_integer<std::uint32_t>(input[1]);
    const auto direction = static_cast<Direction>(head & 1);
    input = input.subspan(2);
    std::uint64_t& at = position[head & 1];
    if ((head & 2) != 0) {
      gaps = true;
      decoder->OnGap(direction, length, {{at}, {}, 0});
      at += length;
      continue;
    }
    length = std::min(length, input.size());
    Bytes run = input.first(length);
    input = input.subspan(length);
    while (!run.empty()) {
      seed = static_cast<std::uint8_t>(seed * 5 + 3);
      const std::size_t part =
          split ? std::min<std::size_t>(run.size(), 1 + seed % 32) : run.size();
      decoder->OnData(direction, run.first(part), {{at}, {}, 0});
      at += part;
      run = run.subspan(part);
    }
  }
  decoder->OnEnd({});
  return gaps ? sums.text : sums.text + sums.messages;
}

}  // namespace
}  // namespace gotls

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const gotls::Bytes input{reinterpret_cast<const std::byte*>(data), size};
  if (input.empty()) return 0;
  gotls::LooksLikeHttp2Preface(input);
  gotls::LooksLikeHttp2Frames(input);
  if (gotls::Run(input, false) != gotls::Run(input, true)) std::abort();
  return 0;
}
