#include "sink/pcapng/pcapng.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "sink/part_sink.h"
#include "sink/pcapng/test_capture.h"

namespace gotls {
namespace {

using testing::CaptureMaker;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::MakeConnection;
using ::testing::Not;
using testing::ParseCapture;
using testing::ReadCapture;
using testing::ReadPacket;
using testing::TemporaryDirectory;

constexpr std::uint8_t kFin = 1, kSyn = 2, kPush = 8, kAck = 16;

// One connection of a client with `act` between its open and its close.
template <typename Act>
ReadCapture Capture(Connection connection, Act act, bool hints = true) {
  const TemporaryDirectory folder;
  CaptureMaker capture(folder.File("x.pcapng"), hints);
  capture.Open(connection);
  act(capture, connection);
  capture.Close(connection);
  capture.Finish();
  return ParseCapture(capture.path());
}

// The bytes of each direction, put together by their sequence numbers; '?' where some are missing.
std::string Reassemble(const std::vector<ReadPacket>& packets, std::uint16_t from_port) {
  std::string stream;
  std::optional<std::uint32_t> begin;
  for (const ReadPacket& packet : packets) {
    if (packet.from_port != from_port) continue;
    if ((packet.tcp_flags & kSyn) != 0) begin = packet.sequence + 1;
    const std::uint32_t at = packet.sequence - begin.value_or(packet.sequence);
    if (packet.payload.empty()) continue;
    if (at > stream.size()) stream.resize(at, '?');
    EXPECT_EQ(at, stream.size());
    stream += packet.payload;
  }
  return stream;
}

TEST(Pcapng, AnExchangeIsATcpConnection) {
  const auto capture = Capture(MakeConnection(), [](auto& maker, auto& connection) {
    maker.Write(connection, "GET / HTTP/1.1\r\n\r\n");
    maker.Read(connection, "HTTP/1.1 200 OK\r\n\r\n");
  });
  EXPECT_EQ(capture.application, "gotls test");
  EXPECT_EQ(capture.interface_names.front(), "gotls");
  const auto tcp = capture.Tcp();
  std::vector<int> flags;
  for (const ReadPacket& packet : tcp) flags.push_back(packet.tcp_flags);
  EXPECT_THAT(flags, ElementsAre(kSyn, kSyn | kAck, kAck, kPush | kAck, kPush | kAck, kFin | kAck,
                                 kFin | kAck, kAck));
  EXPECT_EQ(tcp[0].from, std::string("\x0a\0\0\x05", 4));
  EXPECT_EQ(tcp[0].to, "\x5d\xb8\xd8\x22");
  EXPECT_EQ(tcp[0].from_port, 51234);
  EXPECT_EQ(tcp[0].to_port, 443);
  EXPECT_EQ(Reassemble(tcp, 51234), "GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(Reassemble(tcp, 443), "HTTP/1.1 200 OK\r\n\r\n");
  for (std::size_t i = 1; i < tcp.size(); ++i) EXPECT_LE(tcp[i - 1].time, tcp[i].time);
  EXPECT_EQ(tcp[3].time, 1'772'366'671'002'000'000U);
}

TEST(Pcapng, EachSideAcknowledgesAllThatTheOtherSent) {
  const auto tcp = Capture(MakeConnection(), [](auto& maker, auto& connection) {
                     for (std::size_t i = 0; i < 20; ++i) {
                       maker.Write(connection, std::string(1000 * i, 'w'));
                       maker.Read(connection, std::string(70'000, 'r'));
                     }
                   }).Tcp();
  std::map<std::uint16_t, std::uint32_t> next;
  for (const ReadPacket& packet : tcp) {
    const bool first = !next.contains(packet.from_port);
    if (!first) {
      EXPECT_EQ(packet.sequence, next[packet.from_port]);
    }
    if ((packet.tcp_flags & kAck) != 0) {
      EXPECT_EQ(packet.acknowledged, next[packet.to_port]);
    }
    next[packet.from_port] = packet.sequence + static_cast<std::uint32_t>(packet.payload.size()) +
                             ((packet.tcp_flags & (kSyn | kFin)) != 0 ? 1 : 0);
  }
  EXPECT_EQ(Reassemble(tcp, 443), std::string(1'400'000, 'r'));
}

TEST(Pcapng, CommentsNameProcessDirectionAndGoroutine) {
  Connection connection = MakeConnection();
  connection.process.comm = "w\xff\x1b\xe2\x82\xac";
  const auto tcp = Capture(connection, [](auto& maker, auto& open) {
                     maker.Write(open, "a");
                     maker.Read(open, "b");
                   }).Tcp();
  EXPECT_EQ(tcp[0].comment,
            "w\\xff\\x1b\xe2\x82\xac[4711] client, goroutine 18, /srv/web, TLS 1.3, SNI "
            "example.com, ALPN http/1.1");
  EXPECT_EQ(tcp[3].comment, "w\\xff\\x1b\xe2\x82\xac[4711] write, goroutine 21");
  EXPECT_EQ(tcp[3].flags, 2U) << "outbound";
  EXPECT_EQ(tcp[4].comment, "w\\xff\\x1b\xe2\x82\xac[4711] read, goroutine 21");
  EXPECT_EQ(tcp[4].flags, 1U) << "inbound";
}

TEST(Pcapng, AServerIsCalledFromOutside) {
  Connection connection = MakeConnection();
  std::swap(connection.local, connection.remote);
  connection.role = Role::kServer;
  const auto tcp =
      Capture(connection, [](auto& maker, auto& open) { maker.Read(open, "a"); }).Tcp();
  EXPECT_EQ(tcp[0].from_port, 51234);
  EXPECT_EQ(tcp[0].flags, 1U);
  EXPECT_EQ(tcp[3].from_port, 51234);
  EXPECT_EQ(tcp[3].flags, 1U);
  EXPECT_EQ(tcp[4].from_port, 443) << "the traced side closes";
}

TEST(Pcapng, WhatIsMissingStaysOut) {
  const auto tcp = Capture(MakeConnection(), [](auto& maker, auto& connection) {
                     maker.Write(connection, "abc");
                     maker.Gap(connection, Direction::kWrite, 4);
                     maker.Gap(connection, Direction::kWrite, 1);
                     maker.Write(connection, "def");
                     maker.Gap(connection, Direction::kRead, 2);
                   }).Tcp();
  EXPECT_EQ(Reassemble(tcp, 51234), "abc?????def");
  EXPECT_THAT(tcp[4].comment, HasSubstr("; 4 bytes at position 3 were not captured; 1 bytes at "));
  EXPECT_THAT(tcp[3].comment, Not(HasSubstr("captured")));
  // The gap at the end is told by the packet that ends the direction.
  const ReadPacket& fin = tcp[6];
  EXPECT_EQ(fin.from_port, 443);
  EXPECT_EQ(fin.sequence, tcp[1].sequence + 3);
  EXPECT_THAT(fin.comment, HasSubstr("2 bytes at position 0 were not captured"));
}

TEST(Pcapng, WhatWasNotSentIsNoGap) {
  const auto tcp = Capture(MakeConnection(), [](auto& maker, auto& connection) {
                     maker.Write(connection, "abcdef");
                     maker.Gap(connection, Direction::kWrite, 3, kGapNotSent);
                   }).Tcp();
  EXPECT_EQ(Reassemble(tcp, 51234), "abcdef");
  EXPECT_EQ(tcp[4].sequence, tcp[3].sequence + 6);
  EXPECT_THAT(tcp[4].comment, HasSubstr("given to a Write that failed"));
}

TEST(Pcapng, SequenceNumbersWrap) {
  const std::string last = "behind 4 GiB";
  const auto tcp = Capture(MakeConnection(), [&](auto& maker, auto& connection) {
                     for (int i = 0; i < 9; ++i) {
                       maker.Write(connection, "x");
                       maker.Gap(connection, Direction::kWrite, (512 << 20) - 1);
                     }
                     maker.Write(connection, last);
                   }).Tcp();
  const ReadPacket& packet = *std::ranges::find(tcp, last, &ReadPacket::payload);
  EXPECT_EQ(packet.sequence, tcp[0].sequence + 1 + static_cast<std::uint32_t>(9ULL * (512 << 20)));
}

// In sequence space half of it and more would be a step back.
TEST(Pcapng, AHugeGapIsAStepForward) {
  const auto tcp = Capture(MakeConnection(), [](auto& maker, auto& connection) {
                     maker.Gap(connection, Direction::kWrite, 1ULL << 62);
                     maker.Write(connection, "x");
                   }).Tcp();
  EXPECT_EQ(tcp[3].sequence, tcp[0].sequence + 1 + (1U << 30));
  EXPECT_THAT(tcp[3].comment, HasSubstr("4611686018427387904 bytes"));
}

TEST(Pcapng, ConnectionsOfTheSameAddressesDiffer) {
  const TemporaryDirectory folder;
  CaptureMaker maker(folder.File("x"));
  std::set<std::uint32_t> begins;
  for (std::uint64_t id = 1; id <= 50; ++id) {
    Connection connection = MakeConnection(id);
    maker.Open(connection);
    maker.Close(connection);
  }
  maker.Finish();
  for (const ReadPacket& packet : ParseCapture(maker.path()).Tcp()) {
    if ((packet.tcp_flags & kSyn) != 0) begins.insert(packet.sequence);
  }
  EXPECT_EQ(begins.size(), 100U);
}

TEST(Pcapng, TracingThatEndsClosesNothing) {
  const TemporaryDirectory folder;
  CaptureMaker maker(folder.File("x"));
  Connection connection = MakeConnection();
  maker.Open(connection);
  maker.Gap(connection, Direction::kRead, 7);
  maker.Close(connection, CloseReason::kDetached);
  maker.Finish();
  const auto tcp = ParseCapture(maker.path()).Tcp();
  ASSERT_EQ(tcp.size(), 4U);
  EXPECT_EQ(tcp[3].tcp_flags, kAck);
  EXPECT_THAT(tcp[3].comment, HasSubstr("7 bytes at position 0"));
}

TEST(Pcapng, HintsComeBeforeTheFirstBytes) {
  struct Case {
    const char* alpn;
    const char* first;
    std::size_t hints;
  };
  for (const auto& [alpn, first, hints] :
       {Case{"h2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 2}, Case{"h2", "in the middle", 2},
        Case{"", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 2}, Case{"http/1.1", "rest of a body", 1},
        Case{"", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 1}, Case{"", "GET key\r\n", 0},
        Case{"", "HTTP/1.1 200 OK\r\n", 1}, Case{"", "*1\r\n$4\r\nPING\r\n", 0},
        Case{"acme-tls/1", "GET / HTTP/1.1\r\n\r\n", 0}}) {
    Connection connection = MakeConnection();
    connection.alpn = alpn;
    const auto act = [&](auto& maker, auto& open) {
      maker.Write(open, first);
      maker.Write(open, first);
    };
    const auto capture = Capture(connection, act);
    EXPECT_EQ(capture.packets.size() - capture.Tcp().size(), hints) << alpn << first;
    EXPECT_EQ(capture.link_types.size(), hints == 0 ? 1U : 2U);
    EXPECT_EQ(capture.packets[3].interface, hints == 0 ? 0U : 1U);
    const auto without = Capture(connection, act, false);
    EXPECT_EQ(without.packets.size(), without.Tcp().size());
    EXPECT_EQ(without.link_types.size(), 1U);
  }
}

TEST(Pcapng, WithoutHintsACommentSaysHowToDecode) {
  Connection connection = MakeConnection();
  connection.alpn = "h2";
  const auto capture = Capture(
      connection, [](auto&, auto&) {}, false);
  EXPECT_THAT(capture.packets[0].comment, HasSubstr(", decode with -d tcp.port==443,http2"));
}

TlsSecret MakeSecret(const std::string& label, std::string_view random, std::string_view secret) {
  return {label, AsBytes(random), AsBytes(secret), 0, {}};
}

TEST(Pcapng, SecretsComeBeforeWhatIsBehindThem) {
  const TemporaryDirectory folder;
  CaptureMaker maker(folder.File("x"));
  Connection connection = MakeConnection();
  const std::string random(32, '\x01');
  const std::string secret(32, '\xab');
  auto& secrets = dynamic_cast<SecretSink&>(maker.sink());
  ASSERT_TRUE(secrets.OnSecret({}, MakeSecret("CLIENT_RANDOM", random, secret)));
  ASSERT_TRUE(secrets.OnSecret({}, MakeSecret("CLIENT_RANDOM", random, secret)));
  ASSERT_TRUE(secrets.OnSecret({}, MakeSecret("evil\nline", random, secret)));
  maker.Open(connection);
  maker.Finish();
  std::string line = "CLIENT_RANDOM ";
  for (int i = 0; i < 32; ++i) line += "01";
  line += ' ';
  for (int i = 0; i < 32; ++i) line += "ab";
  const auto capture = ParseCapture(maker.path());
  EXPECT_THAT(capture.secrets, ElementsAre(line + "\n"));
  EXPECT_THAT(capture.secrets_before, ElementsAre(0U));
}

TEST(Pcapng, APartIsWholeByItself) {
  const TemporaryDirectory folder;
  auto file = OutputFile::OpenParts(folder.File("x.pcapng"), {.max_bytes = 1});
  ASSERT_TRUE(file) << file.error().Message();
  auto sink = MakePcapngSink(**file, {});
  ASSERT_TRUE(sink);
  Connection connection = MakeConnection();
  connection.alpn = "h2";
  const std::string random(32, '\x01');
  ASSERT_TRUE(
      dynamic_cast<SecretSink&>(**sink).OnSecret({}, MakeSecret("CLIENT_RANDOM", random, random)));
  ASSERT_TRUE((*sink)->OnOpen(connection));
  for (std::uint64_t position : {0, 1}) {
    ASSERT_TRUE(
        (*sink)->OnChunk(connection, {Direction::kWrite, {position}, AsBytes("x"), 0, 0, {}}));
    if (position == 1) break;
    auto& parts = dynamic_cast<PartSink&>(**sink);
    ASSERT_TRUE(parts.EndPart());
    ASSERT_TRUE((*file)->NextPart());
    ASSERT_TRUE(parts.BeginPart());
  }
  ASSERT_TRUE((*sink)->OnSummary({}));
  const auto first = ParseCapture(folder.File("x.00001.pcapng"));
  const auto second = ParseCapture(folder.File("x.00002.pcapng"));
  EXPECT_EQ(second.secrets, first.secrets);
  EXPECT_EQ(second.packets.size(), 3U) << "two hints, and the data";
  EXPECT_EQ(second.Tcp().at(0).sequence, first.Tcp().back().sequence + 1);
}

}  // namespace
}  // namespace gotls
