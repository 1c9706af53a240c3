// What decoders make of the bytes: exchanges (a request with its response) and the messages inside
// them. Plain data. Text in here comes from the network: any bytes, no promise of UTF-8.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gotls/records.h"

namespace gotls {

// Number of an exchange in this session, from 1. Never reused.
struct ExchangeId {
  std::uint64_t value = 0;
  auto operator<=>(const ExchangeId&) const = default;
};

enum class HttpVersion : std::uint8_t { kUnknown, kHttp10, kHttp11, kHttp2 };

// What is spoken in the bodies of an exchange, as far as gotls takes it apart.
enum class Application : std::uint8_t {
  kHttp,       // bodies are bodies
  kGrpc,       // application/grpc
  kGrpcWeb,    // application/grpc-web, application/grpc-web-text
  kConnect,    // Connect's streaming calls: application/connect+...
  kWebSocket,  // after 101, or CONNECT with :protocol websocket
  kServerSentEvents,
  kTunnel,  // CONNECT, or an upgrade to what gotls doesn't know: the rest is opaque bytes
};

// A header field, in the order of the wire. HTTP/2 names are lower case and pseudo-fields
// (":path") are not among them. A connection that was joined in the middle can refer to fields that
// passed before: what they said is not known, and is never guessed.
struct HeaderField {
  std::string name;
  std::string value;
  bool name_known = true;   // false: name is empty; a value of such a field can still be known
  bool value_known = true;  // false: value is empty
  bool redacted = false;    // value was replaced
};

// Content of a request or a response, without the transfer coding (chunk sizes, frame headers).
struct Body {
  std::uint64_t wire_bytes = 0;  // as transferred, content coding still applied; not the missing
  std::uint64_t missing = 0;     // bytes of it that passed but were not captured
  std::uint64_t skipped = 0;     // of wire_bytes: not captured, since nobody wants them
  bool complete = false;         // its end was seen, and nothing is missing
  std::string content_encoding;  // as the header said: "gzip", "br"; empty: none
  std::uint64_t decoded_bytes =
      0;  // after the content coding was undone; == wire_bytes without one
  bool decoded_bytes_exact = true;  // false: decoding stopped early (limit, error or gap)
  std::string content;              // decoded, from the start, up to a limit or the first gap
  bool truncated = false;           // content is not all of it
  bool in_utf8 = false;             // content was converted to UTF-8, or replaced: the charset that
                                    // the headers name is not its own any more
  std::string problem;  // why it could not be decoded: "gzip: corrupt at 17"; then content holds
                        // what was decoded before, or else the raw bytes
};

// A request or a response.
struct HttpMessage {
  bool seen = false;  // its head was seen
  bool head_complete =
      true;  // false: a gap or the end fell into the head; fields before it are there
  std::vector<HeaderField> headers;
  std::vector<HeaderField> trailers;
  Body body;
  std::uint64_t wire_bytes = 0;  // all of it: head, body, framing; not the missing
  WallTime first;                // when its first byte passed; 0 when not seen
  WallTime last;                 // when its last byte so far passed
  std::uint64_t goroutine = 0;   // that moved its first byte; 0: unknown
};

enum class ExchangeState : std::uint8_t {
  kOpen,       // goes on: messages follow
  kComplete,   // request and response were seen to their ends
  kReset,      // cut off by RST_STREAM or GOAWAY; `detail` has the error code's name
  kClosed,     // the connection ended first; or, as `detail` says, its process, or tracing
  kGap,        // bytes that were not captured hide the rest; `detail` says where
  kMalformed,  // the peers' bytes are not what the protocol allows; `detail` says what
};

// gRPC, gRPC-Web and Connect.
struct Rpc {
  std::string service;                      // "shop.Cart"; from the path
  std::string method;                       // "Add"
  std::optional<std::uint32_t> status;      // grpc-status; none: not seen
  std::string status_message;               // grpc-message, percent-decoded
  std::optional<std::uint64_t> timeout_ns;  // the deadline that the client set
};

struct Exchange {
  ExchangeId id;
  ConnId connection;
  HttpVersion version = HttpVersion::kUnknown;
  Application application = Application::kHttp;
  ExchangeState state = ExchangeState::kOpen;
  std::string detail;              // for kReset, kClosed, kGap, kMalformed: one short line
  std::uint32_t stream = 0;        // HTTP/2 stream id; in HTTP/1 the number of the exchange, from 1
  bool pushed = false;             // HTTP/2 server push: the request is the server's promise
  std::string method;              // "GET"; empty: not known
  std::string scheme;              // "https"; HTTP/1: from an absolute target, else "https"
  std::string host;                // :authority or Host, as sent; empty: not known
  std::string path;                // :path or the request target, with the query; empty: not known
  std::string upgrade;             // protocol agreed by 101 or :protocol: "websocket"
  int status = 0;                  // 0: not known
  std::string reason;              // HTTP/1 reason phrase
  std::vector<int> informational;  // 1xx that came before, without 101
  HttpMessage request;
  HttpMessage response;
  std::uint64_t client_messages = 0;  // so far; 0 when the application has none
  std::uint64_t server_messages = 0;
  std::optional<Rpc> rpc;
};

enum class MessageKind : std::uint8_t { kText, kBinary, kPing, kPong, kClose, kRpc, kEvent };

// A WebSocket message, an RPC message, a server-sent event.
struct Message {
  MessageKind kind = MessageKind::kBinary;
  bool from_client = false;
  Direction direction = Direction::kRead;  // seen from the traced program
  std::uint64_t number = 0;                // among those from this side of the exchange, from 1
  std::uint64_t wire_bytes = 0;  // payload as transferred: still compressed, without framing
  std::uint64_t missing = 0;     // of its bytes that passed but were not captured
  bool complete = false;
  bool compressed = false;
  std::uint64_t decoded_bytes = 0;
  std::string content;     // decoded, up to a limit or the first gap
  bool truncated = false;  // content is not all of it
  std::string problem;     // why it could not be decoded
  std::string name;        // event: its type; RPC: the protobuf message type when known
  std::string event_id;    // event: its id
  std::optional<std::uint16_t> close_code;  // WebSocket close; content is the reason
  std::string fields;  // RPC: protobuf fields as text, when asked for; lines end with \n
  WallTime first;      // when its first byte passed
  WallTime last;
  std::uint64_t goroutine = 0;  // that moved its first byte; 0: unknown
};

}  // namespace gotls
