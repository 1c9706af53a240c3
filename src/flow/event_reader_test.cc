#include "flow/event_reader.h"

#include <gtest/gtest.h>

#include "flow/test_events.h"

namespace gotls {
namespace {

using testing::Ipv4;
using testing::Ipv6;
using testing::TestConn;

Connection Read(const gotls_conn_event& event) { return ReadConn(PackEvent(event))->connection; }

TEST(EventReader, AddressFamilies) {
  gotls_conn_event event = TestConn().ConnFields(1);
  event.local = Ipv6({0x20, 0x01, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 443);
  event.remote = Ipv6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 2, 3}, 99);
  const Connection connection = Read(event);
  EXPECT_EQ(connection.local.family, AddressFamily::kIpv6);
  EXPECT_EQ(connection.local.ip[1], 1);
  EXPECT_EQ(connection.remote.family, AddressFamily::kIpv4);
  EXPECT_EQ(connection.remote.ip[0], 10);
  EXPECT_EQ(connection.remote.ip[3], 3);
  EXPECT_EQ(connection.remote.ip[4], 0);
  EXPECT_EQ(connection.remote.port, 99);
}

TEST(EventReader, UnixAddresses) {
  gotls_conn_event event = TestConn().ConnFields(1);
  event.local = {};
  event.local.kind = GOTLS_ADDRESS_UNIX;
  TestConn::SetName(event.local_path, event.local.path_length, "/run/x.sock");
  event.remote = {};
  event.remote.kind = GOTLS_ADDRESS_UNIX;
  TestConn::SetName(event.remote_path, event.remote.path_length, std::string_view("\0name", 5));
  const Connection connection = Read(event);
  EXPECT_EQ(connection.local.family, AddressFamily::kUnix);
  EXPECT_EQ(connection.local.path, "/run/x.sock");
  EXPECT_EQ(connection.remote.path, "@name");
}

TEST(EventReader, StreamsOfQuic) {
  gotls_conn_event event = TestConn().ConnFields(1);
  EXPECT_EQ(Read(event).stream_id, std::nullopt);
  event.kind = GOTLS_CONN_QUIC_STREAM;
  event.stream_id = 4;
  EXPECT_EQ(Read(event).stream_id, 4U);
  EXPECT_EQ(Read(event).transport, "quic");
  event.stream_id = GOTLS_NO_STREAM;
  EXPECT_EQ(Read(event).stream_id, std::nullopt);
  EXPECT_EQ(Read(event).transport, "quic");
}

TEST(EventReader, ConnectionsOfRecordingsWithoutStreams) {
  const EventBytes bytes = TestConn().Conn(1);
  const std::size_t old = offsetof(gotls_conn_event, stream_id);
  EXPECT_EQ(old, 1416U);
  const auto conn = ReadConn(Bytes(bytes).first(old));
  ASSERT_TRUE(conn.has_value());
  EXPECT_EQ(conn->connection.server_name, "example.com");
  EXPECT_EQ(conn->connection.stream_id, std::nullopt);
  EXPECT_FALSE(ReadConn(Bytes(bytes).first(old - 1)).has_value());
}

TEST(EventReader, ImpossibleAddressesAreNone) {
  gotls_conn_event event = TestConn().ConnFields(1);
  event.local.ip_length = 7;
  event.remote.kind = 9;
  const Connection connection = Read(event);
  EXPECT_EQ(connection.local, Endpoint{});
  EXPECT_EQ(connection.remote, Endpoint{});
}

TEST(EventReader, LongNamesAreCut) {
  gotls_conn_event event = TestConn().ConnFields(1);
  event.server_name_length = 0xffff;
  event.local.kind = GOTLS_ADDRESS_UNIX;
  event.local.path_length = 0xffffffff;
  const Connection connection = Read(event);
  EXPECT_EQ(connection.server_name.size(), std::size_t{GOTLS_NAME_BYTES});
  EXPECT_EQ(connection.local.path.size(), std::size_t{GOTLS_NAME_BYTES});
}

TEST(EventReader, RolesAndTransport) {
  gotls_conn_event event = TestConn().ConnFields(1);
  event.is_client = 0;
  event.fd = -5;
  TestConn::SetName(event.transport_name, event.transport_name_length, "*net.pipe");
  EXPECT_EQ(Read(event).role, Role::kServer);
  EXPECT_EQ(Read(event).fd, -1);
  EXPECT_EQ(Read(event).transport, "*net.pipe");
  event.is_client = 0xff;
  EXPECT_EQ(Read(event).role, Role::kUnknown);
}

TEST(EventReader, CountersOfOtherVersions) {
  const std::vector<std::uint64_t> few = {3};
  EXPECT_EQ(ReadCounters(MakeCounters({1}, few))->at(0), 3U);
  EXPECT_EQ(ReadCounters(MakeCounters({1}, few))->size(), std::size_t{GOTLS_COUNTER_COUNT});
  const std::vector<std::uint64_t> many(GOTLS_COUNTER_COUNT + 5, 1);
  EXPECT_EQ(ReadCounters(MakeCounters({1}, many))->size(), std::size_t{GOTLS_COUNTER_COUNT});
}

TEST(EventReader, Container) {
  const EventBytes event = testing::MakeContainerEvent(1, 4711, 7, "01ab", "web");
  const auto info = ReadContainer(event);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->namespace_pid, 7U);
  EXPECT_EQ(info->container, (Container{"01ab", "", "web", {}, {}, {}}));
  EXPECT_FALSE(ReadContainer(Bytes(event).first(event.size() - 1)));
  for (std::size_t i = 0; i < event.size(); i++) {  // lengths that lie
    EventBytes lying = event;
    lying[i] = std::byte{0xff};
    const auto read = ReadContainer(lying);
    EXPECT_TRUE(!read || read->container.name.size() <= 256U);
  }
}

TEST(EventReader, ProcessInfo) {
  const auto info = ReadProcessInfo(MakeProcessInfo({1}, 2, "a-name-that-is-too-long", "/a b"));
  EXPECT_EQ(info->comm, "a-name-that-is-");
  EXPECT_EQ(info->exe, "/a b");
  EventBytes lying = MakeProcessInfo({1}, 2, "x", std::string(5000, 'x'));
  EXPECT_EQ(ReadProcessInfo(lying)->exe.size(), 4096U);
  lying[40] = std::byte{1};  // one byte more than there is
  EXPECT_FALSE(ReadProcessInfo(lying));
}

}  // namespace
}  // namespace gotls
