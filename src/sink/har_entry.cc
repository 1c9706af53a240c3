#include "sink/har_entry.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "decode/body/charset.h"
#include "decode/body/media_type.h"
#include "decode/body/reading.h"
#include "sink/endpoint_text.h"
#include "sink/exchange_detail.h"
#include "sink/exchange_line.h"
#include "sink/exchange_words.h"
#include "sink/har_parts.h"
#include "sink/json_exchange.h"
#include "sink/json_fields.h"
#include "sink/json_text.h"
#include "sink/short_units.h"

namespace gotls {
namespace {

// A size or duration where -1 says that it is not known.
void Optional(std::string& out, std::string_view key, std::optional<std::uint64_t> value) {
  out += key;
  if (value) {
    AppendNumber(out, *value);
  } else {
    out += "-1";
  }
}

void AppendMs(std::string& out, std::string_view key, std::optional<std::uint64_t> ns) {
  out += key;
  if (!ns) {
    out += "-1";
  } else {
    AppendMillionth(out, *ns);
  }
}

struct Timings {
  std::optional<std::uint64_t> send;
  std::optional<std::uint64_t> wait;
  std::optional<std::uint64_t> receive;
  std::uint64_t sum = 0;
};

// A response may begin before its request has ended: then it ends sending, as far as HAR can say.
Timings TimingsOf(const Exchange& exchange) {
  const HttpMessage& request = exchange.request;
  const HttpMessage& response = exchange.response;
  const bool asked = request.first != WallTime{};
  const bool answered = response.first != WallTime{};
  Timings timings;
  const WallTime sent = answered ? std::min(request.last, response.first) : request.last;
  if (asked) timings.send = ElapsedNs(request.first, sent);
  if (asked && answered) timings.wait = ElapsedNs(sent, response.first);
  if (answered) timings.receive = ElapsedNs(response.first, response.last);
  timings.sum = timings.send.value_or(0) + timings.wait.value_or(0) + timings.receive.value_or(0);
  return timings;
}

std::string_view HarVersion(HttpVersion version) {
  const std::string_view name = HttpVersionName(version);
  return name.empty() ? "unknown" : name;
}

// Known only where all that passed is head and body: HTTP/1 without transfer coding.
std::optional<std::uint64_t> HeadSize(const Exchange& exchange, const HttpMessage& message) {
  const bool http1 =
      exchange.version == HttpVersion::kHttp10 || exchange.version == HttpVersion::kHttp11;
  const bool plain = HeaderValue(message.headers, "transfer-encoding").empty();
  if (!http1 || !plain || exchange.application != Application::kHttp || !message.seen ||
      !message.head_complete || message.body.missing != 0 ||
      message.wire_bytes < message.body.wire_bytes) {
    return std::nullopt;
  }
  return message.wire_bytes - message.body.wire_bytes;
}

std::optional<std::uint64_t> BodySize(const HttpMessage& message) {
  if (!message.seen) return std::nullopt;
  return message.body.wire_bytes + message.body.missing;
}

// ,"text":... in UTF-8 where it is text of a charset that is known, else in base64 with
// `encoding_key` saying so.
void AppendContent(std::string& out, std::string_view content, const MediaType& media,
                   std::string_view encoding_key) {
  out += ",\"text\":";
  const Reading reading = ReadingOf(media, content);
  if (reading.kind == Reading::Kind::kConverted) {
    AppendJsonString(out, ToUtf8(content, reading.charset));
    return;
  }
  if (reading.kind == Reading::Kind::kPlain && AppendJsonStringIfUtf8(out, content)) return;
  out += '"';
  AppendBase64(out, AsBytes(content));
  out += "\",\"";
  out += encoding_key;
  out += "\":\"base64\"";
}

void AppendBodyNotes(std::string& out, const Body& body) {
  if (body.missing != 0) json::Number(out, ",\"_missing\":", body.missing);
  if (body.skipped != 0) json::Number(out, ",\"_skipped\":", body.skipped);
  if (body.truncated) out += ",\"_truncated\":true";
  if (!body.complete) out += ",\"_complete\":false";
  if (!body.problem.empty()) json::Text(out, ",\"_problem\":", body.problem);
}

void AppendPostData(std::string& out, const HttpMessage& request) {
  const Body& body = request.body;
  if (body.wire_bytes + body.missing == 0) return;
  const std::string_view type = HeaderValue(request.headers, "content-type");
  const MediaType media = MediaTypeOf(request);
  out += ",\"postData\":{\"mimeType\":";
  AppendJsonString(out, type);
  out += ",\"params\":";
  const bool form = media.type == "application/x-www-form-urlencoded";
  har::AppendPairs(out, form ? std::string_view(body.content) : std::string_view{});
  AppendContent(out, body.content, media, "_encoding");
  AppendBodyNotes(out, body);
  out += '}';
}

void AppendRequest(std::string& out, const Connection& connection, const Exchange& exchange) {
  const HttpMessage& request = exchange.request;
  out += ",\"request\":{\"method\":";
  AppendJsonString(out, exchange.method);
  std::string url;
  har::AppendUrl(url, connection, exchange);
  json::Text(out, ",\"url\":", url);
  json::Text(out, ",\"httpVersion\":", HarVersion(exchange.version));
  har::AppendRequestCookies(out += ",\"cookies\":", request.headers);
  har::AppendHeaders(out += ",\"headers\":", request.headers);
  har::AppendPairs(out += ",\"queryString\":", har::QueryOf(exchange.path));
  AppendPostData(out, request);
  Optional(out, ",\"headersSize\":", HeadSize(exchange, request));
  Optional(out, ",\"bodySize\":", BodySize(request));
  if (!request.trailers.empty()) har::AppendHeaders(out += ",\"_trailers\":", request.trailers);
  if (exchange.method.empty() || exchange.path.empty() || exchange.host.empty()) {
    out += ",\"comment\":\"not all of the request is known\"";
  }
  out += '}';
}

void AppendResponseContent(std::string& out, const HttpMessage& response) {
  const Body& body = response.body;
  const std::string_view type = HeaderValue(response.headers, "content-type");
  json::Number(out, ",\"content\":{\"size\":", body.decoded_bytes);
  if (!body.content_encoding.empty() && body.decoded_bytes >= body.wire_bytes) {
    json::Number(out, ",\"compression\":", body.decoded_bytes - body.wire_bytes);
  }
  json::Text(out, ",\"mimeType\":", type.empty() ? "x-unknown" : type);
  if (!body.content.empty()) AppendContent(out, body.content, MediaTypeOf(response), "encoding");
  AppendBodyNotes(out, body);
  out += '}';
}

void AppendResponse(std::string& out, const Exchange& exchange) {
  const HttpMessage& response = exchange.response;
  json::Number(
      out, ",\"response\":{\"status\":", static_cast<std::uint64_t>(std::max(exchange.status, 0)));
  out += ",\"statusText\":";
  AppendJsonString(out, exchange.reason);
  json::Text(out, ",\"httpVersion\":", HarVersion(exchange.version));
  har::AppendResponseCookies(out += ",\"cookies\":", response.headers);
  har::AppendHeaders(out += ",\"headers\":", response.headers);
  AppendResponseContent(out, response);
  out += ",\"redirectURL\":";
  AppendJsonString(out, HeaderValue(response.headers, "location"));
  Optional(out, ",\"headersSize\":", HeadSize(exchange, response));
  Optional(out, ",\"bodySize\":", BodySize(response));
  json::Number(out, ",\"_transferSize\":", response.wire_bytes);
  if (!response.trailers.empty()) har::AppendHeaders(out += ",\"_trailers\":", response.trailers);
  std::string trouble;
  AppendTrouble(trouble, exchange);
  if (!trouble.empty()) json::Text(out, ",\"_error\":", trouble);
  out += '}';
}

void AppendTimings(std::string& out, const Timings& timings) {
  out += ",\"cache\":{},\"timings\":{\"blocked\":-1,\"dns\":-1,\"connect\":-1";
  AppendMs(out, ",\"send\":", timings.send);
  AppendMs(out, ",\"wait\":", timings.wait);
  AppendMs(out, ",\"receive\":", timings.receive);
  out += ",\"ssl\":-1}";
}

void AppendServerAddress(std::string& out, const Connection& connection) {
  const Endpoint& server = connection.role == Role::kServer ? connection.local : connection.remote;
  if (!HasIp(server)) return;
  std::string address;
  AppendIp(address, server);
  json::Text(out, ",\"serverIPAddress\":", address);
}

void AppendMessages(std::string& out, const Exchange& exchange, const HarMessages& messages) {
  const bool websocket = exchange.application == Application::kWebSocket;
  if (websocket) out += ",\"_resourceType\":\"websocket\"";
  if (exchange.application == Application::kServerSentEvents) {
    out += ",\"_resourceType\":\"eventsource\"";
  }
  if (!HasMessages(exchange)) return;
  out += websocket ? ",\"_webSocketMessages\":[" : ",\"_messages\":[";
  out += messages.json;
  out += ']';
  if (messages.left_out != 0) json::Number(out, ",\"_messagesLeftOut\":", messages.left_out);
}

void AppendRpc(std::string& out, const Exchange& exchange) {
  if (!exchange.rpc) return;
  json::Text(out, ",\"_rpc\":{\"service\":", exchange.rpc->service);
  json::Text(out, ",\"method\":", exchange.rpc->method);
  if (exchange.rpc->status) {
    json::Number(out, ",\"status\":", *exchange.rpc->status);
    json::Text(out, ",\"statusName\":", GrpcStatusName(*exchange.rpc->status));
    json::Text(out, ",\"statusMessage\":", exchange.rpc->status_message);
  }
  out += '}';
}

// What only gotls knows.
void AppendOrigin(std::string& out, const Connection& connection, const Exchange& exchange) {
  json::Text(out, ",\"_process\":", connection.process.comm);
  json::Number(out, ",\"_pid\":", connection.process.pid);
  json::Text(out, ",\"_side\":", RoleName(connection.role));
  json::Text(out, ",\"_peer\":", EndpointText(connection.remote));
  json::Number(out, ",\"_exchange\":", exchange.id.value);
  json::Number(out, ",\"_stream\":", exchange.stream);
  json::NumberOrNull(out, ",\"_goroutine\":", exchange.request.goroutine);
  json::Text(out, ",\"_application\":", ApplicationName(exchange.application));
  json::Text(out, ",\"_state\":", ExchangeStateName(exchange.state));
  if (!exchange.detail.empty()) json::Text(out, ",\"_detail\":", exchange.detail);
  if (exchange.pushed) out += ",\"_was_pushed\":1";
}

}  // namespace

void AppendHarEntry(std::string& out, Rfc3339Writer& clock, const Connection& connection,
                    const Exchange& exchange, const HarMessages& messages) {
  const Timings timings = TimingsOf(exchange);
  out += "{\"startedDateTime\":\"";
  clock.Append(out, FirstTime(exchange));
  out += '"';
  AppendMs(out, ",\"time\":", timings.sum);
  AppendRequest(out, connection, exchange);
  AppendResponse(out, exchange);
  AppendTimings(out, timings);
  AppendServerAddress(out, connection);
  json::Text(out, ",\"connection\":", std::to_string(connection.id.value));
  AppendOrigin(out, connection, exchange);
  AppendRpc(out, exchange);
  AppendMessages(out, exchange, messages);
  out += '}';
}

}  // namespace gotls
