#include <string>
#include <string_view>

#include "decode/message/headers.h"
#include "decode/message/message_parser.h"
#include "decode/message/rpc_text.h"

namespace gotls {
namespace {

// Views all along: this runs several times for every exchange.
std::string_view TypeIn(const HttpMessage& message) {
  const std::string_view header = HeaderValue(message.headers, "content-type");
  // find_first_of is slow.
  std::size_t end = 0;
  while (end < header.size() && header[end] != ';' && header[end] != ',') ++end;
  return TrimBlanks(header.substr(0, end));
}

bool IsSubtypeOf(std::string_view type, std::string_view base) {
  if (!StartsWithIgnoreCase(type, base)) return false;
  return type.size() == base.size() || type[base.size()] == '+';
}

// The request says it; of a connection that was joined behind the request, the response.
std::string_view ContentType(const Exchange& exchange) {
  const std::string_view type = TypeIn(exchange.request);
  return type.empty() ? TypeIn(exchange.response) : type;
}

// What the connection, or the stream, became.
Application UpgradedTo(Exchange& exchange) {
  const bool connect = exchange.method == "CONNECT";
  const bool switched = exchange.status == 101;
  if (switched && exchange.upgrade.empty()) {
    exchange.upgrade = HeaderValue(exchange.response.headers, "upgrade");
  }
  const bool refused = exchange.status >= 300 || (exchange.status >= 200 && !connect);
  if (refused || (!connect && !switched)) return Application::kHttp;
  if (EqualsIgnoreCase(exchange.upgrade, "websocket")) return Application::kWebSocket;
  return switched || exchange.status >= 200 ? Application::kTunnel : Application::kHttp;
}

bool IsUnaryConnect(const Exchange& exchange, std::string_view type) {
  if (!EqualsIgnoreCase(type, "application/json") && !EqualsIgnoreCase(type, "application/proto")) {
    return false;
  }
  return FindHeader(exchange.request.headers, "connect-protocol-version") != nullptr;
}

void FillRequest(Exchange& exchange) {
  if (!exchange.rpc) exchange.rpc.emplace();
  if (auto path = ParseRpcPath(exchange.path)) {
    exchange.rpc->service = std::move(path->service);
    exchange.rpc->method = std::move(path->method);
  }
  const auto& headers = exchange.request.headers;
  exchange.rpc->timeout_ns = ParseGrpcTimeout(HeaderValue(headers, "grpc-timeout"));
  if (!exchange.rpc->timeout_ns) {
    exchange.rpc->timeout_ns = ParseConnectTimeout(HeaderValue(headers, "connect-timeout-ms"));
  }
}

void FillGrpcStatus(const HttpMessage& response, Rpc& rpc) {
  for (const auto* fields : {&response.trailers, &response.headers}) {
    const auto status = ParseGrpcStatus(HeaderValue(*fields, "grpc-status"));
    if (!status) continue;
    rpc.status = status;
    rpc.status_message = PercentDecode(HeaderValue(*fields, "grpc-message"));
    return;
  }
}

void FillUnaryConnectStatus(const Exchange& exchange, Rpc& rpc) {
  if (exchange.status == 0) return;
  if (exchange.status == 200) {
    rpc.status = 0;
    return;
  }
  const Body& body = exchange.response.body;
  if (!body.complete) return;
  rpc.status = ConnectCodeOfHttp(exchange.status);
  if (const auto error = ParseConnectError(body.content)) {
    rpc.status = error->status;
    rpc.status_message = error->message;
  }
}

}  // namespace

void RecognizeApplication(Exchange& exchange) {
  exchange.application = UpgradedTo(exchange);
  if (exchange.application != Application::kHttp) return;
  const std::string_view type = ContentType(exchange);
  if (IsSubtypeOf(type, "application/grpc")) {
    exchange.application = Application::kGrpc;
  } else if (IsSubtypeOf(type, "application/grpc-web") ||
             IsSubtypeOf(type, "application/grpc-web-text")) {
    exchange.application = Application::kGrpcWeb;
  } else if (StartsWithIgnoreCase(type, "application/connect+")) {
    exchange.application = Application::kConnect;
  }
  if (exchange.application != Application::kHttp) {
    FillRequest(exchange);
    if (exchange.application != Application::kConnect) {
      FillGrpcStatus(exchange.response, *exchange.rpc);
    }
    return;
  }
  if (IsUnaryConnect(exchange, type)) {
    FillRequest(exchange);
    FillUnaryConnectStatus(exchange, *exchange.rpc);
  }
  if (EqualsIgnoreCase(TypeIn(exchange.response), "text/event-stream")) {
    exchange.application = Application::kServerSentEvents;
  }
}

}  // namespace gotls
