// One connection: finds out what is spoken on it, then hands the bytes to that protocol's decoder.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "decode/decoder.h"
#include "decode/exchange_handler.h"
#include "decode/guess.h"

namespace gotls {

// What all connections of a session share. Outlives them.
struct DecodeSession {
  DecodeOptions options;
  ExchangeHandler& handler;
  DecodeCounters counters;
  std::uint64_t last_exchange = 0;
};

// The protocol is told by ALPN and by first bytes. Bytes that could still become either are held
// back, few of them. A connection of no known protocol is opaque; but as long as nothing else was
// found, each chunk that starts with a whole HTTP/1 start line makes it HTTP/1 after all: that is
// how one that was joined in the middle of a body is recognised.
class ConnectionDecoder final : DecodeObserver {
 public:
  ConnectionDecoder(const Connection& connection, DecodeSession& session);
  ConnectionDecoder(const ConnectionDecoder&) = delete;
  ConnectionDecoder& operator=(const ConnectionDecoder&) = delete;

  void OnChunk(const Chunk& chunk);
  void OnGap(const Gap& gap);
  void OnTick(WallTime now);
  void OnClose(WallTime time, CloseReason reason = CloseReason::kClosed);

 private:
  enum class State : std::uint8_t { kUndecided, kOpaque, kDecoding };

  // A run of bytes that waits for the decision.
  struct Held {
    Direction direction;
    ByteOrigin origin;
    std::vector<std::byte> bytes;
  };

  void Pass(Direction direction, Bytes bytes, const ByteOrigin& origin);
  void Hold(Direction direction, Bytes bytes, const ByteOrigin& origin);
  // Leaves kUndecided when the bytes held so far are enough to tell.
  void Decide();
  [[nodiscard]] bool DecideHttp2();
  [[nodiscard]] bool DecideHttp1();
  [[nodiscard]] bool MayWaitForPreface() const;
  [[nodiscard]] bool FirstWriteIsLate() const;
  [[nodiscard]] Guess GuessRequest(Bytes start) const;
  void BeginHttp1(Direction requests, bool joined);
  void BeginHttp2(Direction requests, bool joined);
  void BeginOpaque();
  void ReplayHeld();

  void OnExchange(Exchange& exchange) override;
  void OnMessage(Exchange& exchange, Message& message) override;
  void OnOpaque(Direction direction, Bytes bytes, const ByteOrigin& origin) override;
  void OnOpaqueGap(Direction direction, std::uint64_t length, const ByteOrigin& origin) override;
  void OnUnwanted(Direction direction, StreamPosition end) override;

  const Connection connection_;
  DecodeSession& session_;
  DecodeContext context_;
  State state_ = State::kUndecided;
  std::vector<Held> held_;
  std::array<std::vector<std::byte>, 2> start_;  // by direction, of what is held
  std::uint32_t thread_ = 0;                     // of the chunk that is being handled
  std::string_view end_;  // why exchanges end with state kClosed, if not by a close
  std::unique_ptr<Decoder> decoder_;
};

}  // namespace gotls
