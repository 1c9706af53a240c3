// An exchange in the making, and where their memory comes from.
#pragma once

#include <memory>
#include <vector>

#include "decode/http1/http1_message.h"
#include "decode/http1/http1_side.h"
#include "gotls/exchange.h"

namespace gotls {

struct Http1Exchange {
  Exchange exchange;
  MessageWriter request{exchange.request};
  MessageWriter response{exchange.response};
  int open_ends = 2;            // messages that have not ended: 0 ends the exchange
  bool reported = false;        // as open
  bool request_read = false;    // all of its head: what it asks for is known
  bool connect = false;         // the method is CONNECT
  bool may_switch = false;      // CONNECT or Upgrade
  bool by_order_alone = false;  // its response is told by the order of events, not of messages
  bool close_frame = false;     // WebSocket's
  Ending ending;                // the first that was not complete
  // Memory of the exchange before: give it to the headers before they are read.
  std::vector<HeaderField> spare_request_fields;
  std::vector<HeaderField> spare_response_fields;

  // As new, but for the memory.
  void Reset();
};

// Exchanges of one connection: keep-alive needs one at a time.
class Http1ExchangePool {
 public:
  Http1Exchange& Take();
  void Release(Http1Exchange& exchange);

 private:
  std::vector<std::unique_ptr<Http1Exchange>> all_;
  std::vector<Http1Exchange*> free_;
};

}  // namespace gotls
