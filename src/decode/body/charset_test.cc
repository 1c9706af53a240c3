#include "decode/body/charset.h"

#include <gtest/gtest.h>

#include <random>

namespace gotls {
namespace {

using namespace std::string_literals;

struct Case {
  std::string_view charset;
  std::string content;
  std::string utf8;
};

TEST(ToUtf8, Table) {
  const Case cases[] = {
      {"utf-8", "gr\xc3\xbc\xc3\x9f \xf0\x9f\x99\x82", "gr\xc3\xbc\xc3\x9f \xf0\x9f\x99\x82"},
      {"",
       "a\xff"
       "b",
       "a\xef\xbf\xbd"
       "b"},
      {"UTF-8",
       "\xef\xbb\xbf"
       "a",
       "a"},
      {"utf-8", "\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd"},
      {"utf-8", "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
      {"utf-8", "\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
      {"utf-8", "\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd"},
      {"us-ascii", "abc\x01", "abc\x01"},
      {"ISO-8859-1", "gr\xfc\xdf", "gr\xc3\xbc\xc3\x9f"},
      {"latin1", "\x80", "\xe2\x82\xac"},
      {"windows-1252", "\x93q\x94 \x81", "\xe2\x80\x9cq\xe2\x80\x9d \xc2\x81"},
      {"utf-16",
       "\xff\xfe"
       "a\0\xac\x20"s,
       "a\xe2\x82\xac"},
      {"utf-16", "\xfe\xff\0a\x20\xac"s, "a\xe2\x82\xac"},
      {"utf-16", "a\0"s, "a"},
      {"utf-16be", "\0a"s, "a"},
      {"utf-16le", "\x3d\xd8\x42\xde"s, "\xf0\x9f\x99\x82"},
      {"utf-16le",
       "\x3d\xd8"
       "a\0"s,
       "\xef\xbf\xbd"
       "a"},
      {"utf-16le", "\x42\xde"s, "\xef\xbf\xbd"},
      {"utf-16le", "a\0b"s, "a\xef\xbf\xbd"},
  };
  for (const Case& c : cases) {
    const auto charset = FindCharset(c.charset);
    ASSERT_TRUE(charset) << c.charset;
    EXPECT_EQ(ToUtf8(c.content, *charset), c.utf8) << c.charset << " " << c.content;
  }
}

TEST(FindCharset, OthersAreNotKnown) {
  for (const char* name : {"gbk", "shift_jis", "utf-7", "utf-32", "binary", "x", "utf-8 "}) {
    EXPECT_FALSE(FindCharset(name)) << name;
  }
}

TEST(ToUtf8, IsAlwaysValidAndBounded) {
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string content(random() % 40, '\0');
    for (char& c : content) c = static_cast<char>(random());
    for (const Charset charset :
         {Charset::kUtf8, Charset::kWindows1252, Charset::kUtf16, Charset::kUtf16Be}) {
      const std::string text = ToUtf8(content, charset);
      EXPECT_LE(text.size(), 3 * content.size());
      for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = Utf8SequenceAt(text, at);
        ASSERT_GT(length, 0);
        at += length;
      }
    }
  }
}

}  // namespace
}  // namespace gotls
