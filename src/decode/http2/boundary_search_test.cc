#include "decode/http2/boundary_search.h"

#include <gtest/gtest.h>

#include <random>

#include "decode/http2/http2_test_util.h"

namespace gotls::http2_test {
namespace {

constexpr std::uint64_t kNowhere = UINT64_MAX;

std::uint64_t Search(std::string_view bytes, std::size_t split, bool from_client = true) {
  BoundarySearch search(from_client);
  HeldBytes held;
  for (std::size_t at = 0; at < bytes.size(); at += split) {
    held.Append(AsBytes(bytes.substr(at, split)), {});
    if (const auto found = search.Look(held)) return *found;
  }
  return kNowhere;
}

std::string Request(Encoder& encoder, std::uint32_t stream) {
  return Frame(FrameType::kHeaders, kFlagEndHeaders | kFlagEndStream, stream,
               encoder.Block({{":method", "GET"}, {":scheme", "https"}, {":path", "/"}}));
}

TEST(BoundarySearchTest, Finds) {
  Encoder encoder;
  const std::string data(3000, '\0');
  const std::vector<std::string> chains = {
      Request(encoder, 1) + Request(encoder, 3),
      Frame(FrameType::kSettings, kFlagAck, 0) + Request(encoder, 5),
      Frame(FrameType::kPing, 0, 0, "12345678") + Frame(FrameType::kPing, 1, 0, "12345678") +
          Frame(FrameType::kPing, 1, 0, "12345678"),
      Frame(FrameType::kWindowUpdate, 0, 0, Big32(100)) +
          Frame(FrameType::kWindowUpdate, 0, 7, Big32(100)) + Request(encoder, 9),
  };
  // A frame is sure when what follows it is one too.
  const std::string next = Frame(FrameType::kSettings, kFlagAck, 0);
  for (const std::string& chain : chains) {
    for (const std::string& before : {std::string(), std::string(5, '\0'), std::string(70, 'x'),
                                      std::string("\0\0\5\0", 4), std::string(20000, '\1')}) {
      std::string bytes = before;
      bytes += chain;
      bytes += next;
      for (const std::size_t split : {1U, 7U, 100000U}) {
        EXPECT_EQ(Search(bytes, split), before.size())
            << testing::PrintToString(chain.substr(0, 40)) << " split " << split;
      }
    }
  }
}

// DATA is not read from its start, since that is not sure.
TEST(BoundarySearchTest, FindsData) {
  std::string chain;
  for (std::size_t i = 0; i < 8; ++i) {
    chain += Frame(FrameType::kData, 0, 7, std::string(3000 + i, '\0'));
  }
  EXPECT_EQ(Search("x" + chain, 1000), 1U + 4U * 3009U + 6U);
  chain.resize(3 * 3009 + 3);
  EXPECT_EQ(Search("x" + chain + Frame(FrameType::kSettings, kFlagAck, 0) +
                       Frame(FrameType::kWindowUpdate, 0, 0, Big32(1)),
                   1000),
            1U + 3U * 3009U + 3U);
}

// A body's bytes that look like a frame and end where the first real one begins.
TEST(BoundarySearchTest, IsNotLedAstray) {
  Encoder encoder;
  const std::string before = Frame(FrameType::kData, 0, 0x20101, "ab");
  const std::string chain = Request(encoder, 1) + Request(encoder, 3);
  EXPECT_EQ(Search(before + chain, 10), before.size());
}

// What bodies are full of is no frames.
TEST(BoundarySearchTest, FindsNothing) {
  std::mt19937 random(1);
  std::string noise;
  std::string numbers;
  std::string counters;
  std::string records;
  std::string text;
  for (std::uint32_t i = 0; i < 200000; ++i) {
    noise += static_cast<char>(random());
    numbers += Big32(static_cast<std::uint32_t>(random() % 300));
    counters += Big32(i);
    records += Big32(7 << 8) + Big32(static_cast<std::uint32_t>(random() % 2)) +
               Big32(static_cast<std::uint32_t>(random()));
    text += "{\"id\": 17, \"name\": \"x\"}\n"[i % 24];
  }
  for (const std::string& bytes :
       {noise, numbers, counters, records, text, std::string(200000, '\0')}) {
    EXPECT_EQ(Search(bytes, 4096, true), kNowhere) << testing::PrintToString(bytes.substr(0, 40));
    EXPECT_EQ(Search(bytes, 4096, false), kNowhere) << testing::PrintToString(bytes.substr(0, 40));
  }
}

}  // namespace
}  // namespace gotls::http2_test
