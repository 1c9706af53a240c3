#include "sink/pcapng/peers.h"

#include <gtest/gtest.h>

#include "sink/pcapng/test_capture.h"

namespace gotls {
namespace {

Endpoint MakeIpv4(std::uint8_t last, std::uint16_t port) {
  return {AddressFamily::kIpv4, {10, 0, 0, last}, port, {}};
}

Endpoint MakeIpv6(std::uint8_t last, std::uint16_t port) {
  Endpoint endpoint{AddressFamily::kIpv6, {0x20, 0x01, 0x0d, 0xb8}, port, {}};
  endpoint.ip[15] = last;
  return endpoint;
}

Endpoint MakeMapped(std::uint8_t last, std::uint16_t port) {
  return {
      AddressFamily::kIpv6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, last}, port, {}};
}

PacketPeers Peers(Role role, const Endpoint& local, const Endpoint& remote) {
  Connection connection = testing::MakeConnection(0x10203);
  connection.role = role;
  connection.local = local;
  connection.remote = remote;
  return PeersOf(connection);
}

TEST(Peers, RolesAreKept) {
  const auto server = Peers(Role::kServer, MakeIpv4(1, 40000), MakeIpv4(2, 80));
  EXPECT_FALSE(server.local_is_client);
  EXPECT_FALSE(server.made_up);
  EXPECT_EQ(server.peers.client.port, 80);
  EXPECT_EQ(server.peers.client.ip[3], 2);
  EXPECT_EQ(server.peers.server.ip[3], 1);
}

TEST(Peers, OfUnknownRoleTheLowerPortServes) {
  EXPECT_TRUE(Peers(Role::kUnknown, MakeIpv4(1, 40000), MakeIpv4(2, 80)).local_is_client);
  EXPECT_FALSE(Peers(Role::kUnknown, MakeIpv4(1, 80), MakeIpv4(2, 40000)).local_is_client);
}

TEST(Peers, FamiliesMeet) {
  EXPECT_TRUE(Peers(Role::kClient, MakeIpv6(1, 1), MakeIpv6(2, 2)).peers.ipv6);
  const auto plain = Peers(Role::kClient, MakeIpv4(1, 1), MakeMapped(2, 2));
  EXPECT_FALSE(plain.peers.ipv6);
  EXPECT_EQ(plain.peers.server.ip, MakeIpv4(2, 2).ip);
  const auto mixed = Peers(Role::kClient, MakeIpv4(1, 1), MakeIpv6(2, 2));
  EXPECT_TRUE(mixed.peers.ipv6);
  EXPECT_EQ(mixed.peers.client.ip, MakeMapped(1, 1).ip);
}

TEST(Peers, MissingAddressesAreMadeUp) {
  const auto none = Peers(Role::kServer, {}, {AddressFamily::kUnix, {}, 0, "/run/x"});
  EXPECT_TRUE(none.made_up);
  EXPECT_TRUE(none.peers.ipv6);
  const std::array<std::uint8_t, 16> client = {0xfd, 'g', 'o', 't', 'l', 's', 0, 1,
                                               0,    0,   0,   0,   0,   1,   2, 3};
  EXPECT_EQ(none.peers.client.ip, client);
  EXPECT_EQ(none.peers.client.port, 49152 + 0x0203);
  EXPECT_EQ(none.peers.server.ip[7], 2);
  EXPECT_EQ(none.peers.server.port, 4);
  const auto half = Peers(Role::kClient, {}, MakeIpv4(9, 443));
  EXPECT_TRUE(half.made_up);
  EXPECT_FALSE(half.peers.ipv6);
  EXPECT_EQ(half.peers.client.ip, (std::array<std::uint8_t, 16>{198, 19, 2, 3}));
  EXPECT_EQ(half.peers.server.port, 443);
}

TEST(PeersInUse, TheOtherEndHasAddressesOfItsOwn) {
  Connection client = testing::MakeConnection(1);
  Connection server = testing::MakeConnection(2);
  server.role = Role::kServer;
  std::swap(server.local, server.remote);
  PeersInUse in_use;
  const PacketPeers first = in_use.Take(client);
  EXPECT_EQ(first.peers, PeersOf(client).peers);
  const PacketPeers second = in_use.Take(server);
  EXPECT_TRUE(second.made_up);
  EXPECT_FALSE(second.local_is_client);
  EXPECT_EQ(second.peers.client.ip[15], 2);
  EXPECT_EQ(second.peers.client.port, 51234) << "ports stay";
  EXPECT_EQ(second.peers.server.port, 443);
  in_use.Release(server, second);
  EXPECT_TRUE(in_use.Take(server).made_up) << "the first is still there";
  in_use.Release(client, first);
  EXPECT_FALSE(in_use.Take(server).made_up);
}

}  // namespace
}  // namespace gotls
