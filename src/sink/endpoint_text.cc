#include "sink/endpoint_text.h"

#include <arpa/inet.h>

#include "sink/json_text.h"

namespace gotls {

bool HasIp(const Endpoint& endpoint) {
  return endpoint.family == AddressFamily::kIpv4 || endpoint.family == AddressFamily::kIpv6;
}

void AppendIp(std::string& out, const Endpoint& endpoint) {
  if (endpoint.family == AddressFamily::kIpv4) {  // by hand: inet_ntop goes through sprintf
    for (std::size_t i = 0; i < 4; ++i) {
      if (i > 0) out += '.';
      AppendNumber(out, endpoint.ip[i]);
    }
  } else if (endpoint.family == AddressFamily::kIpv6) {
    char text[INET6_ADDRSTRLEN] = "";
    ::inet_ntop(AF_INET6, endpoint.ip.data(), text, sizeof(text));
    out += text;
  }
}

void AppendEndpoint(std::string& out, const Endpoint& endpoint) {
  if (endpoint.family == AddressFamily::kUnix) {
    out += "unix:";
    out += endpoint.path;
  }
  if (!HasIp(endpoint)) return;
  const bool brackets = endpoint.family == AddressFamily::kIpv6;
  if (brackets) out += '[';
  AppendIp(out, endpoint);
  out += brackets ? "]:" : ":";
  AppendNumber(out, endpoint.port);
}

std::string EndpointText(const Endpoint& endpoint) {
  std::string text;
  AppendEndpoint(text, endpoint);
  return text;
}

}  // namespace gotls
