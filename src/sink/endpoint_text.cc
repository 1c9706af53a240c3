#include "sink/endpoint_text.h"

#include <arpa/inet.h>
#include <fmt/format.h>

namespace gotls {

std::string EndpointText(const Endpoint& endpoint) {
  char text[INET6_ADDRSTRLEN] = "";
  switch (endpoint.family) {
    case AddressFamily::kNone:
      return {};
    case AddressFamily::kUnix:
      return "unix:" + endpoint.path;
    case AddressFamily::kIpv4:
      ::inet_ntop(AF_INET, endpoint.ip.data(), text, sizeof(text));
      return fmt::format("{}:{}", text, endpoint.port);
    case AddressFamily::kIpv6:
      ::inet_ntop(AF_INET6, endpoint.ip.data(), text, sizeof(text));
      return fmt::format("[{}]:{}", text, endpoint.port);
  }
  return {};
}

}  // namespace gotls
