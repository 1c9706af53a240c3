#include <gtest/gtest.h>

#include "decode/http2/http2_test_util.h"

namespace gotls::http2_test {
namespace {

using enum FrameType;

TEST(Http2GuessTest, Preface) {
  const Bytes preface = AsBytes(kHttp2Preface);
  for (std::size_t size = 0; size < preface.size(); ++size) {
    EXPECT_EQ(LooksLikeHttp2Preface(preface.first(size)), Guess::kNeedMore);
  }
  EXPECT_EQ(LooksLikeHttp2Preface(preface), Guess::kYes);
  EXPECT_EQ(LooksLikeHttp2Preface(AsBytes("PRI * HTTP/1")), Guess::kNo);
}

TEST(Http2GuessTest, FramesAtTheStart) {
  Encoder encoder;
  const std::string settings = Frame(kSettings, 0, 0, std::string("\0\4", 2) + Big32(1 << 20));
  const std::string ping = Frame(kPing, 0, 0, "12345678");
  const std::vector<std::pair<std::string, Guess>> cases = {
      {settings, Guess::kYes},
      {Frame(kSettings, 0, 0), Guess::kYes},
      {ping, Guess::kNeedMore},
      {ping + ping, Guess::kYes},
      {Frame(kHeaders, kWhole | kEnd, 5, encoder.Block(kGet)), Guess::kYes},
      {Frame(kData, 0, 5, std::string(100, 'x')), Guess::kNo},
      {"GET / HTTP/1.1\r\nHost: example\r\n\r\n", Guess::kNo},
      {"HTTP/1.1 200 OK\r\n", Guess::kNo},
      {std::string(64, '\0'), Guess::kNo},
      {"*3\r\n$3\r\nSET", Guess::kNo},
  };
  for (const auto& [bytes, guess] : cases) {
    EXPECT_EQ(LooksLikeHttp2Frames(AsBytes(bytes)), guess) << testing::PrintToString(bytes);
  }
  EXPECT_EQ(LooksLikeHttp2Frames({}), Guess::kNeedMore);
}

}  // namespace
}  // namespace gotls::http2_test
