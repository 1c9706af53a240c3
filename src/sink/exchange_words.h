// What is said of an exchange in words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gotls/exchange.h"

namespace gotls {

// "UNAVAILABLE"; "" for a code that gRPC doesn't have.
std::string_view GrpcStatusName(std::uint32_t status);

// "HTTP/1.1", "HTTP/2", "" when it is not known.
std::string_view HttpVersionName(HttpVersion version);

// Its messages are worth showing: RPCs, WebSocket, server-sent events.
bool HasMessages(const Exchange& exchange);

// Appends what is wrong with an exchange that has ended: why it is not whole, and how many bytes
// are missing. Text of the peers in it is made harmless. Nothing when all is well.
void AppendTrouble(std::string& out, const Exchange& exchange);

}  // namespace gotls
