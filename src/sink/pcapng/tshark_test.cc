// What Wireshark makes of a capture: its fields are what went in. By the tshark command, where it
// is installed; with its defaults, no option that a user would have to give.
#include <gmock/gmock.h>
#include <stdio.h>

#include <array>
#include <sstream>

#include "sink/pcapng/test_capture.h"

namespace gotls {
namespace {

using testing::CaptureMaker;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::MakeConnection;
using testing::TemporaryDirectory;

std::vector<std::string> Lines(const std::string& command) {
  std::vector<std::string> lines;
  const auto close = [](FILE* file) { EXPECT_EQ(::pclose(file), 0); };
  const std::unique_ptr<FILE, decltype(close)> pipe(::popen(command.c_str(), "r"), close);
  std::string output;
  std::array<char, 4096> buffer;
  while (const std::size_t got = ::fread(buffer.data(), 1, buffer.size(), pipe.get())) {
    output.append(buffer.data(), got);
  }
  std::istringstream text(output);
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

class Tshark : public ::testing::Test {
 protected:
  void SetUp() override {
    if (Lines("command -v tshark || true").empty()) GTEST_SKIP() << "no tshark";
  }

  // Of the packets that match `filter`: the fields, joined by '|'.
  std::vector<std::string> Fields(const std::string& filter, const std::string& fields) {
    std::string command = Command("-Y '" + filter + "' -T fields -E separator='|'");
    std::istringstream names(fields);
    for (std::string name; names >> name;) command += " -e " + name;
    return Lines(command);
  }

  // Wireshark itself checks the checksums, and complains of nothing.
  void ExpectSound() {
    maker_.Finish();
    EXPECT_THAT(Lines(Command("-Y '_ws.malformed || _ws.expert.severity == error || "
                              "ip.checksum.status == Bad || tcp.checksum.status == Bad' "
                              "-o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE")),
                IsEmpty());
  }

  [[nodiscard]] std::string Command(const std::string& arguments) const {
    return "HOME=" + folder_.File("home") + " tshark -r " + maker_.path() + " " + arguments +
           " 2>/dev/null";
  }

  TemporaryDirectory folder_;
  CaptureMaker maker_{folder_.File("x.pcapng")};
};

std::string Frame(std::uint8_t type, std::uint8_t flags, std::uint8_t stream,
                  std::string_view payload) {
  std::string frame = {0, static_cast<char>(payload.size() >> 8),
                       static_cast<char>(payload.size())};
  frame += {static_cast<char>(type), static_cast<char>(flags), 0, 0, 0, static_cast<char>(stream)};
  return frame.append(payload);
}

const std::string kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// HEADERS of GET `path`, and of 200 with a body; HPACK without the dynamic table.
std::string Get(std::uint8_t stream, const std::string& path) {
  return Frame(1, 5, stream,
               "\x82\x87\x04" + std::string(1, static_cast<char>(path.size())) + path);
}
std::string Answer(std::uint8_t stream, const std::string& body) {
  return Frame(1, 4, stream, "\x88") + Frame(0, 1, stream, body);
}

TEST_F(Tshark, Http1OnAnyPort) {
  std::uint64_t id = 0;
  std::vector<std::string> expected;
  // 22, 5432 and 6379 have dissectors of their own.
  for (const int port : {80, 443, 8443, 22, 5432, 6379, 34567}) {
    Connection connection = MakeConnection(++id);
    connection.remote.port = static_cast<std::uint16_t>(port);
    maker_.Open(connection);
    const std::string path = "/p/" + std::to_string(port);
    maker_.Write(connection, "POST " + path + "?q=1 HTTP/1.1\r\nHost: example.com\r\n");
    maker_.Write(connection, "Content-Length: 4\r\n\r\nping");
    maker_.Read(connection, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\npo\r\n");
    maker_.Read(connection, "2\r\nng\r\n0\r\n\r\n");
    maker_.Close(connection);
    expected.push_back("POST|" + path + "?q=1|example.com|");
    expected.emplace_back("|||200");
  }
  ExpectSound();
  EXPECT_EQ(Fields("tcp && (http.request || http.response)",
                   "http.request.method http.request.uri http.host http.response.code"),
            expected);
  EXPECT_THAT(Fields("http.response && tcp.port == 22", "http.file_data"),
              ElementsAre(HasSubstr("pong")));
}

TEST_F(Tshark, Http2OnAnyPort) {
  std::uint64_t id = 0;
  std::vector<std::string> expected;
  for (const int port : {80, 443, 8443, 22, 5432, 50051}) {
    Connection connection = MakeConnection(++id);
    connection.remote.port = static_cast<std::uint16_t>(port);
    connection.alpn = "h2";
    const std::string path = "/h2/" + std::to_string(port);
    maker_.Open(connection);
    const std::string request = kPreface + Frame(4, 0, 0, "") + Get(1, path);
    maker_.Write(connection, request.substr(0, 30));
    maker_.Write(connection, request.substr(30));
    maker_.Read(connection, Frame(4, 0, 0, "") + Answer(1, "body"));
    maker_.Close(connection);
    expected.push_back(path + "||");
    expected.emplace_back("|200|626f6479");
  }
  ExpectSound();
  EXPECT_EQ(
      Fields("tcp && http2.headers", "http2.headers.path http2.headers.status http2.data.data"),
      expected);
}

// No preface, and the server speaks first.
TEST_F(Tshark, Http2JoinedInTheMiddle) {
  Connection connection = MakeConnection();
  connection.alpn = "h2";
  maker_.Open(connection);
  maker_.Read(connection, Answer(7, "late"));
  maker_.Write(connection, Get(9, "/next"));
  maker_.Read(connection, Answer(9, "more"));
  maker_.Close(connection, CloseReason::kDetached);
  ExpectSound();
  EXPECT_THAT(Fields("tcp && http2.headers",
                     "http2.streamid http2.headers.path http2.headers.status http2.data.data"),
              ElementsAre("7,7||200|6c617465", "9|/next||", "9,9||200|6d6f7265"));
}

TEST_F(Tshark, Grpc) {
  Connection connection = MakeConnection();
  connection.remote.port = 50051;
  connection.alpn = "h2";
  maker_.Open(connection);
  // content-type: application/grpc, then one message of two bytes.
  const std::string type =
      "\x0f\x10\x10"
      "application/grpc";
  const std::string message("\0\0\0\0\x02\x08\x01", 7);
  maker_.Write(connection, kPreface + Frame(4, 0, 0, "") +
                               Frame(1, 4, 1, "\x83\x87\x04\x09/shop/Add" + type) +
                               Frame(0, 1, 1, message));
  maker_.Read(connection,
              Frame(4, 0, 0, "") + Frame(1, 4, 1, "\x88" + type) + Frame(0, 1, 1, message));
  maker_.Close(connection);
  ExpectSound();
  EXPECT_THAT(Fields("grpc", "http2.headers.path grpc.message_length"),
              ElementsAre("/shop/Add|2", HasSubstr("|2")));
}

TEST_F(Tshark, WebSocket) {
  Connection connection = MakeConnection();
  maker_.Open(connection);
  maker_.Write(connection,
               "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  maker_.Read(connection,
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
  maker_.Write(connection, std::string("\x81\x82\x01\x01\x01\x01", 6) + "ih");  // "hi", masked
  maker_.Read(connection, "\x81\x05hello");
  maker_.Close(connection);
  ExpectSound();
  EXPECT_THAT(Fields("websocket", "websocket.opcode websocket.mask text"),
              ElementsAre(HasSubstr("1|1"), HasSubstr("1|0")));
}

TEST_F(Tshark, Ipv6AndNoAddressAtAll) {
  Connection v6 = MakeConnection(1);
  v6.local = {AddressFamily::kIpv6, {0x20, 0x01, 0x0d, 0xb8}, 40000, {}};
  v6.remote = v6.local;
  v6.remote.ip[15] = 1;
  v6.remote.port = 443;
  Connection pipe = MakeConnection(2);
  pipe.local = pipe.remote = {};
  for (Connection* connection : {&v6, &pipe}) {
    maker_.Open(*connection);
    maker_.Write(*connection, "GET /six HTTP/1.1\r\n\r\n");
    maker_.Close(*connection);
  }
  ExpectSound();
  EXPECT_THAT(Fields("tcp && http", "ipv6.src ipv6.dst tcp.srcport http.request.uri"),
              ElementsAre("2001:db8::|2001:db8::1|40000|/six",
                          "fd67:6f74:6c73:1::2|fd67:6f74:6c73:2::2|49154|/six"));
}

TEST_F(Tshark, AGapIsAMissingSegment) {
  Connection connection = MakeConnection();
  maker_.Open(connection);
  maker_.Write(connection, "GET /one HTTP/1.1\r\n\r\n");
  maker_.Gap(connection, Direction::kWrite, 100);
  maker_.Write(connection, "GET /two HTTP/1.1\r\n\r\n");
  maker_.Close(connection);
  ExpectSound();
  EXPECT_THAT(Fields("tcp.analysis.lost_segment", "tcp.seq http.request.uri frame.comment"),
              ElementsAre("122|/two|web[4711] write, goroutine 21; 100 bytes at position 21 were "
                          "not captured"));
}

TEST_F(Tshark, TheSameAddressesAgain) {
  for (std::uint64_t id = 1; id <= 3; ++id) {
    Connection connection = MakeConnection(id);
    connection.alpn = id == 2 ? "h2" : "http/1.1";
    maker_.Open(connection);
    if (id == 2) {
      maker_.Write(connection, kPreface + Frame(4, 0, 0, "") + Get(1, "/2"));
    } else {
      maker_.Write(connection, "GET /" + std::to_string(id) + " HTTP/1.1\r\n\r\n");
    }
    if (id != 2) maker_.Close(connection);  // one is never closed
  }
  ExpectSound();
  EXPECT_THAT(
      Fields("tcp && (http || http2)", "tcp.stream http.request.uri http2.headers.path tcp.seq"),
      ElementsAre("0|/1||1", "1||/2|1", "2|/3||1"));
}

// Client and server on one host, both traced: two connections in the capture.
TEST_F(Tshark, BothEndsOfAConnection) {
  Connection client = MakeConnection(1);
  Connection server = MakeConnection(2);
  server.role = Role::kServer;
  std::swap(server.local, server.remote);
  maker_.Open(client);
  maker_.Write(client, "GET /both HTTP/1.1\r\n\r\n");
  maker_.Open(server);
  maker_.Read(server, "GET /both HTTP/1.1\r\n\r\n");
  maker_.Write(server, "HTTP/1.1 204 No Content\r\n\r\n");
  maker_.Read(client, "HTTP/1.1 204 No Content\r\n\r\n");
  maker_.Close(client);
  maker_.Close(server);
  ExpectSound();
  EXPECT_THAT(
      Fields("tcp && http", "tcp.stream ip.dst tcp.dstport http.response.code"),
      ElementsAre("0|93.184.216.34|443|", "1||443|", "1||51234|204", "0|10.0.0.5|51234|204"));
  EXPECT_THAT(Fields("tcp.analysis.flags && !tcp.analysis.reused_ports", "tcp.seq"), IsEmpty());
}

TEST_F(Tshark, Behind4GiB) {
  Connection connection = MakeConnection();
  maker_.Open(connection);
  const std::string request = "GET /n HTTP/1.1\r\n\r\n";
  for (int i = 0; i < 10; ++i) {
    maker_.Write(connection, request);
    maker_.Gap(connection, Direction::kWrite, (512 << 20) - request.size());
  }
  maker_.Close(connection);
  ExpectSound();
  // Relative sequence numbers have 32 bits too.
  std::vector<std::string> expected;
  for (std::uint64_t i = 0; i < 10; ++i) {
    expected.push_back("0|/n|" + std::to_string(static_cast<std::uint32_t>(1 + i * (512 << 20))));
  }
  EXPECT_EQ(Fields("http.request", "tcp.stream http.request.uri tcp.seq"), expected);
}

TEST_F(Tshark, ABigBodyIsPutTogether) {
  Connection connection = MakeConnection();
  maker_.Open(connection);
  maker_.Write(connection, "GET /big HTTP/1.1\r\n\r\n");
  maker_.Read(connection, "HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n");
  maker_.Read(connection, std::string(300'000, 'b'));
  maker_.Close(connection);
  ExpectSound();
  const auto bodies = Fields("http.response", "http.file_data");
  ASSERT_EQ(bodies.size(), 1U);
  EXPECT_GE(bodies[0].size(), 300'000U);
  EXPECT_THAT(Fields("tcp.analysis.flags", "tcp.seq _ws.expert.message"), IsEmpty());
}

}  // namespace
}  // namespace gotls
