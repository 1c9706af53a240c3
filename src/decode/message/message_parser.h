// Messages inside the bodies of an exchange: gRPC, gRPC-Web, Connect, server-sent events,
// WebSocket.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "decode/decoder.h"
#include "gotls/exchange.h"

namespace gotls {

// One side's messages. Bytes in any split; each message is handed on when it is complete, or when a
// gap or the end cut it off. Bytes that belong to no message that can be told (behind a gap that
// hid a boundary, or behind a breach of the protocol) are one incomplete message with a problem.
class MessageParser {
 public:
  virtual ~MessageParser() = default;
  virtual void Push(Bytes bytes, const ByteOrigin& origin) = 0;
  virtual void Gap(std::uint64_t length, const ByteOrigin& origin) = 0;
  // The last call: this side says no more. A message that has begun is handed on as incomplete.
  virtual void End() = 0;
};

using OnMessage = std::function<void(Message&)>;

// Names the application of an exchange by its heads: call it when the request's head is there,
// again with the response's head, and again before the ended exchange is reported (trailers and
// body are there then). Fills exchange.application, and exchange.rpc for RPCs (service, method,
// timeout; with the response's trailers, or headers when there are only those, the status). A unary
// Connect call stays kHttp, since its bodies are whole messages without framing, but has
// exchange.rpc; so has one whose status is known only by its body. exchange.upgrade is filled in
// from a 101's Upgrade header when the caller has not done so.
void RecognizeApplication(Exchange& exchange);

// The parser for one side of an exchange whose application is known; null: that side has no
// messages (the request of server-sent events, the body of a gRPC error in JSON, one whose
// Content-Encoding nobody knows). `exchange`
// outlives the parser, which counts in client_messages and server_messages. Fields that the parser
// leaves to its caller: none; `requests` is the direction of the request's bytes. For kWebSocket
// the extension (permessage-deflate and its parameters) is read off the response's headers when the
// first message comes. For gRPC-Web the trailers inside the body go to exchange.response.trailers,
// and so does the metadata at the end of a Connect stream; the status goes to exchange.rpc.
// Bytes are those of the body as sent: a Content-Encoding is undone here.
std::unique_ptr<MessageParser> MakeMessageParser(Exchange& exchange, bool from_client,
                                                 const DecodeContext& context,
                                                 OnMessage on_message);

}  // namespace gotls
