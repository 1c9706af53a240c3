// How Wireshark is told what a connection speaks. Its dissectors go by port and by the first bytes;
// HTTP/2 it finds on port 80 and its like alone, and a connection that was joined in the middle
// never. A capture file can't say "decode this as". But it can hold a second kind of packet, an
// "exported PDU": some bytes with a name of the dissector that shall see them, and the addresses of
// the TCP connection that they belong to. What that dissector learns from them, it remembers for
// the connection: one such packet behind the handshake opens the eyes for all that follow.
#pragma once

#include <cstdint>
#include <string>

#include "gotls/records.h"
#include "sink/pcapng/tcp_packet.h"

namespace gotls {

enum class WireProtocol : std::uint8_t { kUnknown, kOther, kHttp1, kHttp2 };

// By what the handshake agreed on. kUnknown when it did not.
WireProtocol ProtocolOf(const Connection& connection);

// By the bytes that one Read or Write begins with: kHttp1, kHttp2, or kUnknown.
WireProtocol GuessProtocol(Bytes data);

// A packet for LinkType::kWiresharkUpperPdu.
enum class DecodeHint : std::uint8_t {
  kHttp,   // this connection belongs to the HTTP dissector, and by it to the HTTP/2 one
  kHttp2,  // its preface has been seen
};
std::string HintPacket(DecodeHint hint, const TcpPeers& peers);

}  // namespace gotls
