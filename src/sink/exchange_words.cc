#include "sink/exchange_words.h"

#include <iterator>

#include "sink/json_text.h"
#include "sink/safe_text.h"

namespace gotls {
namespace {

constexpr std::string_view kGrpcStatus[] = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

void Separate(std::string& out, std::size_t begin) {
  if (out.size() > begin) out += "; ";
}

void AppendMissing(std::string& out, std::size_t begin, const Body& body, std::string_view of) {
  if (body.missing == 0) return;
  Separate(out, begin);
  AppendNumber(out, body.missing);
  out += body.missing == 1 ? " byte of the " : " bytes of the ";
  out += of;
  out += " not captured";
}

void AppendWithDetail(std::string& out, std::string_view word, std::string_view detail) {
  out += word;
  if (detail.empty()) return;
  out += ": ";
  AppendSafe(out, detail);
}

// The detail says what came to an end, if it was not the connection.
void AppendClosed(std::string& out, const Exchange& exchange) {
  if (exchange.detail.empty()) {
    out += "connection closed";
  } else {
    AppendSafe(out, exchange.detail);
  }
  if (HasMessages(exchange) && exchange.response.seen) return;
  if (exchange.response.seen) {
    out += " within the response";
  } else {
    const bool asking = exchange.request.seen && !exchange.request.body.complete;
    out += asking ? " within the request" : " before the response";
  }
}

}  // namespace

std::string_view GrpcStatusName(std::uint32_t status) {
  return status < std::size(kGrpcStatus) ? kGrpcStatus[status] : std::string_view{};
}

std::string_view HttpVersionName(HttpVersion version) {
  switch (version) {
    case HttpVersion::kUnknown:
      return {};
    case HttpVersion::kHttp10:
      return "HTTP/1.0";
    case HttpVersion::kHttp11:
      return "HTTP/1.1";
    case HttpVersion::kHttp2:
      return "HTTP/2";
  }
  return {};
}

bool HasMessages(const Exchange& exchange) {
  return exchange.application != Application::kHttp && exchange.application != Application::kTunnel;
}

void AppendTrouble(std::string& out, const Exchange& exchange) {
  const std::size_t begin = out.size();
  switch (exchange.state) {
    case ExchangeState::kOpen:
    case ExchangeState::kComplete:
      break;
    case ExchangeState::kReset:
      AppendWithDetail(out, "reset", exchange.detail);
      break;
    case ExchangeState::kClosed:
      AppendClosed(out, exchange);
      break;
    case ExchangeState::kGap:
      AppendWithDetail(out, "gap", exchange.detail);
      break;
    case ExchangeState::kMalformed:
      AppendWithDetail(out, "malformed", exchange.detail);
      break;
  }
  AppendMissing(out, begin, exchange.request.body, "request");
  AppendMissing(out, begin, exchange.response.body, "response");
}

}  // namespace gotls
