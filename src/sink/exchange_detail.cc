#include "sink/exchange_detail.h"

#include <algorithm>

#include "sink/container_text.h"
#include "sink/content_text.h"
#include "sink/exchange_words.h"
#include "sink/json_text.h"
#include "sink/paint.h"
#include "sink/safe_text.h"
#include "sink/short_units.h"

namespace gotls {
namespace {

bool EqualsLower(std::string_view name, std::string_view lower) {
  return std::ranges::equal(name, lower, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
  });
}

std::string RequestLine(const Exchange& exchange) {
  std::string line;
  AppendSafe(line, exchange.method.empty() ? "?" : exchange.method);
  line += ' ';
  if (exchange.version == HttpVersion::kHttp2 && !exchange.host.empty()) {
    if (!exchange.scheme.empty()) AppendSafe(line, exchange.scheme + "://");
    AppendSafe(line, exchange.host);
  }
  AppendSafe(line, exchange.path.empty() ? "?" : exchange.path);
  if (exchange.version == HttpVersion::kUnknown) return line;
  line += ' ';
  line += HttpVersionName(exchange.version);
  return line;
}

std::string StatusLine(const Exchange& exchange) {
  std::string line(HttpVersionName(exchange.version));
  if (line.empty()) line = "HTTP";
  line += ' ';
  if (exchange.status > 0) {
    AppendNumber(line, static_cast<std::uint64_t>(exchange.status));
  } else {
    line += '?';
  }
  if (exchange.reason.empty()) return line;
  line += ' ';
  AppendSafe(line, exchange.reason);
  return line;
}

void AppendCoding(std::string& out, std::string_view side, const Body& body) {
  if (body.content_encoding.empty()) return;
  out += ", ";
  out += side;
  out += ' ';
  AppendSafe(out, body.content_encoding);
  out += ' ';
  AppendShortSize(out, body.wire_bytes);
  out += body.decoded_bytes_exact ? " to " : " to at least ";
  AppendShortSize(out, body.decoded_bytes);
}

void AppendGoroutines(std::string& out, const Exchange& exchange) {
  const std::uint64_t asked = exchange.request.goroutine;
  const std::uint64_t answered = exchange.response.goroutine;
  if (asked == 0 && answered == 0) return;
  out += asked != 0 && answered != 0 && asked != answered ? ", goroutines " : ", goroutine ";
  AppendNumber(out, asked != 0 ? asked : answered);
  if (asked == 0 || answered == 0 || asked == answered) return;
  out += " and ";
  AppendNumber(out, answered);
}

}  // namespace

Direction RequestDirection(const Connection& connection) {
  return connection.role == Role::kServer ? Direction::kRead : Direction::kWrite;
}

Direction ResponseDirection(const Connection& connection) {
  return connection.role == Role::kServer ? Direction::kWrite : Direction::kRead;
}

std::string_view HeaderValue(const std::vector<HeaderField>& fields, std::string_view name) {
  for (const HeaderField& field : fields) {
    if (field.value_known && EqualsLower(field.name, name)) return field.value;
  }
  return {};
}

void ExchangeDetail::Facts(std::string& out, const Connection& connection,
                           const Exchange& exchange) const {
  std::string text(HttpVersionName(exchange.version));
  if (text.empty()) text = "HTTP";
  text += exchange.version == HttpVersion::kHttp2 ? " stream " : " exchange ";
  AppendNumber(text, exchange.stream);
  text += " on connection ";
  AppendNumber(text, connection.id.value);
  AppendGoroutines(text, exchange);
  if (exchange.request.first != WallTime{} && exchange.response.first != WallTime{}) {
    text += ", first byte after ";
    AppendShortDuration(text, ElapsedNs(exchange.request.first, exchange.response.first));
  }
  text += ", request ";
  AppendShortSize(text, exchange.request.wire_bytes);
  text += ", response ";
  AppendShortSize(text, exchange.response.wire_bytes);
  AppendCoding(text, "request", exchange.request.body);
  AppendCoding(text, "response", exchange.response.body);
  if (exchange.rpc && exchange.rpc->timeout_ns) {
    text += ", deadline ";
    AppendShortDuration(text, *exchange.rpc->timeout_ns);
  }
  for (const int status : exchange.informational) {
    text += ", ";
    AppendNumber(text, static_cast<std::uint64_t>(std::max(status, 0)));
    text += " before";
  }
  if (const std::string home = ContainerText(connection.process); !home.empty()) {
    text += ", ";
    AppendSafe(text, home);
  }
  Note(out, exchange.id, text);
}

void ExchangeDetail::Request(std::string& out, const Connection& connection,
                             const Exchange& exchange) const {
  const HttpMessage& request = exchange.request;
  if (!request.seen && request.headers.empty() && request.body.wire_bytes == 0) return;
  const std::string gutter = Gutter(exchange.id, RequestDirection(connection));
  out += gutter;
  Paint(out, style_.text.color, paint::kBold, RequestLine(exchange));
  out += '\n';
  Fields(out, gutter, request.headers);
  if (!request.head_complete) Note(out, exchange.id, "the rest of the head is missing");
  BodyText(out, gutter, exchange, request);
}

void ExchangeDetail::Response(std::string& out, const Connection& connection,
                              const Exchange& exchange) const {
  const HttpMessage& response = exchange.response;
  if (!response.seen && response.headers.empty() && response.body.wire_bytes == 0) return;
  const std::string gutter = Gutter(exchange.id, ResponseDirection(connection));
  out += gutter;
  Paint(out, style_.text.color, paint::kBold, StatusLine(exchange));
  out += '\n';
  Fields(out, gutter, response.headers);
  if (!response.head_complete) Note(out, exchange.id, "the rest of the head is missing");
  BodyText(out, gutter, exchange, response);
}

void ExchangeDetail::Trailers(std::string& out, const Connection& connection,
                              const Exchange& exchange) const {
  Fields(out, Gutter(exchange.id, RequestDirection(connection)), exchange.request.trailers);
  Fields(out, Gutter(exchange.id, ResponseDirection(connection)), exchange.response.trailers);
}

void ExchangeDetail::Fields(std::string& out, std::string_view gutter,
                            const std::vector<HeaderField>& fields) const {
  const bool color = style_.text.color;
  for (const HeaderField& field : fields) {
    out += gutter;
    std::string text;
    AppendSafe(text, field.name_known ? std::string_view(field.name) : "?");
    Paint(out, color, field.name_known ? "34" : paint::kDim, text);
    out += ": ";
    text.clear();
    AppendSafe(text, field.value_known ? std::string_view(field.value) : "?");
    Paint(out, color, field.redacted || !field.value_known ? paint::kDim : "", text);
    out += '\n';
  }
}

void ExchangeDetail::BodyText(std::string& out, const std::string& gutter, const Exchange& exchange,
                              const HttpMessage& message) const {
  if (style_.detail < 2 || HasMessages(exchange)) return;
  const Body& body = message.body;
  if (!body.content.empty()) {
    out.append(gutter, 0, gutter.size() - 1);
    out += '\n';
    AppendContentLines(out, gutter, NoteGutter(exchange.id), body.content, MediaTypeOf(message),
                       style_.pretty);
  }
  std::string text;
  if (!body.problem.empty()) AppendSafe(text, body.problem);
  if (body.truncated && body.decoded_bytes > body.content.size()) {
    if (!text.empty()) text += "; ";
    AppendNumber(text, body.decoded_bytes - body.content.size());
    text += body.decoded_bytes_exact ? " more bytes" : " more bytes at least";
  }
  if (body.missing != 0) {
    if (!text.empty()) text += "; ";
    AppendNumber(text, body.missing);
    text += body.missing == 1 ? " byte was not captured" : " bytes were not captured";
  }
  if (!text.empty()) Note(out, exchange.id, text);
}

std::string ExchangeDetail::Gutter(ExchangeId id, Direction direction) const {
  std::string tag = "#";
  AppendNumber(tag, id.value);
  std::string gutter;
  Paint(gutter, style_.text.color, paint::TagStyle(id.value), tag);
  gutter += ' ';
  const bool sent = direction == Direction::kWrite;
  Paint(gutter, style_.text.color, sent ? paint::kSent : paint::kReceived, sent ? ">" : "<");
  gutter += ' ';
  return gutter;
}

std::string ExchangeDetail::NoteGutter(ExchangeId id) const {
  std::string tag = "#";
  AppendNumber(tag, id.value);
  std::string gutter;
  Paint(gutter, style_.text.color, paint::TagStyle(id.value), tag);
  return gutter + " . ";
}

// `text` is harmless.
void ExchangeDetail::Note(std::string& out, ExchangeId id, std::string_view text) const {
  out += NoteGutter(id);
  Paint(out, style_.text.color, paint::kDim, text);
  out += '\n';
}

}  // namespace gotls
