#include "sink/pcapng/peers.h"

#include <algorithm>
#include <utility>

namespace gotls {
namespace {

// No dissector of Wireshark's waits at this port.
constexpr std::uint16_t kNoServerPort = 4;
constexpr std::uint16_t kFirstEphemeralPort = 49152;
constexpr std::array<std::uint8_t, 12> kMappedIpv4 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool HasIp(const Endpoint& endpoint) {
  return endpoint.family == AddressFamily::kIpv4 || endpoint.family == AddressFamily::kIpv6;
}

// IPv4 also in the clothes of IPv6, as a dual-stack socket has it.
bool IsIpv4(const Endpoint& endpoint) {
  if (endpoint.family == AddressFamily::kIpv4) return true;
  return endpoint.family == AddressFamily::kIpv6 &&
         std::equal(kMappedIpv4.begin(), kMappedIpv4.end(), endpoint.ip.begin());
}

TcpPeer AsIpv4(const Endpoint& endpoint) {
  TcpPeer peer{{}, endpoint.port};
  const auto* const from = endpoint.ip.begin() + (endpoint.family == AddressFamily::kIpv4 ? 0 : 12);
  std::copy_n(from, 4, peer.ip.begin());
  return peer;
}

TcpPeer AsIpv6(const Endpoint& endpoint) {
  TcpPeer peer{endpoint.ip, endpoint.port};
  if (endpoint.family != AddressFamily::kIpv4) return peer;
  std::ranges::copy(kMappedIpv4, peer.ip.begin());
  std::copy_n(endpoint.ip.begin(), 4, peer.ip.begin() + 12);
  return peer;
}

bool LocalIsClient(const Connection& connection) {
  if (connection.role != Role::kUnknown) return connection.role == Role::kClient;
  return connection.local.port >= connection.remote.port;
}

TcpPeer MakeUp(ConnId id, bool client, bool ipv6) {
  TcpPeer peer;
  peer.port =
      client ? static_cast<std::uint16_t>(kFirstEphemeralPort + id.value % 16384) : kNoServerPort;
  if (!ipv6) {
    peer.ip = {198, static_cast<std::uint8_t>(18 + (id.value >> 16) % 2),
               static_cast<std::uint8_t>(id.value >> 8), static_cast<std::uint8_t>(id.value)};
    return peer;
  }
  peer.ip = {0xfd, 'g', 'o', 't', 'l', 's', 0, static_cast<std::uint8_t>(client ? 1 : 2)};
  for (std::size_t i = 0; i < 8; ++i) {
    peer.ip[8 + i] = static_cast<std::uint8_t>(id.value >> (56 - 8 * i));
  }
  return peer;
}

PacketPeers MakePeers(const Connection& connection, bool use_local, bool use_remote) {
  const Endpoint& local = connection.local;
  const Endpoint& remote = connection.remote;
  PacketPeers result;
  result.local_is_client = LocalIsClient(connection);
  result.made_up = !use_local || !use_remote;
  const bool none = !use_local && !use_remote;
  const bool ipv4 = !none && (!use_local || IsIpv4(local)) && (!use_remote || IsIpv4(remote));
  result.peers.ipv6 = !ipv4;
  const auto peer = [&](const Endpoint& endpoint, bool use, bool client) {
    if (use) return ipv4 ? AsIpv4(endpoint) : AsIpv6(endpoint);
    TcpPeer made_up = MakeUp(connection.id, client, !ipv4);
    if (HasIp(endpoint)) made_up.port = endpoint.port;
    return made_up;
  };
  const TcpPeer local_peer = peer(local, use_local, result.local_is_client);
  const TcpPeer remote_peer = peer(remote, use_remote, !result.local_is_client);
  result.peers.client = result.local_is_client ? local_peer : remote_peer;
  result.peers.server = result.local_is_client ? remote_peer : local_peer;
  return result;
}

}  // namespace

PacketPeers PeersOf(const Connection& connection) {
  return MakePeers(connection, HasIp(connection.local), HasIp(connection.remote));
}

PacketPeers PeersInUse::Take(const Connection& connection) {
  PacketPeers peers = PeersOf(connection);
  const bool is_free = users_.try_emplace(KeyOf(peers), connection.id).second;
  return is_free ? peers : MakePeers(connection, false, false);
}

void PeersInUse::Release(const Connection& connection, const PacketPeers& peers) {
  const auto found = users_.find(KeyOf(peers));
  if (found != users_.end() && found->second == connection.id) users_.erase(found);
}

PeersInUse::Key PeersInUse::KeyOf(const PacketPeers& peers) {
  return std::minmax(peers.peers.client, peers.peers.server);
}

}  // namespace gotls
