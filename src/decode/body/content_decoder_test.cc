#include "decode/body/content_decoder.h"

#include <gtest/gtest.h>

#include "decode/body/coding_chain.h"
#include "decode/body/coding_test_util.h"

namespace gotls {
namespace {

using test::RandomPieces;

struct Decoded {
  std::string text;
  std::string error;
  bool at_end = false;
};

Decoded DecodePieces(std::string_view coding, const std::vector<std::string_view>& pieces) {
  const auto decoder = MakeContentDecoder(coding);
  Decoded result;
  if (!decoder) return {"", "no decoder", false};
  for (const std::string_view piece : pieces) {
    const auto pushed = decoder->Push(AsBytes(piece), [&result](Bytes bytes) {
      result.text += AsText(bytes);
      return true;
    });
    if (!pushed) result.error += pushed.error();
  }
  result.at_end = decoder->AtEnd();
  return result;
}

struct Case {
  std::string_view name;
  std::string_view coding;
  std::string (*encode)(std::string_view);
  std::size_t parts = 1;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class Codings : public testing::TestWithParam<Case> {};

TEST_P(Codings, ComeOutAtEverySplitOfAShortText) {
  const std::string text = test::SomeText(200);
  const std::string coded = GetParam().encode(text);
  for (std::size_t cut = 0; cut <= coded.size(); ++cut) {
    const std::string_view view = coded;
    const Decoded got = DecodePieces(GetParam().coding, {view.substr(0, cut), view.substr(cut)});
    ASSERT_EQ(got.text, text) << cut;
    ASSERT_EQ(got.error, "") << cut;
    ASSERT_TRUE(got.at_end) << cut;
  }
}

TEST_P(Codings, ComeOutAtRandomSplitsOfALongText) {
  const std::string text = test::SomeText(300'000);
  const std::string coded = GetParam().encode(text);
  std::mt19937 random(1);
  for (int i = 0; i < 30; ++i) {
    const Decoded got = DecodePieces(GetParam().coding, RandomPieces(coded, random));
    ASSERT_EQ(got.text, text);
    ASSERT_EQ(got.error, "");
    ASSERT_TRUE(got.at_end);
  }
}

TEST_P(Codings, AreNotAtTheirEndBefore) {
  const std::string coded = GetParam().encode(test::SomeText(1000));
  std::size_t ends = 0;  // behind each part of several, too
  for (std::size_t size = 1; size + 1 < coded.size(); ++size) {
    if (DecodePieces(GetParam().coding, {std::string_view(coded).substr(0, size)}).at_end) ++ends;
  }
  EXPECT_EQ(ends, GetParam().parts - 1);
}

TEST_P(Codings, SayWhatIsCorruptAndNeverCrash) {
  const std::string text = test::SomeText(3000);
  const std::string coded = GetParam().encode(text);
  std::mt19937 random(3);
  for (int i = 0; i < 500; ++i) {
    std::string broken = coded;
    for (int n = 0; n < 3; ++n)
      broken[random() % broken.size()] ^= static_cast<char>(1 + random() % 255);
    const Decoded got = DecodePieces(GetParam().coding, RandomPieces(broken, random));
    EXPECT_TRUE(got.error.empty() || got.error.starts_with("corrupt at ") ||
                got.error == "window over 8 MiB")
        << got.error;
  }
}

TEST_P(Codings, StopWhenToldTo) {
  const std::string coded = GetParam().encode(test::SomeText(300'000));
  const auto decoder = MakeContentDecoder(GetParam().coding);
  int calls = 0;
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(decoder->Push(AsBytes(coded), [&calls](Bytes) { return ++calls, false; }));
  }
  EXPECT_EQ(calls, 1);
}

std::string GzipMembers(std::string_view text) {
  return test::Gzip(text.substr(0, 100)) + test::Gzip("") + test::Gzip(text.substr(100));
}

std::string ZstdFrames(std::string_view text) {
  return test::Zstd(text.substr(0, 100)) + test::Zstd(text.substr(100));
}

std::string OneZstdFrame(std::string_view text) { return test::Zstd(text); }

INSTANTIATE_TEST_SUITE_P(
    All, Codings,
    testing::Values(Case{"gzip", "gzip", test::Gzip}, Case{"xgzip", "X-GZip", test::Gzip},
                    Case{"zlib", "deflate", test::Zlib}, Case{"raw", "deflate", test::RawDeflate},
                    Case{"br", "br", test::Brotli}, Case{"zstd", "zstd", OneZstdFrame},
                    Case{"gzip_members", "gzip", GzipMembers, 3},
                    Case{"zstd_frames", "zstd", ZstdFrames, 2}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(ContentDecoder, BytesBehindAGzipMemberAreIgnored) {
  const std::string coded = test::Gzip("abc") + std::string(20, '\0') + "rubbish";
  const Decoded got = DecodePieces("gzip", {coded});
  EXPECT_EQ(got.text, "abc");
  EXPECT_EQ(got.error, "");
  EXPECT_TRUE(got.at_end);
}

TEST(ContentDecoder, WindowsBeyondWhatBrowsersTakeAreRefused) {
  const std::string text = test::SomeText(1000);
  EXPECT_EQ(DecodePieces("zstd", {test::Zstd(text, 23)}).text, text);
  EXPECT_EQ(DecodePieces("zstd", {test::Zstd(text, 24)}).error, "window over 8 MiB");
}

// libzstd may read them, and then what it says depends on the split.
TEST(ContentDecoder, ZstdFramesOfBefore1_0AreRefusedHoweverSplit) {
  using namespace std::string_view_literals;
  constexpr std::string_view kVersion0_5 = "\x25\xb5\x2f\xfd\x04\xff\xff\x01"sv;
  const std::string frame = test::Zstd("abc");
  std::mt19937 random(2);
  for (const std::string& before : {std::string(), frame}) {
    const std::string coded = before + std::string(kVersion0_5);
    for (int i = 0; i < 30; ++i) {
      const Decoded got = DecodePieces("zstd", RandomPieces(coded, random));
      EXPECT_EQ(got.text, before.empty() ? "" : "abc");
      EXPECT_EQ(got.error, "corrupt at " + std::to_string(before.size()));
    }
  }
}

TEST(ContentDecoder, SkippableZstdFramesAreSkipped) {
  using namespace std::string_view_literals;
  const std::string skippable("\x5f\x2a\x4d\x18\x02\0\0\0xx"sv);
  const Decoded got = DecodePieces("zstd", {skippable + test::Zstd("abc") + skippable});
  EXPECT_EQ(got.text, "abc");
  EXPECT_EQ(got.error, "");
  EXPECT_TRUE(got.at_end);
}

TEST(ContentDecoder, UnknownOnesAreNull) {
  for (const char* coding : {"", "compress", "gzipp", "identity", "zst"}) {
    EXPECT_EQ(MakeContentDecoder(coding), nullptr) << coding;
  }
}

TEST(CodingChain, ReadsTheHeader) {
  for (const char* none : {"", "identity", " , Identity ,,"}) {
    const auto chain = MakeCodingChain(none, 1000);
    ASSERT_TRUE(chain) << none;
    EXPECT_EQ(*chain, nullptr) << none;
  }
  EXPECT_EQ(MakeCodingChain("gzip, lzma", 1000).error(), "unknown coding");
  EXPECT_EQ(MakeCodingChain("br,br,br,br,br", 1000).error(), "too many codings");
}

TEST(CodingChain, UndoesInReverseOrder) {
  const std::string text = test::SomeText(10'000);
  const std::string coded = test::Zstd(test::Brotli(test::Gzip(text)));
  std::mt19937 random(5);
  for (int i = 0; i < 20; ++i) {
    auto chain = MakeCodingChain("gzip, BR ,zstd", 1 << 20);
    std::string got;
    for (const std::string_view piece : RandomPieces(coded, random)) {
      ASSERT_TRUE((*chain)->Push(AsBytes(piece), [&got](Bytes bytes) {
        got += AsText(bytes);
        return true;
      }));
    }
    EXPECT_EQ(got, text);
    EXPECT_TRUE((*chain)->AtEnd());
  }
}

// Empty members: 20 bytes each that unfold to nothing, and fold very well themselves.
TEST(CodingChain, StopsWhatUnfoldsToMuchAndThenToLittle) {
  const std::string member = test::Gzip("");
  std::string members;
  for (int i = 0; i < 100'000; ++i) members += member;
  const std::string coded = test::Gzip(members);
  for (const bool whole : {true, false}) {
    auto chain = MakeCodingChain("gzip, gzip", 100'000);
    std::string error;
    const std::size_t cut = whole ? 0 : coded.size() / 2;
    for (const auto piece :
         {std::string_view(coded).substr(0, cut), std::string_view(coded).substr(cut)}) {
      const auto pushed = (*chain)->Push(AsBytes(piece), [](Bytes) { return true; });
      if (!pushed) error += pushed.error();
    }
    EXPECT_EQ(error, "gzip: unfolds to too much");
  }
}

}  // namespace
}  // namespace gotls
