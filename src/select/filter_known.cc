#include "select/filter_known.h"

#include <algorithm>
#include <limits>

namespace gotls {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

using Text = std::optional<std::string_view>;
using Number = std::optional<NumberRange>;

Text NotEmpty(std::string_view text) {
  if (text.empty()) return std::nullopt;
  return text;
}

Number Exactly(std::uint64_t value) { return NumberRange{value, value}; }

// "example.com:443" and "[::1]:443" without their ports; an IPv6 address without its brackets.
std::string_view WithoutPort(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  const auto colon = host.find(':');
  if (colon == std::string_view::npos || host.find(':', colon + 1) != std::string_view::npos) {
    return host;
  }
  return host.substr(0, colon);
}

Number PortOf(const Endpoint& endpoint) {
  if (endpoint.family != AddressFamily::kIpv4 && endpoint.family != AddressFamily::kIpv6) {
    return std::nullopt;
  }
  return Exactly(endpoint.port);
}

bool IsOpen(const Exchange& exchange) { return exchange.state == ExchangeState::kOpen; }

// From the request's first byte to `until`.
Number Since(const Exchange& exchange, WallTime until, bool grows) {
  const WallTime first = exchange.request.first;
  if (first == WallTime() || until == WallTime()) return std::nullopt;
  const auto passed =
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, (until - first).count()));
  return NumberRange{passed, grows ? kMost : passed};
}

NumberRange BodySize(const Exchange& exchange, const HttpMessage& message) {
  const std::uint64_t size = message.body.wire_bytes + message.body.missing;
  return {size, message.seen && (message.body.complete || !IsOpen(exchange)) ? size : kMost};
}

NumberRange Sum(NumberRange a, NumberRange b) {
  return {a.low + b.low, a.high == kMost || b.high == kMost ? kMost : a.high + b.high};
}

Number ExchangeNumber(FilterField field, const Exchange& exchange) {
  switch (field) {
    case FilterField::kStatus:
      if (exchange.status <= 0) return std::nullopt;
      return Exactly(static_cast<std::uint64_t>(exchange.status));
    case FilterField::kGrpcStatus:
      if (!exchange.rpc || !exchange.rpc->status) return std::nullopt;
      return Exactly(*exchange.rpc->status);
    case FilterField::kLatency:
      return Since(exchange, exchange.response.last, IsOpen(exchange));
    case FilterField::kFirstByte:
      return Since(exchange, exchange.response.first, false);
    case FilterField::kSize:
      return Sum(BodySize(exchange, exchange.request), BodySize(exchange, exchange.response));
    case FilterField::kRequestSize:
      return BodySize(exchange, exchange.request);
    case FilterField::kResponseSize:
      return BodySize(exchange, exchange.response);
    default:
      return std::nullopt;
  }
}

Number ServerPort(const Connection& connection) {
  if (connection.role == Role::kUnknown) return std::nullopt;
  return PortOf(connection.role == Role::kClient ? connection.remote : connection.local);
}

constexpr std::uint32_t Bit(ProtocolWord word) { return 1U << static_cast<unsigned>(word); }

constexpr std::uint32_t kVersions = Bit(ProtocolWord::kHttp1) | Bit(ProtocolWord::kHttp2);
constexpr std::uint32_t kApplications =
    Bit(ProtocolWord::kGrpc) | Bit(ProtocolWord::kGrpcWeb) | Bit(ProtocolWord::kConnect) |
    Bit(ProtocolWord::kWebSocket) | Bit(ProtocolWord::kSse) | Bit(ProtocolWord::kTunnel);

std::uint32_t VersionBit(HttpVersion version) {
  if (version == HttpVersion::kUnknown) return 0;
  return Bit(version == HttpVersion::kHttp2 ? ProtocolWord::kHttp2 : ProtocolWord::kHttp1);
}

std::uint32_t ApplicationBit(Application application) {
  switch (application) {
    case Application::kGrpc:
      return Bit(ProtocolWord::kGrpc);
    case Application::kGrpcWeb:
      return Bit(ProtocolWord::kGrpcWeb);
    case Application::kConnect:
      return Bit(ProtocolWord::kConnect);
    case Application::kWebSocket:
      return Bit(ProtocolWord::kWebSocket);
    case Application::kServerSentEvents:
      return Bit(ProtocolWord::kSse);
    case Application::kTunnel:
      return Bit(ProtocolWord::kTunnel);
    case Application::kHttp:
      return 0;
  }
  return 0;
}

KnownChoices Protocols(const Exchange& exchange) {
  KnownChoices known;
  if (const auto version = VersionBit(exchange.version); version != 0) {
    known.yes |= version;
    known.no |= kVersions & ~version;
  }
  // An open exchange without an application can still become one.
  const auto application = ApplicationBit(exchange.application);
  if (application != 0 || !IsOpen(exchange)) {
    known.yes |= application;
    known.no |= kApplications & ~application;
  }
  return known;
}

KnownChoices OneOf(std::uint32_t index, std::uint32_t count) {
  const std::uint32_t yes = 1U << index;
  return {yes, ((1U << count) - 1) & ~yes};
}

// Processes of the host have no container, and that is known: the empty text.
Text ContainerField(FilterField field, const Container& container) {
  const bool none = container.id.empty();
  const std::string& name = container.name.empty() ? container.id : container.name;
  if (field == FilterField::kContainerId) return container.id;
  if (field == FilterField::kContainer) return name;
  const std::string& text = field == FilterField::kPod ? container.pod : container.pod_namespace;
  return none ? Text(text) : NotEmpty(text);
}

}  // namespace

Text KnownText(FilterField field, const FilterSubject& subject) {
  const Connection& connection = subject.connection;
  if (field == FilterField::kComm) return NotEmpty(connection.process.comm);
  if (field == FilterField::kExe) return NotEmpty(connection.process.exe);
  if (field == FilterField::kContainer || field == FilterField::kContainerId ||
      field == FilterField::kPod || field == FilterField::kNamespace)
    return ContainerField(field, connection.process.container);
  if (field == FilterField::kSni) return NotEmpty(connection.server_name);
  if (field == FilterField::kAlpn) return NotEmpty(connection.alpn);
  if (subject.exchange == nullptr) return std::nullopt;
  if (field == FilterField::kHost) return NotEmpty(WithoutPort(subject.exchange->host));
  if (field == FilterField::kPath) return NotEmpty(subject.exchange->path);
  if (field == FilterField::kMethod) return NotEmpty(subject.exchange->method);
  return std::nullopt;
}

Number KnownNumber(FilterField field, const FilterSubject& subject) {
  const Connection& connection = subject.connection;
  if (field == FilterField::kPid) return Exactly(connection.process.pid);
  if (field == FilterField::kPort) return ServerPort(connection);
  if (field == FilterField::kLocalPort) return PortOf(connection.local);
  if (field == FilterField::kRemotePort) return PortOf(connection.remote);
  if (subject.exchange == nullptr) return std::nullopt;
  return ExchangeNumber(field, *subject.exchange);
}

KnownChoices KnownChoice(FilterField field, const FilterSubject& subject) {
  if (field == FilterField::kSide) {
    if (subject.connection.role == Role::kUnknown) return {};
    return OneOf(subject.connection.role == Role::kClient ? 0 : 1, 2);
  }
  if (subject.exchange == nullptr) return {};
  if (field == FilterField::kProtocol) return Protocols(*subject.exchange);
  if (field == FilterField::kState && !IsOpen(*subject.exchange)) {
    return OneOf(static_cast<std::uint32_t>(subject.exchange->state) - 1, 5);
  }
  return {};
}

}  // namespace gotls
