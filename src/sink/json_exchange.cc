#include "sink/json_exchange.h"

#include <string_view>

#include "sink/endpoint_text.h"
#include "sink/exchange_words.h"
#include "sink/json_fields.h"
#include "sink/short_units.h"

namespace gotls {
namespace {

using json::Bool;
using json::Number;
using json::NumberOrNull;
using json::Payload;
using json::Text;

void Time(std::string& out, std::string_view key, Rfc3339Writer& clock, WallTime time) {
  out += key;
  if (time == WallTime{}) {
    out += "null";
    return;
  }
  out += '"';
  clock.Append(out, time);
  out += '"';
}

void KnownText(std::string& out, std::string_view key, std::string_view text, bool known) {
  out += key;
  if (known) {
    AppendJsonString(out, text);
  } else {
    out += "null";
  }
}

void Fields(std::string& out, std::string_view key, const std::vector<HeaderField>& fields) {
  out += key;
  out += '[';
  bool first = true;
  for (const HeaderField& field : fields) {
    KnownText(out, first ? "{\"name\":" : ",{\"name\":", field.name, field.name_known);
    KnownText(out, ",\"value\":", field.value, field.value_known);
    if (field.redacted) out += ",\"redacted\":true";
    out += '}';
    first = false;
  }
  out += ']';
}

void BodyFields(std::string& out, const Body& body) {
  Number(out, ",\"body\":{\"wire_bytes\":", body.wire_bytes);
  Number(out, ",\"missing\":", body.missing);
  Number(out, ",\"skipped\":", body.skipped);
  Bool(out, ",\"complete\":", body.complete);
  Text(out, ",\"content_encoding\":", body.content_encoding);
  Number(out, ",\"decoded_bytes\":", body.decoded_bytes);
  Bool(out, ",\"decoded_bytes_exact\":", body.decoded_bytes_exact);
  Bool(out, ",\"truncated\":", body.truncated);
  Text(out, ",\"problem\":", body.problem);
  Payload(out, body.content);
  out += '}';
}

void Half(std::string& out, std::string_view key, Rfc3339Writer& clock,
          const HttpMessage& message) {
  out += key;
  Bool(out, "{\"seen\":", message.seen);
  Bool(out, ",\"head_complete\":", message.head_complete);
  Time(out, ",\"first\":", clock, message.first);
  Time(out, ",\"last\":", clock, message.last);
  NumberOrNull(out, ",\"goroutine\":", message.goroutine);
  Number(out, ",\"wire_bytes\":", message.wire_bytes);
  Fields(out, ",\"headers\":", message.headers);
  BodyFields(out, message.body);
  Fields(out, ",\"trailers\":", message.trailers);
  out += '}';
}

void RpcFields(std::string& out, const std::optional<Rpc>& rpc) {
  if (!rpc) {
    out += ",\"rpc\":null";
    return;
  }
  Text(out, ",\"rpc\":{\"service\":", rpc->service);
  Text(out, ",\"method\":", rpc->method);
  if (rpc->status) {
    Number(out, ",\"status\":", *rpc->status);
    Text(out, ",\"status_name\":", GrpcStatusName(*rpc->status));
  } else {
    out += ",\"status\":null,\"status_name\":null";
  }
  Text(out, ",\"status_message\":", rpc->status_message);
  out += ",\"timeout_ns\":";
  if (rpc->timeout_ns) {
    AppendNumber(out, *rpc->timeout_ns);
  } else {
    out += "null";
  }
  out += '}';
}

void Duration(std::string& out, std::string_view key, WallTime from, WallTime to) {
  out += key;
  if (from == WallTime{} || to == WallTime{}) {
    out += "null";
  } else {
    AppendNumber(out, ElapsedNs(from, to));
  }
}

void StatusFields(std::string& out, const Exchange& exchange) {
  NumberOrNull(
      out, ",\"status\":", exchange.status > 0 ? static_cast<std::uint64_t>(exchange.status) : 0);
  Text(out, ",\"reason\":", exchange.reason);
  out += ",\"informational\":[";
  bool first = true;
  for (const int status : exchange.informational) {
    if (status <= 0) continue;
    Number(out, first ? "" : ",", static_cast<std::uint64_t>(status));
    first = false;
  }
  out += ']';
}

}  // namespace

std::string_view ApplicationName(Application application) {
  switch (application) {
    case Application::kHttp:
      return "http";
    case Application::kGrpc:
      return "grpc";
    case Application::kGrpcWeb:
      return "grpc-web";
    case Application::kConnect:
      return "connect";
    case Application::kWebSocket:
      return "websocket";
    case Application::kServerSentEvents:
      return "sse";
    case Application::kTunnel:
      return "tunnel";
  }
  return {};
}

std::string_view ExchangeStateName(ExchangeState state) {
  switch (state) {
    case ExchangeState::kOpen:
      return "open";
    case ExchangeState::kComplete:
      return "complete";
    case ExchangeState::kReset:
      return "reset";
    case ExchangeState::kClosed:
      return "closed";
    case ExchangeState::kGap:
      return "gap";
    case ExchangeState::kMalformed:
      return "malformed";
  }
  return {};
}

std::string_view MessageKindName(MessageKind kind) {
  switch (kind) {
    case MessageKind::kText:
      return "text";
    case MessageKind::kBinary:
      return "binary";
    case MessageKind::kPing:
      return "ping";
    case MessageKind::kPong:
      return "pong";
    case MessageKind::kClose:
      return "close";
    case MessageKind::kRpc:
      return "rpc";
    case MessageKind::kEvent:
      return "event";
  }
  return {};
}

std::string_view RoleName(Role role) {
  if (role == Role::kUnknown) return {};
  return role == Role::kClient ? "client" : "server";
}

void AppendExchangeFields(std::string& out, Rfc3339Writer& clock, const Connection& connection,
                          const Exchange& exchange) {
  Number(out, ",\"exchange\":", exchange.id.value);
  Text(out, ",\"process\":", connection.process.comm);
  json::ContainerFields(out, connection.process.container);
  Text(out, ",\"role\":", RoleName(connection.role));
  Text(out, ",\"remote\":", EndpointText(connection.remote));
  Text(out, ",\"state\":", ExchangeStateName(exchange.state));
  Text(out, ",\"detail\":", exchange.detail);
  Text(out, ",\"version\":", HttpVersionName(exchange.version));
  Text(out, ",\"application\":", ApplicationName(exchange.application));
  Number(out, ",\"stream\":", exchange.stream);
  Bool(out, ",\"pushed\":", exchange.pushed);
  Text(out, ",\"method\":", exchange.method);
  Text(out, ",\"scheme\":", exchange.scheme);
  Text(out, ",\"host\":", exchange.host);
  Text(out, ",\"path\":", exchange.path);
  Text(out, ",\"upgrade\":", exchange.upgrade);
  StatusFields(out, exchange);
  Duration(out, ",\"first_byte_ns\":", exchange.request.first, exchange.response.first);
  Duration(out, ",\"total_ns\":", exchange.request.first, exchange.response.last);
  Number(out, ",\"client_messages\":", exchange.client_messages);
  Number(out, ",\"server_messages\":", exchange.server_messages);
  RpcFields(out, exchange.rpc);
  Half(out, ",\"request\":", clock, exchange.request);
  Half(out, ",\"response\":", clock, exchange.response);
}

void AppendMessageFields(std::string& out, Rfc3339Writer& clock, const Exchange& exchange,
                         const Message& message) {
  Number(out, ",\"exchange\":", exchange.id.value);
  Text(out, ",\"kind\":", MessageKindName(message.kind));
  Text(out, ",\"from\":", message.from_client ? "client" : "server");
  Text(out, ",\"direction\":", message.direction == Direction::kRead ? "read" : "write");
  Number(out, ",\"number\":", message.number);
  Time(out, ",\"last\":", clock, message.last);
  NumberOrNull(out, ",\"goroutine\":", message.goroutine);
  Number(out, ",\"wire_bytes\":", message.wire_bytes);
  Number(out, ",\"missing\":", message.missing);
  Bool(out, ",\"complete\":", message.complete);
  Bool(out, ",\"compressed\":", message.compressed);
  Number(out, ",\"decoded_bytes\":", message.decoded_bytes);
  Bool(out, ",\"truncated\":", message.truncated);
  Text(out, ",\"problem\":", message.problem);
  Text(out, ",\"name\":", message.name);
  Text(out, ",\"event_id\":", message.event_id);
  out += ",\"close_code\":";
  if (message.close_code) {
    AppendNumber(out, *message.close_code);
  } else {
    out += "null";
  }
  Text(out, ",\"fields\":", message.fields);
  Payload(out, message.content);
}

}  // namespace gotls
