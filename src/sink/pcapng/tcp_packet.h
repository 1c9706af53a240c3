// Ethernet, IP and TCP headers for bytes that travelled without them.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace gotls {

// Total length of an IPv4 packet has 16 bits; half of it is plenty, and round.
inline constexpr std::size_t kMaxSegment = 32 << 10;

struct TcpPeer {
  std::array<std::uint8_t, 16> ip{};  // network order; the first 4 bytes of an IPv4 address
  std::uint16_t port = 0;

  auto operator<=>(const TcpPeer&) const = default;
};

struct TcpPeers {
  bool ipv6 = false;
  TcpPeer client;
  TcpPeer server;

  bool operator==(const TcpPeers&) const = default;
};

enum TcpFlag : std::uint8_t { kTcpFin = 1, kTcpSyn = 2, kTcpPush = 8, kTcpAck = 16 };

struct TcpSegment {
  bool from_client = false;
  std::uint8_t flags = 0;  // of TcpFlag
  std::uint32_t sequence = 0;
  std::uint32_t acknowledged = 0;
  Bytes payload;  // kMaxSegment bytes at most
};

// The headers that belong before the segment's payload, with valid lengths and checksums, to the
// end of `out`.
void AppendTcpHeaders(std::string& out, const TcpPeers& peers, const TcpSegment& segment);

}  // namespace gotls
