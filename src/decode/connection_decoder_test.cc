#include "decode/connection_decoder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "decode/decode_stage.h"

namespace gotls {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::string_view kSettings{"\0\0\0\4\0\0\0\0\0", 9};
// HEADERS on stream 1, END_STREAM and END_HEADERS: GET https / from the static table.
constexpr std::string_view kGet{"\0\0\3\1\5\0\0\0\1\x82\x87\x84", 12};
// HEADERS on stream 1, END_STREAM and END_HEADERS: 200 from the static table.
constexpr std::string_view kOk{"\0\0\1\1\5\0\0\0\1\x88", 10};

// Writes down what comes, a line each; opaque bytes of one direction that follow each other are one
// line.
class Notes final : public ExchangeHandler {
 public:
  void OnExchange(const Connection& connection, Exchange& exchange) override {
    lines.push_back(fmt::format("{} {} {} {}{}", connection.id.value, exchange.method,
                                exchange.path, exchange.status,
                                exchange.state == ExchangeState::kComplete ? "" : " incomplete"));
  }
  void OnMessage(const Connection&, Exchange&, Message&) override { lines.emplace_back("message"); }
  void OnOpaque(const Connection&, const Chunk& chunk) override {
    const std::string head = chunk.direction == Direction::kRead ? "read " : "write ";
    if (lines.empty() || !lines.back().starts_with(head)) lines.push_back(head);
    lines.back() += AsText(chunk.data);
  }
  void OnOpaqueGap(const Connection&, const Gap& gap) override {
    lines.push_back(fmt::format("gap {}", gap.length));
  }

  std::vector<std::string> lines;
};

// A connection's bytes, said by the traced program.
class Talk {
 public:
  explicit Talk(Role role, std::string alpn = {}) {
    connection_.id = {1};
    connection_.role = role;
    connection_.alpn = std::move(alpn);
    stage_.OnOpen(connection_);
  }
  Talk& Read(std::string_view bytes) { return Move(Direction::kRead, bytes); }
  // While the first Write is under way, which is seen when it returns.
  Talk& ReadBeforeFirstWrite(std::string_view bytes) { return Move(Direction::kRead, bytes, true); }
  Talk& Write(std::string_view bytes) { return Move(Direction::kWrite, bytes); }
  Talk& ReadByByte(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) Read(bytes.substr(i, 1));
    return *this;
  }
  Talk& Missing(Direction direction, std::uint64_t length) {
    Gap gap;
    gap.direction = direction;
    gap.position = {position_[static_cast<std::size_t>(direction)]};
    gap.length = length;
    gap.reasons = kGapRingFull;
    position_[static_cast<std::size_t>(direction)] += length;
    stage_.OnGap(connection_, gap);
    return *this;
  }
  // Says that the last bytes that were written did not go out.
  Talk& NotSent(std::uint64_t length) {
    Gap gap;
    gap.direction = Direction::kWrite;
    gap.position = {position_[1] - length};
    gap.length = length;
    gap.reasons = kGapNotSent;
    stage_.OnGap(connection_, gap);
    return *this;
  }
  std::vector<std::string> Close() {
    stage_.OnClose(connection_, {});
    return notes_.lines;
  }
  [[nodiscard]] std::uint64_t Count(std::string_view name) const {
    for (const Counter& counter : stage_.Counters())
      if (counter.name == name) return counter.value;
    ADD_FAILURE() << "no counter " << name;
    return 0;
  }

 private:
  Talk& Move(Direction direction, std::string_view bytes, bool before_first_write = false) {
    std::uint64_t& position = position_[static_cast<std::size_t>(direction)];
    stage_.OnChunk(connection_, {.direction = direction,
                                 .position = {position},
                                 .data = AsBytes(bytes),
                                 .goroutine = 7,
                                 .thread = 8,
                                 .time = {},
                                 .before_first_write = before_first_write});
    position += bytes.size();
    return *this;
  }

  Notes notes_;
  DecodeStage stage_{notes_, DecodeOptions{}};
  Connection connection_;
  std::uint64_t position_[2] = {};
};

const std::string kRequest = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string kResponse = "HTTP/1.1 204 No Content\r\n\r\n";

TEST(ConnectionDecoder, Http1OfAServerAndOfAClient) {
  EXPECT_THAT(Talk(Role::kServer).Read(kRequest).Write(kResponse).Close(),
              ElementsAre("1 GET /x 204"));
  EXPECT_THAT(Talk(Role::kClient, "http/1.1").Write(kRequest).Read(kResponse).Close(),
              ElementsAre("1 GET /x 204"));
}

TEST(ConnectionDecoder, Http1WithoutARole) {
  EXPECT_THAT(Talk(Role::kUnknown).Read(kRequest).Write(kResponse).Close(),
              ElementsAre("1 GET /x 204"));
  EXPECT_THAT(Talk(Role::kUnknown).Write(kRequest).Read(kResponse).Close(),
              ElementsAre("1 GET /x 204"));
}

TEST(ConnectionDecoder, Http1ByteByByte) {
  EXPECT_THAT(Talk(Role::kServer).ReadByByte(kRequest).Write(kResponse).Close(),
              ElementsAre("1 GET /x 204"));
}

// HashiCorp's LIST, for one: it carries tokens that only redaction hides.
TEST(ConnectionDecoder, Http1WithAMethodThatIsNotWellKnown) {
  const std::string request = "LIST /x HTTP/1.1\r\nX-Vault-Token: t\r\n\r\n";
  for (const char* alpn : {"", "http/1.1"}) {
    Talk talk(Role::kServer, alpn);
    EXPECT_THAT(talk.Read(request).Write(kResponse).Close(), ElementsAre("1 LIST /x 204")) << alpn;
    EXPECT_EQ(talk.Count("decode_joined_connections"), 0U);
  }
  EXPECT_THAT(Talk(Role::kServer, "http/1.1").ReadByByte(request).Write(kResponse).Close(),
              ElementsAre("1 LIST /x 204"));
}

TEST(ConnectionDecoder, AResponseWaitsForAFirstRequestThatIsUnderWay) {
  for (const Role role : {Role::kClient, Role::kUnknown}) {
    for (std::size_t at = 1; at <= kResponse.size(); ++at) {
      Talk talk(role);
      talk.ReadBeforeFirstWrite(kResponse.substr(0, at)).Read(kResponse.substr(at));
      EXPECT_THAT(talk.Write(kRequest).Write(kRequest).Read(kResponse).Close(),
                  ElementsAre("1 GET /x 204", "1 GET /x 204"))
          << at;
      EXPECT_EQ(talk.Count("decode_joined_connections"), 0U);
    }
  }
}

TEST(ConnectionDecoder, AFirstRequestThatIsUnderWayMayComeInsideTheResponse) {
  for (std::size_t at = 1; at < kResponse.size(); ++at) {
    Talk talk(Role::kClient);
    talk.ReadBeforeFirstWrite(kResponse.substr(0, at)).Write(kRequest).Read(kResponse.substr(at));
    EXPECT_THAT(talk.Write(kRequest).Read(kResponse).Close(),
                ElementsAre("1 GET /x 204", "1 GET /x 204"))
        << at;
  }
}

TEST(ConnectionDecoder, AResponseWhoseRequestNeverComesIsShownAtTheEnd) {
  EXPECT_THAT(Talk(Role::kClient).ReadBeforeFirstWrite(kResponse).Close(), ElementsAre("1   204"));
}

// Nothing is under way: the request was before us.
TEST(ConnectionDecoder, AResponseJoinedInTheMiddleIsNotTheNextRequests) {
  EXPECT_THAT(Talk(Role::kClient).Read(kResponse).Write(kRequest).Read(kResponse).Close(),
              ElementsAre("1   204", "1 GET /x 204"));
}

TEST(ConnectionDecoder, AnHttp2ResponseWaitsForAPrefaceThatIsUnderWay) {
  Talk talk(Role::kClient, "h2");
  talk.ReadBeforeFirstWrite(kSettings).Read(kOk);
  talk.Write(std::string(kPreface) + std::string(kSettings) + std::string(kGet));
  EXPECT_THAT(talk.Close(), ElementsAre("1 GET / 200"));
  EXPECT_EQ(talk.Count("decode_joined_connections"), 0U);
}

TEST(ConnectionDecoder, Http2ByPrefaceWithAnyAlpn) {
  for (const char* alpn : {"", "h2", "grpc-exp"}) {
    Talk talk(Role::kServer, alpn);
    talk.Read(kPreface).Read(kSettings).Write(kSettings).Read(kGet).Write(kOk);
    EXPECT_THAT(talk.Close(), ElementsAre("1 GET / 200")) << alpn;
    EXPECT_EQ(talk.Count("decode_joined_connections"), 0U) << alpn;
  }
}

TEST(ConnectionDecoder, Http2ByteByByte) {
  Talk talk(Role::kServer, "h2");
  talk.ReadByByte(kPreface).ReadByByte(kSettings).Write(kSettings).ReadByByte(kGet).Write(kOk);
  EXPECT_THAT(talk.Close(), ElementsAre("1 GET / 200"));
  EXPECT_EQ(talk.Count("decode_joined_connections"), 0U);
}

TEST(ConnectionDecoder, AServersSettingsWaitForThePreface) {
  for (const char* alpn : {"", "h2"}) {
    Talk talk(Role::kServer, alpn);
    talk.Write(kSettings).Read(kPreface).Read(kSettings).Read(kGet).Write(kOk);
    EXPECT_THAT(talk.Close(), ElementsAre("1 GET / 200")) << alpn;
    EXPECT_EQ(talk.Count("decode_joined_connections"), 0U) << alpn;
  }
}

// Frames as kGet and kOk, on another stream.
std::string OnStream(std::string_view frame, char stream) {
  std::string other(frame);
  other[8] = stream;
  return other;
}

TEST(ConnectionDecoder, Http2JoinedInTheMiddle) {
  Talk talk(Role::kServer, "h2");
  for (char stream = 21; stream < 61; stream += 2) {
    talk.Read(OnStream(kGet, stream)).Write(OnStream(kOk, stream));
  }
  const auto lines = talk.Close();
  EXPECT_THAT(lines, ::testing::Contains("1 GET / 200"));
  EXPECT_EQ(talk.Count("decode_joined_connections"), 1U);
}

TEST(ConnectionDecoder, OtherProtocolsAreOpaque) {
  Talk talk(Role::kServer);
  talk.Read("*1\r\n$4\r\nPING\r\n").Write("+PONG\r\n");
  EXPECT_THAT(talk.Close(), ElementsAre("read *1\r\n$4\r\nPING\r\n", "write +PONG\r\n"));
  EXPECT_EQ(talk.Count("decode_opaque_connections"), 1U);
}

TEST(ConnectionDecoder, AStartThatStaysUndecidedIsOpaqueAtTheEnd) {
  EXPECT_THAT(Talk(Role::kServer).Read("GE").Close(), ElementsAre("read GE"));
  EXPECT_THAT(Talk(Role::kServer).Close(), IsEmpty());
}

TEST(ConnectionDecoder, AGapAtTheStartIsShownThenTheNextBoundaryIsFound) {
  Talk talk(Role::kServer);
  talk.Missing(Direction::kRead, 100).Read("tail of a body").Write(kResponse);
  talk.Read(kRequest).Write(kResponse);
  const auto lines = talk.Close();
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0], "gap 100");
  EXPECT_EQ(lines[1], "read tail of a body");
  EXPECT_THAT(lines[2], ::testing::HasSubstr(" 204"));
  EXPECT_EQ(lines[3], "1 GET /x 204");
}

TEST(ConnectionDecoder, AClientJoinedInABodyIsRecognisedAtTheNextRequest) {
  Talk talk(Role::kClient, "http/1.1");
  talk.Read("rest of a download").Write(kRequest).Read(kResponse);
  EXPECT_THAT(talk.Close(), ElementsAre("read rest of a download", "1 GET /x 204"));
}

TEST(ConnectionDecoder, BytesThatWereNotSentAreNoGap) {
  Talk talk(Role::kServer);
  talk.Read(kRequest).Write(kResponse).NotSent(5);
  EXPECT_THAT(talk.Close(), ElementsAre("1 GET /x 204"));
  EXPECT_EQ(talk.Count("decode_gaps"), 0U);
}

TEST(DecodeStage, MoreConnectionsThanItDecodesAreOpaque) {
  Notes notes;
  DecodeStage stage(notes, DecodeOptions{});
  Connection connection;
  for (std::uint64_t id = 1; id <= DecodeStage::kMaxConnections + 1; ++id) {
    connection.id = {id};
    stage.OnOpen(connection);
  }
  stage.OnChunk(connection, {Direction::kRead, {0}, AsBytes(kRequest), 0, 0, WallTime{}});
  EXPECT_THAT(notes.lines, ElementsAre("read " + kRequest));
}

}  // namespace
}  // namespace gotls
