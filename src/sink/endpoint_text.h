#pragma once

#include <string>

#include "gotls/records.h"

namespace gotls {

// "10.0.0.5:443", "[2001:db8::1]:443", "unix:/run/x.sock", "unix:@abstract", "unix:" without a
// name; "" for none. A path holds whatever bytes the program chose.
std::string EndpointText(const Endpoint& endpoint);
void AppendEndpoint(std::string& out, const Endpoint& endpoint);

// "10.0.0.5", "2001:db8::1"; nothing for what has no IP address.
void AppendIp(std::string& out, const Endpoint& endpoint);
bool HasIp(const Endpoint& endpoint);

}  // namespace gotls
