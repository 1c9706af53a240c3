#pragma once

#include <string>

#include "gotls/records.h"

namespace gotls {

// "10.0.0.5:443", "[2001:db8::1]:443", "unix:/run/x.sock", "unix:@abstract", "unix:" without a
// name; "" for none. A path holds whatever bytes the program chose.
std::string EndpointText(const Endpoint& endpoint);

}  // namespace gotls
