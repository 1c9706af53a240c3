// DATA that nobody wants.
#include <gtest/gtest.h>

#include "decode/http2/http2_test_util.h"

namespace gotls::http2_test {
namespace {

using enum FrameType;

constexpr std::size_t kLong = 100'000;
constexpr std::size_t kHeader = 9;

std::uint64_t SizeOf(const Found& found) { return found.exchanges.at(0).response.body.wire_bytes; }

TEST(Http2SkipTest, TheRestOfAFrame) {
  Talk talk(false, 1000);
  talk.Ask(1, kGet);
  talk.Answer(1, kOk);
  const std::string frame = Frame(kData, kEnd, 1, std::string(kLong, 'x'));
  talk.Server(frame.substr(0, kHeader + 999));
  EXPECT_TRUE(talk.found().unwanted.empty());
  talk.Server(frame.substr(kHeader + 999, 1));
  const std::uint64_t end = talk.decoding().position(kServerToClient) + kLong - 1000;
  EXPECT_EQ(talk.found().unwanted, std::vector{end});
  talk.Server("xx");
  talk.decoding().Skip(kServerToClient, kLong - 1003);
  EXPECT_TRUE(talk.found().exchanges.empty());
  talk.Server("z");
  EXPECT_EQ(talk.found().unwanted.size(), 1U);  // said once
  const Exchange& exchange = talk.found().exchanges.at(0);
  EXPECT_EQ(exchange.state, ExchangeState::kComplete);
  EXPECT_EQ(exchange.response.body.wire_bytes, kLong);
  EXPECT_EQ(exchange.response.body.skipped, kLong - 1003);
  EXPECT_EQ(exchange.response.body.decoded_bytes, kLong);
  EXPECT_EQ(exchange.response.body.missing, 0U);
  EXPECT_TRUE(exchange.response.body.complete);
  EXPECT_EQ(exchange.response.body.content, std::string(1000, 'x'));
  // All of it counts: frame headers, the block, the body.
  Talk whole(false, 1000);
  whole.Ask(1, kGet);
  whole.Answer(1, kOk);
  whole.Server(frame);
  EXPECT_EQ(exchange.response.wire_bytes, whole.found().exchanges.at(0).response.wire_bytes);
}

TEST(Http2SkipTest, PaddingIsKept) {
  Talk talk(false, 0);
  talk.Ask(1, kGet);
  talk.Answer(1, kOk);
  const std::string payload = '\4' + std::string(kLong, 'x') + std::string(4, '\0');
  const std::string frame = Frame(kData, kFlagPadded, 1, payload);
  talk.Server(frame.substr(0, kHeader + 1 + 10));
  ASSERT_EQ(talk.found().unwanted.size(), 1U);
  talk.decoding().Skip(kServerToClient, kLong - 11);
  talk.Server(frame.substr(frame.size() - 5));
  talk.Server(Frame(kData, kEnd, 1, "more"));
  EXPECT_EQ(SizeOf(talk.found()), kLong + 4);
  EXPECT_EQ(talk.found().counters.decode_resyncs, 0U);
}

TEST(Http2SkipTest, SmallFramesAndCallsAreWanted) {
  Talk talk(false, 0);
  talk.Ask(1, kGet);
  talk.Answer(1, kOk);
  talk.Server(Frame(kData, 0, 1, std::string(16 << 10, 'x')).substr(0, 1000));
  EXPECT_TRUE(talk.found().unwanted.empty());
  Talk call(false, 0);
  call.Ask(1, {{":method", "POST"}, {":path", "/a.B/C"}, {"content-type", "application/grpc"}}, 0);
  const std::string message = std::string(1, '\0') + Big32(kLong) + std::string(kLong, 'x');
  const std::string frame = Frame(kData, kEnd, 1, message);
  call.Client(frame.substr(0, 100));
  call.Client(frame.substr(100));
  EXPECT_TRUE(call.found().unwanted.empty());
  EXPECT_EQ(call.found().messages.size(), 1U);
}

TEST(Http2SkipTest, OutOfPlaceItIsAGap) {
  Talk talk(false, 0);
  talk.Ask(1, kGet);
  talk.Answer(1, kOk);
  talk.Server(Frame(kData, kEnd, 1, std::string(100, 'x')).substr(0, kHeader + 1));
  talk.decoding().Skip(kServerToClient, 200);
  EXPECT_EQ(talk.found().exchanges.at(0).response.body.missing, 99U);
}

}  // namespace
}  // namespace gotls::http2_test
