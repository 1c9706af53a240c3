#include "sink/pcapng/decode_hint.h"

#include <algorithm>
#include <string_view>

namespace gotls {
namespace {

using std::string_view_literals::operator""sv;

// Tags of Wireshark's exported_pdu format: big-endian, values padded to 4 bytes.
constexpr std::uint16_t kEndOfTags = 0;
constexpr std::uint16_t kHeuristicDissector = 13;
constexpr std::uint16_t kIpv4Source = 20;
constexpr std::uint16_t kIpv4Destination = 21;
constexpr std::uint16_t kIpv6Source = 22;
constexpr std::uint16_t kIpv6Destination = 23;
constexpr std::uint16_t kPortType = 24;
constexpr std::uint16_t kSourcePort = 25;
constexpr std::uint16_t kDestinationPort = 26;
constexpr std::uint16_t kProtocolColumn = 33;
constexpr std::uint32_t kPortTypeTcp = 2;

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
// The heuristic wants a first line that ends in an HTTP/1 version; no dissector shall find an
// exchange in it. Once Wireshark knows better and reads it again as HTTP/2, it is a whole frame: an
// empty-handed ORIGIN (RFC 8336).
constexpr std::string_view kVersionLine = "\0\0\x12\x0c\0\0\0\0\0\0\x10gotls HTTP/1.1\r\n"sv;

constexpr std::string_view kMethods[] = {"GET ",     "POST ",  "PUT ",   "HEAD ",   "DELETE ",
                                         "OPTIONS ", "PATCH ", "TRACE ", "CONNECT "};
// No sane request line is longer.
constexpr std::size_t kMaxRequestLine = 8 << 10;

void Put(std::string& out, std::uint32_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>(value >> shift);
  }
}

void PutTag(std::string& out, std::uint16_t tag, std::string_view value) {
  const std::size_t padded = (value.size() + 3) / 4 * 4;
  Put(out, tag, 2);
  Put(out, static_cast<std::uint32_t>(padded), 2);
  out += value;
  out.append(padded - value.size(), '\0');
}

void PutNumber(std::string& out, std::uint16_t tag, std::uint32_t number) {
  std::string value;
  Put(value, number, 4);
  PutTag(out, tag, value);
}

void PutPeers(std::string& out, const TcpPeers& peers) {
  const auto ip = [&](const TcpPeer& peer) {
    return std::string_view(reinterpret_cast<const char*>(peer.ip.data()), peers.ipv6 ? 16 : 4);
  };
  PutTag(out, peers.ipv6 ? kIpv6Source : kIpv4Source, ip(peers.client));
  PutTag(out, peers.ipv6 ? kIpv6Destination : kIpv4Destination, ip(peers.server));
  PutNumber(out, kPortType, kPortTypeTcp);
  PutNumber(out, kSourcePort, peers.client.port);
  PutNumber(out, kDestinationPort, peers.server.port);
}

bool IsVersion(std::string_view text) { return text == "HTTP/1.1" || text == "HTTP/1.0"; }

bool IsRequestLine(std::string_view text) {
  const auto begins = [&](std::string_view method) { return text.starts_with(method); };
  if (std::ranges::none_of(kMethods, begins)) return false;
  const std::size_t end = text.substr(0, kMaxRequestLine).find("\r\n");
  return end != std::string_view::npos && end > 8 && IsVersion(text.substr(end - 8, 8));
}

}  // namespace

WireProtocol ProtocolOf(const Connection& connection) {
  if (connection.alpn.empty()) return WireProtocol::kUnknown;
  if (connection.alpn == "h2") return WireProtocol::kHttp2;
  return connection.alpn.starts_with("http/1.") ? WireProtocol::kHttp1 : WireProtocol::kOther;
}

WireProtocol GuessProtocol(Bytes data) {
  const std::string_view text = AsText(data);
  if (text.starts_with(kPreface.substr(0, 16))) return WireProtocol::kHttp2;
  if (IsRequestLine(text)) return WireProtocol::kHttp1;
  if (text.size() > 8 && text[8] == ' ' && IsVersion(text.substr(0, 8))) {
    return WireProtocol::kHttp1;
  }
  return WireProtocol::kUnknown;
}

std::string HintPacket(DecodeHint hint, const TcpPeers& peers) {
  std::string packet;
  PutTag(packet, kHeuristicDissector, hint == DecodeHint::kHttp ? "http_tcp" : "http2_tcp");
  PutTag(packet, kProtocolColumn, "gotls");
  PutPeers(packet, peers);
  PutTag(packet, kEndOfTags, {});
  packet += hint == DecodeHint::kHttp ? kVersionLine : kPreface;
  return packet;
}

}  // namespace gotls
