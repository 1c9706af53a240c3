// How bytes enter a protocol decoder, and how what it finds comes out. Knows nothing of eBPF.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "decode/decode_counters.h"
#include "gotls/exchange.h"
#include "gotls/records.h"

namespace gotls {

class ProtoSchema;

// Fewer unwanted bytes are not worth the word: they are on their way already.
inline constexpr std::uint64_t kWorthSkipping = 16 << 10;

struct DecodeOptions {
  std::size_t max_body = 64 << 10;  // bytes of a body's or message's content that are kept, decoded
  bool protobuf_fields = false;     // fill Message::fields for RPCs
  const ProtoSchema* proto_schema = nullptr;  // names for them; null: numbers only. Outlives us.
};

// Where a run of bytes came from: true of its first byte.
struct ByteOrigin {
  StreamPosition position;
  WallTime time;
  std::uint64_t goroutine = 0;
  bool at_return = false;           // see Chunk
  bool before_first_write = false;  // see Chunk
};

// What a decoder finds. References are valid during the call. The observer may change a message,
// and an exchange that has ended (redaction), but not ids and state.
class DecodeObserver {
 public:
  virtual ~DecodeObserver() = default;
  // Once with state kOpen for an exchange whose application has messages, as soon as that is known
  // (response head seen, or the first message, whichever is first); once with any other state when
  // it has ended. An exchange is reported ended exactly once, also when the connection ends.
  virtual void OnExchange(Exchange& exchange) = 0;
  // Between these two.
  virtual void OnMessage(Exchange& exchange, Message& message) = 0;
  // Bytes of no known protocol, in order for each direction, and what is missing between them.
  virtual void OnOpaque(Direction direction, Bytes bytes, const ByteOrigin& origin) = 0;
  virtual void OnOpaqueGap(Direction direction, std::uint64_t length, const ByteOrigin& origin) = 0;
  // Nothing more is made of the bytes of a direction below `end`, but that they passed. What is not
  // captured for that reason comes by Decoder::OnSkipped. The last of them has to be captured.
  virtual void OnUnwanted(Direction /*direction*/, StreamPosition /*end*/) {}
};

// What a decoder of a connection stands on. All of it outlives the decoder.
struct DecodeContext {
  const Connection& connection;
  const DecodeOptions& options;
  DecodeObserver& observer;
  DecodeCounters& counters;
  std::uint64_t& last_exchange;  // ExchangeId::value given out last; take the next by ++

  // Where the bytes of requests pass: what a client writes, what a server reads.
  Direction requests = Direction::kWrite;
};

// Decodes one connection. Bytes of a direction come in order, in any split; those of the two
// directions in the order in which the program moved them, but for writes that are seen
// `at_return`.
class Decoder {
 public:
  virtual ~Decoder() = default;
  virtual void OnData(Direction direction, Bytes bytes, const ByteOrigin& origin) = 0;
  // `length` bytes passed, but were not captured.
  virtual void OnGap(Direction direction, std::uint64_t length, const ByteOrigin& origin) = 0;
  // Time has passed, with or without bytes.
  virtual void OnTick(WallTime /*now*/) {}
  // The same, because of DecodeObserver::OnUnwanted: they are not missing.
  virtual void OnSkipped(Direction direction, std::uint64_t length, const ByteOrigin& origin) = 0;
  // The last call: the connection ended. All open exchanges end.
  virtual void OnEnd(WallTime time) = 0;
};

inline Direction Opposite(Direction direction) {
  return direction == Direction::kRead ? Direction::kWrite : Direction::kRead;
}

}  // namespace gotls
