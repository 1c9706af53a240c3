// The way out: implement Sink to receive what a session sees.
#pragma once

#include "gotls/error.h"
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

}  // namespace gotls
