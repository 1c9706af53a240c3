#include "decode/body/body_collector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decode/body/coding_test_util.h"

namespace gotls {
namespace {

using test::RandomPieces;
using testing::StartsWith;

constexpr std::size_t kMax = 1000;

Body Collect(std::string_view encoding, const std::vector<std::string_view>& pieces,
             std::size_t max = kMax) {
  Body body;
  BodyCollector collector(body, encoding, max);
  for (const std::string_view piece : pieces) collector.Push(AsBytes(piece));
  collector.End(true);
  return body;
}

TEST(BodyCollector, CountsAndKeepsTheBeginning) {
  const std::string text = test::SomeText(2500);
  const std::string_view view = text;
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const Body body = Collect("", {view.substr(0, cut), view.substr(cut)});
    ASSERT_EQ(body.wire_bytes, 2500);
    ASSERT_EQ(body.decoded_bytes, 2500);
    ASSERT_EQ(body.content, view.substr(0, kMax));
    ASSERT_TRUE(body.truncated);
    ASSERT_TRUE(body.complete);
    ASSERT_TRUE(body.decoded_bytes_exact);
    ASSERT_EQ(body.problem, "");
  }
}

TEST(BodyCollector, WhatNobodyWantsMayBeSkipped) {
  const std::string text = test::SomeText(2500);
  for (const char* encoding : {"", "identity"}) {
    Body body;
    BodyCollector collector(body, encoding, kMax);
    collector.Push(AsBytes(std::string_view(text).substr(0, kMax - 1)));
    EXPECT_TRUE(collector.wants_more());
    collector.Push(AsBytes(std::string_view(text).substr(kMax - 1, 1)));
    EXPECT_FALSE(collector.wants_more());
    collector.Skip(5'000'000'000);
    collector.Push(AsBytes("z"));
    collector.End(true);
    EXPECT_EQ(body.wire_bytes, 5'000'001'001);
    EXPECT_EQ(body.skipped, 5'000'000'000);
    EXPECT_EQ(body.decoded_bytes, 5'000'001'001);
    EXPECT_TRUE(body.decoded_bytes_exact);
    EXPECT_TRUE(body.complete);
    EXPECT_TRUE(body.truncated);
    EXPECT_EQ(body.missing, 0);
    EXPECT_EQ(body.content, text.substr(0, kMax));
    EXPECT_EQ(body.problem, "");
  }
}

// Its size when decoded is worth to be known, but not when no content is wanted at all.
TEST(BodyCollector, CodedContentIsWantedToItsEnd) {
  const std::string coded = test::Gzip(test::SomeText(2500));
  Body body;
  BodyCollector whole(body, "gzip", kMax);
  EXPECT_TRUE(whole.wants_more());
  whole.Push(AsBytes(coded));
  EXPECT_TRUE(whole.wants_more());

  Body empty;
  BodyCollector none(empty, "gzip", 0);
  EXPECT_FALSE(none.wants_more());
  none.Push(AsBytes(std::string_view(coded).substr(0, 10)));
  none.Skip(coded.size() - 11);
  none.Push(AsBytes(std::string_view(coded).substr(coded.size() - 1)));
  none.End(true);
  EXPECT_EQ(empty.wire_bytes, coded.size());
  EXPECT_EQ(empty.decoded_bytes, 0);
  EXPECT_FALSE(empty.decoded_bytes_exact);
  EXPECT_TRUE(empty.complete);
  EXPECT_EQ(empty.problem, "");
}

TEST(BodyCollector, ContentThatJustFitsIsNotTruncated) {
  const std::string text = test::SomeText(kMax);
  for (const bool coded : {false, true}) {
    const Body body = Collect(coded ? "gzip" : "", {coded ? test::Gzip(text) : text});
    EXPECT_EQ(body.content, text);
    EXPECT_FALSE(body.truncated);
  }
}

TEST(BodyCollector, DecodesAtAnySplit) {
  const std::string text = test::SomeText(50'000);
  const std::string coded = test::Brotli(test::Zstd(text));
  std::mt19937 random(11);
  for (int i = 0; i < 50; ++i) {
    const Body body = Collect("zstd, br", RandomPieces(coded, random));
    ASSERT_EQ(body.content, text.substr(0, kMax));
    ASSERT_EQ(body.wire_bytes, coded.size());
    ASSERT_EQ(body.decoded_bytes, text.size());
    ASSERT_TRUE(body.truncated && body.complete && body.decoded_bytes_exact);
    ASSERT_EQ(body.problem, "");
  }
}

TEST(BodyCollector, ABodyWithoutBytesHasNoProblem) {
  for (const char* encoding : {"gzip", "secret"}) {
    const Body body = Collect(encoding, {""});
    EXPECT_EQ(body.problem, "");
    EXPECT_TRUE(body.complete && body.decoded_bytes_exact && !body.truncated);
  }
}

TEST(BodyCollector, AnUnknownCodingLeavesTheRawBytes) {
  const Body body = Collect("gzip, secret", {"abc", "def"});
  EXPECT_EQ(body.problem, "unknown coding");
  EXPECT_EQ(body.content, "abcdef");
  EXPECT_EQ(body.content_encoding, "gzip, secret");
  EXPECT_FALSE(body.decoded_bytes_exact);
  EXPECT_EQ(body.decoded_bytes, 0);
}

TEST(BodyCollector, WhatWasNeverCodedIsKeptRaw) {
  for (const char* encoding : {"gzip", "deflate", "zstd", "br"}) {
    const std::string text = "\xff\xff<html> not coded at all </html>";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      const Body body = Collect(encoding, {text.substr(0, cut), text.substr(cut)}, 20);
      ASSERT_THAT(body.problem, StartsWith(std::string(encoding) + ": corrupt at ")) << cut;
      ASSERT_EQ(body.content, text.substr(0, 20)) << cut;
      ASSERT_TRUE(body.truncated && !body.decoded_bytes_exact && body.complete);
      ASSERT_EQ(body.decoded_bytes, 0);
    }
  }
}

TEST(BodyCollector, CorruptKeepsWhatCameBefore) {
  const std::string text = test::SomeText(100'000);
  std::string coded = test::Gzip(text);
  coded[coded.size() - 6] ^= 1;  // of the checksum
  std::mt19937 random(12);
  for (int i = 0; i < 20; ++i) {
    const Body body = Collect("gzip", RandomPieces(coded, random), 1 << 20);
    EXPECT_THAT(body.problem, StartsWith("gzip: corrupt at "));
    EXPECT_EQ(body.decoded_bytes, text.size());
    EXPECT_EQ(body.content, text);
    EXPECT_TRUE(body.truncated && !body.decoded_bytes_exact);
  }
}

TEST(BodyCollector, EndsEarly) {
  const std::string coded = test::Gzip(test::SomeText(500));
  const Body body = Collect("gzip", {std::string_view(coded).substr(0, coded.size() - 1)});
  EXPECT_EQ(body.problem, "gzip: ends early");
  EXPECT_EQ(body.content, test::SomeText(500));
}

TEST(BodyCollector, GapInAPlainBody) {
  Body body;
  BodyCollector collector(body, "", kMax);
  collector.Push(AsBytes("abc"));
  collector.Gap(0);
  collector.Push(AsBytes("def"));
  collector.Gap(17);
  collector.Push(AsBytes("ghi"));
  EXPECT_EQ(body.wire_bytes, 9);
  EXPECT_EQ(body.decoded_bytes, 9);
  EXPECT_EQ(body.missing, 17);
  EXPECT_EQ(body.content, "abcdef");
  collector.End(true);
  EXPECT_TRUE(body.truncated && !body.complete);
  EXPECT_EQ(body.problem, "");
}

TEST(BodyCollector, GapInACodedBody) {
  const std::string text = test::SomeText(1'000'000);
  const std::string coded = test::Zstd(text);
  const std::size_t cut = coded.size() * 3 / 4;
  Body body;
  BodyCollector collector(body, "zstd", 8 << 20);
  collector.Push(AsBytes(coded).first(cut));
  collector.Gap(10);
  collector.Push(AsBytes(coded).subspan(cut + 10));
  collector.End(true);
  EXPECT_EQ(body.problem, "zstd: bytes are missing at " + std::to_string(cut));
  EXPECT_EQ(body.wire_bytes, coded.size() - 10);
  EXPECT_FALSE(body.decoded_bytes_exact);
  EXPECT_EQ(body.content, text.substr(0, body.content.size()));
  EXPECT_EQ(body.decoded_bytes, body.content.size());
}

TEST(BodyCollector, GapBeforeAnythingCameOutKeepsTheRawBytes) {
  Body body;
  BodyCollector collector(body, "gzip", kMax);
  collector.Push(AsBytes("\x1f\x8b"));
  collector.Gap(10);
  collector.Push(AsBytes("more"));
  EXPECT_EQ(body.content, "\x1f\x8b");
  EXPECT_EQ(body.wire_bytes, 6);
  EXPECT_TRUE(body.truncated);
}

TEST(BodyCollector, AnInterruptedBodyIsIncompleteNotBroken) {
  const std::string coded = test::Gzip(test::SomeText(500));
  Body body;
  BodyCollector collector(body, "gzip", kMax);
  collector.Push(AsBytes(coded).first(coded.size() / 2));
  collector.End(false);
  EXPECT_FALSE(body.complete);
  EXPECT_EQ(body.problem, "");
}

TEST(BodyCollector, BombsAreCountedToTheLimitOnly) {
  const std::string zeros(20 << 20, '\0');
  const std::string coded = test::Gzip(test::Gzip(test::Gzip(zeros)));
  std::mt19937 random(13);
  for (int i = 0; i < 3; ++i) {
    const Body body = Collect("gzip, gzip, gzip", RandomPieces(coded, random));
    EXPECT_EQ(body.wire_bytes, coded.size());
    EXPECT_EQ(body.content, std::string(kMax, '\0'));
    EXPECT_EQ(body.decoded_bytes, BodyCollector::kDecodedLimit);
    EXPECT_FALSE(body.decoded_bytes_exact);
    EXPECT_TRUE(body.truncated);
    EXPECT_EQ(body.problem, "");
  }
}

TEST(BodyCollector, NoContentWanted) {
  const std::string coded = test::Brotli("abc");
  const Body body = Collect("br", {coded}, 0);
  EXPECT_EQ(body.wire_bytes, coded.size());
  EXPECT_FALSE(body.decoded_bytes_exact);  // nothing is decoded for nobody
  EXPECT_TRUE(body.truncated);
  EXPECT_EQ(body.content, "");
  const Body plain = Collect("", {"abc"}, 0);
  EXPECT_EQ(plain.decoded_bytes, 3);
  EXPECT_TRUE(plain.decoded_bytes_exact);
}

}  // namespace
}  // namespace gotls
