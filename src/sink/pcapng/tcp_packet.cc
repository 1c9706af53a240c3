#include "sink/pcapng/tcp_packet.h"

#include <cstring>
#include <string_view>

namespace gotls {
namespace {

constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kHopLimit = 64;
constexpr std::size_t kTcpHeader = 20;
constexpr std::size_t kIpv4Header = 20;
// Locally administered addresses.
constexpr std::string_view kClientMac{"\x02\0\0\0\0\x01", 6};
constexpr std::string_view kServerMac{"\x02\0\0\0\0\x02", 6};
// Maximum segment size and window scale 14: no window ever fills.
constexpr std::string_view kSynOptions{"\x02\x04\x80\x00\x01\x03\x03\x0e", 8};

void Put8(std::string& out, std::uint8_t value) { out += static_cast<char>(value); }

void Put16(std::string& out, std::size_t value) {
  Put8(out, static_cast<std::uint8_t>(value >> 8));
  Put8(out, static_cast<std::uint8_t>(value));
}

void Put32(std::string& out, std::uint32_t value) {
  Put16(out, value >> 16);
  Put16(out, value & 0xffff);
}

void PutIp(std::string& out, const TcpPeer& peer, bool ipv6) {
  out.append(reinterpret_cast<const char*>(peer.ip.data()), ipv6 ? 16 : 4);
}

// The Internet checksum's sum of `bytes`, in the machine's byte order and not yet folded. An odd
// last byte counts as if a zero followed.
std::uint64_t Sum(std::string_view bytes) {
  std::uint64_t sum = 0;
  std::size_t at = 0;
  for (; at + 4 <= bytes.size(); at += 4) {
    std::uint32_t word;
    std::memcpy(&word, bytes.data() + at, sizeof(word));
    sum += word;
  }
  std::uint32_t rest = 0;
  if (at < bytes.size()) std::memcpy(&rest, bytes.data() + at, bytes.size() - at);
  return sum + rest;
}

// As it is stored: the sum of 16-bit words is the same in either byte order, but for their order.
void StoreChecksum(std::string& out, std::size_t at, std::uint64_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  const auto checksum = static_cast<std::uint16_t>(~sum);
  std::memcpy(out.data() + at, &checksum, sizeof(checksum));
}

void AppendEthernet(std::string& out, bool ipv6, bool from_client) {
  out += from_client ? kServerMac : kClientMac;
  out += from_client ? kClientMac : kServerMac;
  Put16(out, ipv6 ? 0x86dd : 0x0800);
}

void AppendIpv4(std::string& out, const TcpPeer& from, const TcpPeer& to, std::size_t tcp_length) {
  const std::size_t begin = out.size();
  Put16(out, 0x4500);  // version 4, five words of header
  Put16(out, kIpv4Header + tcp_length);
  Put16(out, 0);
  Put16(out, 0x4000);  // don't fragment
  Put8(out, kHopLimit);
  Put8(out, kTcp);
  Put16(out, 0);
  PutIp(out, from, false);
  PutIp(out, to, false);
  StoreChecksum(out, begin + 10, Sum(std::string_view(out).substr(begin)));
}

void AppendIpv6(std::string& out, const TcpPeer& from, const TcpPeer& to, std::size_t tcp_length) {
  Put32(out, 0x60000000);  // version 6
  Put16(out, tcp_length);
  Put8(out, kTcp);
  Put8(out, kHopLimit);
  PutIp(out, from, true);
  PutIp(out, to, true);
}

std::uint64_t PseudoHeaderSum(const TcpPeer& from, const TcpPeer& to, bool ipv6,
                              std::size_t tcp_length) {
  std::string header;
  PutIp(header, from, ipv6);
  PutIp(header, to, ipv6);
  Put32(header, static_cast<std::uint32_t>(tcp_length));
  Put32(header, kTcp);
  return Sum(header);
}

}  // namespace

void AppendTcpHeaders(std::string& out, const TcpPeers& peers, const TcpSegment& segment) {
  const TcpPeer& from = segment.from_client ? peers.client : peers.server;
  const TcpPeer& to = segment.from_client ? peers.server : peers.client;
  const std::string_view options = (segment.flags & kTcpSyn) != 0 ? kSynOptions : "";
  const std::size_t header_length = kTcpHeader + options.size();
  const std::size_t length = header_length + segment.payload.size();
  AppendEthernet(out, peers.ipv6, segment.from_client);
  if (peers.ipv6) {
    AppendIpv6(out, from, to, length);
  } else {
    AppendIpv4(out, from, to, length);
  }
  const std::size_t begin = out.size();
  Put16(out, from.port);
  Put16(out, to.port);
  Put32(out, segment.sequence);
  Put32(out, segment.acknowledged);
  Put8(out, static_cast<std::uint8_t>(header_length / 4 << 4));
  Put8(out, segment.flags);
  Put16(out, 0xffff);  // window
  Put32(out, 0);       // checksum, urgent pointer
  out += options;
  StoreChecksum(out, begin + 16,
                PseudoHeaderSum(from, to, peers.ipv6, length) +
                    Sum(std::string_view(out).substr(begin)) + Sum(AsText(segment.payload)));
}

}  // namespace gotls
