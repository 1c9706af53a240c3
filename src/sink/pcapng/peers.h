// Who talks to whom in a packet of a connection.
#pragma once

#include <map>
#include <utility>

#include "gotls/records.h"
#include "sink/pcapng/tcp_packet.h"

namespace gotls {

struct PacketPeers {
  TcpPeers peers;
  bool local_is_client = false;
  bool made_up = false;  // an address, or both, are not the connection's own
};

// The connection's own addresses and ports. An unknown role: the lower port is the server's.
// Where an address is missing (net.Pipe, Unix sockets) it is one of
//   fd67:6f74:6c73:1::ID    the client  } ID is the connection's number,
//   fd67:6f74:6c73:2::ID    the server  } ports are 49152 + ID % 16384 and 4
//   198.18.0.0/15           either of them, when the other one has an IPv4 address
PacketPeers PeersOf(const Connection& connection);

// Keeps apart what is open at the same time. When both ends of a connection are traced, when TLS
// runs inside TLS, or when containers use the same addresses, several connections have the same
// two addresses and ports; a reader of packets would take them for one. So the first has its own
// addresses, and the others have made-up ones (those above) with their own ports.
class PeersInUse {
 public:
  PacketPeers Take(const Connection& connection);
  void Release(const Connection& connection, const PacketPeers& peers);

 private:
  using Key = std::pair<TcpPeer, TcpPeer>;  // in their order, whoever is the client

  static Key KeyOf(const PacketPeers& peers);

  std::map<Key, ConnId> users_;
};

}  // namespace gotls
