#include "decode/http2/http2_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decode/http2/http2_test_util.h"

namespace gotls::http2_test {
namespace {

using enum FrameType;
using testing::ElementsAre;

TEST(Http2DecoderTest, RequestAndResponse) {
  Talk talk;
  talk.Ask(1, kGet);
  talk.Answer(1, kOk);
  EXPECT_TRUE(talk.found().exchanges.empty());
  talk.Server(Frame(kData, 0, 1, "hello ") + Frame(kData, kEnd, 1, "world"));
  ASSERT_EQ(talk.found().exchanges.size(), 1U);
  const Exchange& exchange = talk.found().exchanges[0];
  EXPECT_EQ(exchange.id.value, 1U);
  EXPECT_EQ(exchange.connection.value, 7U);
  EXPECT_EQ(exchange.version, HttpVersion::kHttp2);
  EXPECT_EQ(exchange.state, ExchangeState::kComplete);
  EXPECT_EQ(exchange.stream, 1U);
  EXPECT_EQ(exchange.method, "GET");
  EXPECT_EQ(exchange.scheme, "https");
  EXPECT_EQ(exchange.host, "shop.example");
  EXPECT_EQ(exchange.path, "/cart?a=1");
  EXPECT_EQ(exchange.status, 200);
  EXPECT_TRUE(exchange.request.body.complete);
  EXPECT_EQ(exchange.response.body.content, "hello world");
  EXPECT_TRUE(exchange.response.body.complete);
  EXPECT_EQ(exchange.request.goroutine, 11U);
  EXPECT_EQ(exchange.response.goroutine, 22U);
  ASSERT_EQ(exchange.response.headers.size(), 1U);
  EXPECT_EQ(exchange.response.headers[0].name, "content-type");
}

TEST(Http2DecoderTest, WireBytesAndTimes) {
  Talk talk;
  const std::string head = Frame(kHeaders, kWhole, 1, talk.client.Block(kPost));
  talk.Client(head);
  const std::string data = Frame(kData, kEnd | kFlagPadded, 1, std::string("\3abc\0\0\0", 7));
  talk.Client(data);
  talk.Answer(1, kOk, kEnd);
  const Exchange& exchange = talk.found().exchanges.at(0);
  EXPECT_EQ(exchange.request.wire_bytes, head.size() + data.size());
  EXPECT_EQ(exchange.request.body.wire_bytes, 3U);
  EXPECT_EQ(exchange.request.body.content, "abc");
  EXPECT_LT(exchange.request.first, exchange.request.last);
  EXPECT_GT(exchange.response.first, exchange.request.last);
  EXPECT_EQ(exchange.response.first, exchange.response.last);
}

TEST(Http2DecoderTest, ContinuationPaddingPriorityAndUnknownFrames) {
  Talk talk;
  const std::string block = talk.client.Block(kGet);
  talk.Client(
      Frame(kHeaders, kEnd | kFlagPadded | kFlagPriority, 1,
            std::string(1, '\2') + Big32(0) + "\x10" + block.substr(0, 5) + std::string(2, '\0')) +
      Frame(kContinuation, 0, 1, block.substr(5, 3)) + Frame(kContinuation, 0, 1) +
      Frame(kContinuation, kWhole, 1, block.substr(8)) + Frame(kPing, 0, 0, "12345678") +
      Frame(static_cast<FrameType>(0xbb), 0xff, 9, "whatever"));
  talk.Answer(1, kOk, kEnd);
  ASSERT_EQ(talk.found().exchanges.size(), 1U);
  EXPECT_EQ(talk.found().exchanges[0].path, "/cart?a=1");
  EXPECT_EQ(talk.found().exchanges[0].state, ExchangeState::kComplete);
}

TEST(Http2DecoderTest, InformationalAndTrailers) {
  Talk talk;
  talk.Ask(1, kGet);
  talk.Answer(1, {{":status", "103"}, {"link", "x"}});
  talk.Answer(1, {{":status", "100"}});
  talk.Answer(1, kOk);
  talk.Server(Frame(kData, 0, 1, "body"));
  talk.Answer(1, {{"x-checksum", "77"}}, kEnd);
  const Exchange& exchange = talk.found().exchanges.at(0);
  EXPECT_THAT(exchange.informational, ElementsAre(103, 100));
  EXPECT_EQ(exchange.status, 200);
  ASSERT_EQ(exchange.response.trailers.size(), 1U);
  EXPECT_EQ(exchange.response.trailers[0].value, "77");
}

TEST(Http2DecoderTest, ResponseBeforeItsRequest) {
  Talk talk;
  talk.Answer(1, kOk);
  talk.Server(Frame(kData, kEnd, 1, "early"));
  EXPECT_TRUE(talk.found().exchanges.empty());
  talk.Ask(1, kGet);
  ASSERT_EQ(talk.found().exchanges.size(), 1U);
  EXPECT_EQ(talk.found().exchanges[0].state, ExchangeState::kComplete);
  EXPECT_EQ(talk.found().exchanges[0].path, "/cart?a=1");
  EXPECT_EQ(talk.found().exchanges[0].response.body.content, "early");
  // Given up before its request is seen: that is of no exchange then.
  talk.Answer(3, kOk);
  talk.Server(Frame(kRstStream, 0, 3, Big32(2)));
  talk.Ask(3, kGet);
  EXPECT_EQ(talk.End().exchanges.size(), 2U);
}

TEST(Http2DecoderTest, Resets) {
  struct Case {
    bool response_ends;
    std::uint32_t code;
    ExchangeState state;
    std::string detail;
  };
  for (const Case& c : std::vector<Case>{
           {false, 8, ExchangeState::kReset, "CANCEL"},
           {false, 0, ExchangeState::kReset, "NO_ERROR"},
           {false, 0x1f, ExchangeState::kReset, "0x1f"},
           {true, 0, ExchangeState::kComplete, ""},
           {true, 8, ExchangeState::kComplete, ""},
           {true, 2, ExchangeState::kReset, "INTERNAL_ERROR"},
       }) {
    Talk talk;
    talk.Ask(1, kPost, 0);
    talk.Answer(1, kOk, c.response_ends ? kEnd : 0);
    talk.Server(Frame(kRstStream, 0, 1, Big32(c.code)));
    ASSERT_EQ(talk.found().exchanges.size(), 1U);
    EXPECT_EQ(talk.found().exchanges[0].state, c.state) << c.code;
    EXPECT_EQ(talk.found().exchanges[0].detail, c.detail);
    // What still comes is of no exchange, but the header table goes on.
    talk.Client(Frame(kData, kEnd, 1, "more"));
    talk.Answer(1, {{"x-new", "1"}}, kEnd);
    talk.Ask(3, kGet);
    talk.Answer(3, {{":status", "200"}, {"x-new", "1"}}, kEnd);
    EXPECT_EQ(talk.End().exchanges.size(), 2U);
    EXPECT_EQ(talk.found().exchanges[1].response.headers.at(0).value, "1");
  }
}

constexpr Decoding::AtReturn kClientEnd{Role::kClient};
constexpr Decoding::AtReturn kServerEnd{Role::kServer};

TEST(Http2DecoderTest, ResetsThatAreReadBeforeWhatWasWrittenBeforeThem) {
  {  // The request is seen last of all.
    Talk talk(kClientEnd);
    talk.Answer(1, kOk);
    talk.Server(Frame(kData, 0, 1, "part") + Frame(kRstStream, 0, 1, Big32(2)));
    EXPECT_TRUE(talk.found().exchanges.empty());
    talk.Ask(1, kGet);
    ASSERT_EQ(talk.found().exchanges.size(), 1U);
    EXPECT_EQ(talk.found().exchanges[0].state, ExchangeState::kReset);
    EXPECT_EQ(talk.found().exchanges[0].detail, "INTERNAL_ERROR");
    EXPECT_EQ(talk.found().exchanges[0].path, "/cart?a=1");
    EXPECT_EQ(talk.found().exchanges[0].response.body.content, "part");
  }
  {  // Nothing but the reset has come.
    Talk talk(kClientEnd);
    talk.Server(Frame(kRstStream, 0, 1, Big32(7)));
    talk.Ask(1, kGet);
    ASSERT_EQ(talk.found().exchanges.size(), 1U);
    EXPECT_EQ(talk.found().exchanges[0].detail, "REFUSED_STREAM");
    EXPECT_EQ(talk.found().exchanges[0].path, "/cart?a=1");
  }
  {  // A client that has the whole response cancels, as Go 1.15's does.
    Talk talk(kServerEnd);
    talk.Ask(1, kGet);
    talk.Answer(1, kOk);
    talk.Client(Frame(kRstStream, 0, 1, Big32(8)));
    talk.Server(Frame(kData, kEnd, 1, "whole"));
    ASSERT_EQ(talk.found().exchanges.size(), 1U);
    EXPECT_EQ(talk.found().exchanges[0].state, ExchangeState::kComplete);
    EXPECT_EQ(talk.found().exchanges[0].response.body.content, "whole");
  }
  {  // What is written stands where it belongs: nothing to wait for.
    Talk talk(kServerEnd);
    talk.Ask(1, kPost, 0);
    talk.Server(Frame(kRstStream, 0, 1, Big32(2)));
    EXPECT_EQ(talk.found().exchanges.size(), 1U);
  }
}

TEST(Http2DecoderTest, ResetsThatNothingComesAfter) {
  const auto cancel = [](Talk& talk) {
    talk.Ask(1, kGet);
    talk.Answer(1, kOk);
    talk.Client(Frame(kRstStream, 0, 1, Big32(8)));
    EXPECT_TRUE(talk.found().exchanges.empty());
  };
  const auto expect_reset = [](const Found& found) {
    ASSERT_EQ(found.exchanges.size(), 1U);
    EXPECT_EQ(found.exchanges[0].state, ExchangeState::kReset);
    EXPECT_EQ(found.exchanges[0].detail, "CANCEL");
  };
  {
    Talk talk(kServerEnd);
    cancel(talk);
    talk.decoding().Tick();
    EXPECT_TRUE(talk.found().exchanges.empty());
    talk.decoding().Advance(std::chrono::seconds(2));
    talk.decoding().Tick();
    expect_reset(talk.found());
  }
  {
    Talk talk(kServerEnd);
    cancel(talk);
    talk.decoding().Advance(std::chrono::seconds(2));
    talk.Client(Frame(kPing, 0, 0, "12345678"));
    expect_reset(talk.found());
  }
  Talk talk(kServerEnd);
  cancel(talk);
  expect_reset(talk.End());
}

TEST(Http2DecoderTest, Goaway) {
  Talk talk;
  talk.Ask(1, kPost, 0);
  talk.Ask(3, kPost, 0);
  talk.Server(Frame(kGoaway, 0, 0, Big32(0x7fffffff) + Big32(0)));
  EXPECT_TRUE(talk.found().exchanges.empty());
  talk.Server(Frame(kGoaway, 0, 0, Big32(1) + Big32(11) + "calm down"));
  ASSERT_EQ(talk.found().exchanges.size(), 1U);
  EXPECT_EQ(talk.found().exchanges[0].stream, 3U);
  EXPECT_EQ(talk.found().exchanges[0].state, ExchangeState::kReset);
  EXPECT_EQ(talk.found().exchanges[0].detail, "GOAWAY ENHANCE_YOUR_CALM");
  ASSERT_EQ(talk.End().exchanges.size(), 2U);
  EXPECT_EQ(talk.found().exchanges[1].state, ExchangeState::kClosed);
}

TEST(Http2DecoderTest, Push) {
  Talk talk;
  talk.Ask(1, kGet);
  talk.Server(Frame(kPushPromise, kWhole, 1, Big32(2) + talk.server.Block(kPost)));
  talk.Answer(1, kOk, kEnd);
  talk.Answer(2, kOk);
  talk.Server(Frame(kData, kEnd, 2, "pushed"));
  ASSERT_EQ(talk.found().exchanges.size(), 2U);
  const Exchange& pushed = talk.found().exchanges[1];
  EXPECT_TRUE(pushed.pushed);
  EXPECT_EQ(pushed.stream, 2U);
  EXPECT_EQ(pushed.method, "POST");
  EXPECT_EQ(pushed.state, ExchangeState::kComplete);
  EXPECT_EQ(pushed.response.body.content, "pushed");
  EXPECT_FALSE(talk.found().exchanges[0].pushed);
}

TEST(Http2DecoderTest, Connect) {
  Talk talk;
  talk.Ask(1, {{":method", "CONNECT"}, {":authority", "db.example:5432"}}, 0);
  talk.Answer(1, {{":status", "200"}});
  talk.Client(Frame(kData, 0, 1, "secret"));
  talk.Server(Frame(kData, kEnd, 1, "also"));
  talk.Client(Frame(kData, kEnd, 1));
  const Exchange& exchange = talk.found().exchanges.at(0);
  EXPECT_EQ(exchange.application, Application::kTunnel);
  EXPECT_EQ(exchange.host, "db.example:5432");
  EXPECT_EQ(exchange.request.body.wire_bytes, 6U);
  EXPECT_EQ(exchange.request.body.content, "");
  EXPECT_TRUE(talk.found().opened.empty());
}

TEST(Http2DecoderTest, WebSocket) {
  Talk talk;
  Fields fields = kGet;
  fields[0].second = "CONNECT";
  fields.insert(fields.begin() + 1, {":protocol", "websocket"});
  talk.Ask(1, fields, 0);
  talk.Answer(1, {{":status", "200"}});
  ASSERT_EQ(talk.found().opened.size(), 1U);
  EXPECT_EQ(talk.found().opened[0].application, Application::kWebSocket);
  EXPECT_EQ(talk.found().opened[0].upgrade, "websocket");
  EXPECT_EQ(talk.End().exchanges.at(0).state, ExchangeState::kClosed);
}

TEST(Http2DecoderTest, BrokenHeaderBlock) {
  Talk talk;
  talk.Ask(1, kGet);
  talk.Server(Frame(kHeaders, kWhole, 1, "\xff\xff\xff\xff\xff\xff"));
  ASSERT_EQ(talk.found().exchanges.size(), 1U);
  EXPECT_EQ(talk.found().exchanges[0].state, ExchangeState::kMalformed);
  EXPECT_EQ(talk.found().counters.decode_malformed, 1U);
}

TEST(Http2DecoderTest, TooManyStreamsFieldsAndBytes) {
  Talk talk;
  for (std::uint32_t i = 0; i < 5000; ++i) talk.Ask(1 + 2 * i, kGet);
  EXPECT_EQ(talk.found().exchanges.size(), 5000U - 4096U);
  EXPECT_EQ(talk.found().counters.decode_limits, 5000U - 4096U);
  Fields many = kOk;
  for (int i = 0; i < 1500; ++i) many.emplace_back("x", "y");
  talk.Answer(9999, many, kEnd);
  const Exchange& exchange = talk.found().exchanges.back();
  EXPECT_FALSE(exchange.response.head_complete);
  EXPECT_EQ(exchange.response.headers.size(), 999U);
  std::string endless = Frame(kHeaders, 0, 9997, "");
  for (int i = 0; i < 40; ++i) endless += Frame(kContinuation, 0, 9997, std::string(9000, '\x88'));
  talk.Server(endless + Frame(kContinuation, kWhole, 9997));
  EXPECT_EQ(talk.found().exchanges.back().state, ExchangeState::kMalformed);
  EXPECT_EQ(talk.found().exchanges.back().detail, "the header block is too large");
}

TEST(Http2DecoderTest, TableSizesFollowTheEncoder) {
  Talk talk;
  talk.Server(Frame(kSettings, 0, 0, std::string("\0\1", 2) + Big32(256 << 10)));
  talk.Client(Frame(kSettings, kFlagAck, 0));
  Encoder large(256 << 10);
  large.ChangeTableSize(200 << 10);
  Fields fields = kGet;
  fields.emplace_back("x-long", std::string(9000, 'z'));
  for (std::uint32_t id = 1; id <= 21; id += 2) {
    fields.back().second[0] = static_cast<char>('a' + id % 16);
    talk.Client(Frame(kHeaders, kWhole | kEnd, id, large.Block(fields)));
    if (id == 11) large.ChangeTableSize(0);
    if (id == 15) large.ChangeTableSize(100);
    talk.Answer(id, kOk, kEnd);
    EXPECT_EQ(talk.found().exchanges.back().request.headers.at(0).value, fields.back().second);
    EXPECT_EQ(talk.found().exchanges.back().state, ExchangeState::kComplete);
  }
}

// Every split of a short connection gives the same.
TEST(Http2DecoderTest, EverySplit) {
  Encoder client;
  Encoder server;
  const std::string asked = std::string(kHttp2Preface) + Frame(kSettings, 0, 0) +
                            Frame(kHeaders, kWhole, 1, client.Block(kPost)) +
                            Frame(kData, kEnd | kFlagPadded, 1, std::string("\2hello\0\0", 8)) +
                            Frame(kWindowUpdate, 0, 0, Big32(5)) +
                            Frame(kHeaders, kWhole | kEnd, 3, client.Block(kGet)) +
                            Frame(kRstStream, 0, 3, Big32(8));
  const std::string answered =
      Frame(kSettings, 0, 0) + Frame(kHeaders, kWhole, 1, server.Block(kOk)) +
      Frame(kData, 0, 1, "hi") + Frame(kHeaders, kWhole | kEnd, 1, server.Block({{"x", "y"}}));
  const std::string whole =
      Describe(DecodeWhole({{kClientToServer, asked}, {kServerToClient, answered}}));
  EXPECT_THAT(whole, testing::HasSubstr("CANCEL"));
  for (std::size_t a = 0; a < asked.size(); ++a) {
    for (std::size_t b = a; b < asked.size(); b += 7) {
      const Transcript parts = {{kClientToServer, asked.substr(0, a)},
                                {kClientToServer, asked.substr(a, b - a)},
                                {kClientToServer, asked.substr(b)},
                                {kServerToClient, answered}};
      ASSERT_EQ(Describe(DecodeWhole(parts)), whole) << a << " " << b;
    }
  }
  Transcript bytes;
  for (const char c : asked) bytes.push_back({kClientToServer, std::string(1, c)});
  for (const char c : answered) bytes.push_back({kServerToClient, std::string(1, c)});
  EXPECT_EQ(Describe(DecodeWhole(bytes)), whole);
}

}  // namespace
}  // namespace gotls::http2_test
