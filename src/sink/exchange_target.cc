#include "sink/exchange_target.h"

#include <string_view>

#include "sink/endpoint_text.h"
#include "sink/safe_text.h"

namespace gotls {
namespace {

void AppendAddress(std::string& out, const Endpoint& endpoint, bool with_port) {
  if (HasIp(endpoint)) {
    if (with_port) return AppendEndpoint(out, endpoint);
    const bool brackets = endpoint.family == AddressFamily::kIpv6;
    if (brackets) out += '[';
    AppendIp(out, endpoint);
    if (brackets) out += ']';
  } else if (endpoint.family == AddressFamily::kUnix) {
    AppendSafe(out, EndpointText(endpoint));
  } else {
    out += '?';
  }
}

void AppendPeer(std::string& out, const Connection& connection, const Exchange& exchange) {
  if (connection.role == Role::kServer) return AppendAddress(out, connection.remote, false);
  if (!exchange.host.empty()) return AppendSafe(out, exchange.host);
  if (!connection.server_name.empty()) return AppendSafe(out, connection.server_name);
  AppendAddress(out, connection.remote, true);
}

}  // namespace

void AppendTargetParts(std::string& peer, std::string& path, const Connection& connection,
                       const Exchange& exchange) {
  const bool to_itself = connection.role != Role::kServer;
  const bool is_connect = exchange.method == "CONNECT";
  const std::size_t scheme = exchange.path.find("://");
  if (to_itself && !exchange.path.starts_with('/') && scheme < exchange.path.find('?') &&
      scheme != std::string::npos) {  // asked of a proxy
    return AppendSafe(path, exchange.path);
  }
  AppendPeer(peer, connection, exchange);
  if (is_connect && (exchange.path.empty() || exchange.path == exchange.host)) {
    if (to_itself) return;
    path += ' ';
    return AppendSafe(path, exchange.host.empty() ? "?" : exchange.host);
  }
  if (!to_itself || !exchange.path.starts_with('/')) path += ' ';
  if (exchange.path.empty()) {
    path += '?';
  } else {
    AppendSafe(path, exchange.path);
  }
}

}  // namespace gotls
