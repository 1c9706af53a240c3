// Where the decode stage's findings go.
#pragma once

#include "gotls/exchange.h"
#include "gotls/records.h"

namespace gotls {

// The handler may change a message, and an exchange that has ended (redaction), but not ids and
// state. An open one is still being filled. References are valid during the call.
class ExchangeHandler {
 public:
  virtual ~ExchangeHandler() = default;
  virtual void OnExchange(const Connection& connection, Exchange& exchange) = 0;
  virtual void OnMessage(const Connection& connection, Exchange& exchange, Message& message) = 0;
  virtual void OnOpaque(const Connection& connection, const Chunk& chunk) = 0;
  virtual void OnOpaqueGap(const Connection& connection, const Gap& gap) = 0;
  // Nobody wants the bytes of a direction below `end`, but for the last of them; see
  // DecodeObserver::OnUnwanted.
  virtual void OnUnwanted(const Connection& /*connection*/, Direction /*direction*/,
                          StreamPosition /*end*/) {}
};

}  // namespace gotls
