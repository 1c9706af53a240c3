// The way out: implement Sink to receive what a session sees.
#pragma once

#include "gotls/error.h"
#include "gotls/exchange.h"
#include "gotls/records.h"

namespace gotls {

// For each connection: OnOpen once, then chunks and gaps in stream order for each direction, then
// OnClose once; after all of them OnSummary once. All calls come from the thread that runs the
// session. An error disables this sink for the rest of the session (reported once); the other sinks
// go on. References are valid during the call.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual Result<void> OnOpen(const Connection& connection) = 0;
  virtual Result<void> OnChunk(const Connection& connection, const Chunk& chunk) = 0;
  virtual Result<void> OnGap(const Connection& connection, const Gap& gap) = 0;
  virtual Result<void> OnClose(const Connection& connection, const Close& close) = 0;
  // Last call of a session. Also the place to flush: an error here is reported like any other.
  virtual Result<void> OnSummary(const Summary& summary) = 0;
};

// What decoders found, for a sink that thinks in requests: a class that implements Sink implements
// this too. For each connection between its OnOpen and OnClose; errors as with Sink.
class ExchangeSink {
 public:
  virtual ~ExchangeSink() = default;
  // Once with state kOpen for an exchange that will have messages, and once when it has ended (any
  // other state).
  virtual Result<void> OnExchange(const Connection& connection, const Exchange& exchange) = 0;
  virtual Result<void> OnMessage(const Connection& connection, const Exchange& exchange,
                                 const Message& message) = 0;
  // Bytes of no protocol that gotls decodes. They may come a little later than their OnChunk, and
  // in other pieces.
  virtual Result<void> OnOpaque(const Connection& connection, const Chunk& chunk) = 0;
  virtual Result<void> OnOpaqueGap(const Connection& connection, const Gap& gap) = 0;
  // Time has passed: all that happened before `now` has been handed on. Every 50 ms or so, while
  // something is open.
  virtual Result<void> OnTick(WallTime now) = 0;
};

// TLS session secrets, for a sink that wants them: a class that implements Sink implements this
// too. They are captured only when somebody wants them.
class SecretSink {
 public:
  virtual ~SecretSink() = default;
  virtual Result<void> OnSecret(const Process& process, const TlsSecret& secret) = 0;
};

}  // namespace gotls
