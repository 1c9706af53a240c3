// Bodies that nobody wants: they are told apart from what is missing, and nothing else changes.
#include <gtest/gtest.h>

#include "decode/http1/test_http1.h"

namespace gotls {
namespace {

constexpr std::uint64_t kBody = 1'000'000;

class Unwanted final : public DecodeObserver {
 public:
  void OnExchange(Exchange& exchange) override { exchanges.push_back(exchange); }
  void OnMessage(Exchange&, Message&) override { ++messages; }
  void OnOpaque(Direction, Bytes, const ByteOrigin&) override {}
  void OnOpaqueGap(Direction, std::uint64_t, const ByteOrigin&) override {}
  void OnUnwanted(Direction direction, StreamPosition end) override {
    ends[static_cast<std::size_t>(direction)].push_back(end.value);
  }

  std::vector<Exchange> exchanges;
  std::size_t messages = 0;
  std::array<std::vector<std::uint64_t>, 2> ends;  // by Direction
};

// A client's connection.
class Talk {
 public:
  explicit Talk(std::size_t max_body) : options_{.max_body = max_body} {}

  void Say(Direction direction, std::string_view bytes) {
    decoder_->OnData(direction, AsBytes(bytes), Origin(direction));
    Position(direction) += bytes.size();
  }
  void Skip(Direction direction, std::uint64_t length) {
    decoder_->OnSkipped(direction, length, Origin(direction));
    Position(direction) += length;
  }
  void Ask() { Say(Direction::kWrite, "GET /1 HTTP/1.1\r\n\r\n"); }
  void Answer(std::string_view bytes) { Say(Direction::kRead, bytes); }
  void AnswerSkipped(std::uint64_t length) { Skip(Direction::kRead, length); }
  std::uint64_t& Position(Direction direction) {
    return positions_[static_cast<std::size_t>(direction)];
  }
  Unwanted& found() { return found_; }
  [[nodiscard]] const std::vector<std::uint64_t>& ends() const { return found_.ends[0]; }

 private:
  ByteOrigin Origin(Direction direction) { return {{Position(direction)}, WallTime{}, 1}; }

  Connection connection_;
  DecodeOptions options_;
  Unwanted found_;
  DecodeCounters counters_;
  std::uint64_t last_ = 0;
  std::array<std::uint64_t, 2> positions_{};
  std::unique_ptr<Decoder> decoder_ =
      MakeHttp1Decoder({connection_, options_, found_, counters_, last_, Direction::kWrite}, false);
};

void ExpectWhole(const Exchange& exchange, std::uint64_t size, std::uint64_t skipped) {
  const Body& body = exchange.response.body;
  EXPECT_EQ(exchange.state, ExchangeState::kComplete);
  EXPECT_EQ(body.wire_bytes, size);
  EXPECT_EQ(body.skipped, skipped);
  EXPECT_EQ(body.missing, 0U);
  EXPECT_TRUE(body.complete);
}

TEST(Http1Skip, BeyondWhatIsKept) {
  Talk talk(1000);
  talk.Ask();
  talk.Answer("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + std::string(999, 'x'));
  EXPECT_TRUE(talk.ends().empty());
  talk.Answer("x");
  const std::uint64_t end = talk.Position(Direction::kRead) + kBody - 1000;
  EXPECT_EQ(talk.ends(), std::vector{end});
  talk.Answer("xx");
  talk.AnswerSkipped(500'000);
  talk.Answer("yy");  // there is no promise that all of it is skipped
  talk.AnswerSkipped(kBody - 1000 - 2 - 500'000 - 2 - 1);
  talk.Answer("z");
  ASSERT_EQ(talk.found().exchanges.size(), 1U);
  ExpectWhole(talk.found().exchanges[0], kBody, kBody - 1005);
  EXPECT_EQ(talk.found().exchanges[0].response.body.content, std::string(1000, 'x'));
  EXPECT_EQ(talk.ends().size(), 1U);  // said once
  talk.Ask();
  talk.Answer("HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(talk.found().exchanges.at(1).status, 204);
}

TEST(Http1Skip, HeadersOnly) {
  Talk talk(0);
  talk.Ask();
  talk.Answer("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1000000\r\n\r\n");
  EXPECT_EQ(talk.ends(), std::vector{talk.Position(Direction::kRead) + kBody});
  talk.AnswerSkipped(kBody - 1);
  talk.Answer("z");
  ExpectWhole(talk.found().exchanges.at(0), kBody, kBody - 1);
}

TEST(Http1Skip, InsideAChunk) {
  Talk talk(0);
  talk.Ask();
  talk.Answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_TRUE(talk.ends().empty());  // how much will come is not known
  talk.Answer("4\r\nabcd\r\nf4240\r\n12");
  EXPECT_EQ(talk.ends(), std::vector{talk.Position(Direction::kRead) + kBody - 2});
  talk.AnswerSkipped(kBody - 3);
  talk.Answer("z\r\n0\r\nX-Sum: 1\r\n\r\n");
  ExpectWhole(talk.found().exchanges.at(0), kBody + 4, kBody - 3);
  EXPECT_EQ(talk.found().exchanges[0].response.trailers.size(), 1U);
}

TEST(Http1Skip, SmallOrWantedBodiesAreNot) {
  Talk small(0);
  small.Ask();
  small.Answer("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
  EXPECT_TRUE(small.ends().empty());
  Talk large(1 << 20);
  large.Ask();
  large.Answer("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + std::string(kBody / 2, 'x'));
  EXPECT_TRUE(large.ends().empty());
  Talk events(0);  // each message is counted
  events.Ask();
  events.Answer(
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 1000000\r\n\r\n");
  events.Answer("data: 1\n\n");
  EXPECT_TRUE(events.ends().empty());
  EXPECT_EQ(events.found().messages, 1U);
}

// What comes as skipped although nobody said that it may be is missing.
TEST(Http1Skip, OutOfPlaceItIsAGap) {
  Talk talk(1000);
  talk.Ask();
  talk.AnswerSkipped(10);
  ASSERT_EQ(talk.found().exchanges.size(), 1U);
  EXPECT_EQ(talk.found().exchanges[0].state, ExchangeState::kGap);
  Talk body(1000);
  body.Ask();
  body.Answer("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nab");
  body.AnswerSkipped(10);
  body.Answer("12345678");
  EXPECT_EQ(body.found().exchanges.at(0).response.body.missing, 10U);
  EXPECT_EQ(body.found().exchanges[0].response.body.skipped, 0U);
  Talk beyond(0);
  beyond.Ask();
  beyond.Answer("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nab");
  beyond.AnswerSkipped(100);
  EXPECT_EQ(beyond.found().exchanges.at(0).response.body.missing, 18U);
}

}  // namespace
}  // namespace gotls
