// What Flow tells the stage above it.
#pragma once

#include "gotls/records.h"

namespace gotls {

// Same promises as gotls::Sink: for each connection OnOpen once, chunks and gaps that together
// cover each direction without hole or overlap, OnClose once. Nothing is returned: who listens
// keeps its own errors. References and spans are valid during the call.
class FlowObserver {
 public:
  virtual ~FlowObserver() = default;
  virtual void OnOpen(const Connection& connection) = 0;
  virtual void OnChunk(const Connection& connection, const Chunk& chunk) = 0;
  virtual void OnGap(const Connection& connection, const Gap& gap) = 0;
  virtual void OnClose(const Connection& connection, const Close& close) = 0;
  // At any time: belongs to a process, not to a connection.
  virtual void OnSecret(const Process& /*process*/, const TlsSecret& /*secret*/) {}
  // All that happened before `now` has been handed on.
  virtual void OnTick(WallTime /*now*/) {}
};

}  // namespace gotls
