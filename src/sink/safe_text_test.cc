#include "sink/safe_text.h"

#include <gtest/gtest.h>

#include <random>

#include "sink/utf8.h"

namespace gotls {
namespace {

std::string Safe(std::string_view text) {
  std::string out;
  AppendSafe(out, text);
  return out;
}

// "(binary)" when it is not shown as text. A tail of plain text keeps short cases above the limit.
std::string Lines(std::string_view text) {
  std::string out;
  return AppendSafeLines(out, "> ", text) ? out : "(binary)";
}

TEST(SafeText, NamesStayOnOneLine) {
  EXPECT_EQ(Safe("plain ~ text"), "plain ~ text");
  EXPECT_EQ(Safe("a\nb\rc\td"), "a\\nb\\rc\\td");
  EXPECT_EQ(Safe("\x1b[31mred\x1b[0m"), "\\x1b[31mred\\x1b[0m");
  EXPECT_EQ(Safe(std::string_view("nul\0del\x7f", 8)), "nul\\x00del\\x7f");
}

TEST(SafeText, Unicode) {
  EXPECT_EQ(Safe("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80"),
            "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80");
  EXPECT_EQ(Safe("\xc2\x9b"
                 "31m"),
            "\\u009b31m");  // C1: CSI in one character
  EXPECT_EQ(Safe("a\xe2\x80\xae"
                 "b"),
            "a\\u202eb");                              // right-to-left override
  EXPECT_EQ(Safe("\xe2\x81\xa6"), "\\u2066");          // isolate
  EXPECT_EQ(Safe("\xef\xbb\xbf"), "\\ufeff");          // byte order mark
  EXPECT_EQ(Safe("\xf3\xa0\x81\x81"), "\\U000e0041");  // tag
}

TEST(SafeText, InvalidUtf8) {
  EXPECT_EQ(Safe("\xff"), "\\xff");
  EXPECT_EQ(Safe("\xc3"), "\\xc3");
  EXPECT_EQ(Safe("\xc0\xaf"), "\\xc0\\xaf");                    // overlong
  EXPECT_EQ(Safe("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // surrogate
  EXPECT_EQ(Safe("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // beyond U+10FFFF
  EXPECT_EQ(Safe("\x9b"), "\\x9b");
}

TEST(SafeText, LineBreaks) {
  EXPECT_EQ(Lines("one"), "> one\n");
  EXPECT_EQ(Lines("one\ntwo\r\nthree\n"), "> one\n> two\n> three\n");
  EXPECT_EQ(Lines("one\r\n\r\n\ttwo"), "> one\n>\n> \ttwo\n");
  EXPECT_EQ(Lines("\n"), ">\n");
  EXPECT_EQ(Lines(""), "");
  EXPECT_EQ(Lines("a lone \r is escaped"), "> a lone \\x0d is escaped\n");
}

TEST(SafeText, BinaryIsRefused) {
  EXPECT_EQ(Lines(std::string_view("\0\0\0\0", 4)), "(binary)");
  const std::string text(85, 'x');
  EXPECT_NE(Lines(text + std::string(15, '\1')), "(binary)");
  EXPECT_EQ(Lines(text + std::string(16, '\1')), "(binary)");
}

TEST(SafeText, RefusalLeavesWhatWasThere) {
  std::string out = "before";
  EXPECT_FALSE(AppendSafeLines(out, "> ", "abc\1\2\3"));
  EXPECT_EQ(out, "before");
}

// Whatever comes in, nothing that a terminal obeys comes out, and no line without its gutter.
TEST(SafeText, RandomBytes) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    std::mt19937 random(seed);
    std::string text;
    for (unsigned i = 0; i < 60; ++i) {
      text +=
          random() % 6 == 0 ? static_cast<char>(random()) : static_cast<char>(32 + random() % 95);
      if (random() % 30 == 0) text += "\r\n";
    }
    for (const std::string& out : {Safe(text), Lines(text)}) {
      for (std::size_t at = 0; at < out.size();) {
        const Utf8Char c = DecodeUtf8(std::string_view(out).substr(at));
        ASSERT_GT(c.size, 0U);
        ASSERT_TRUE(c.code == '\n' || c.code == '\t' || (c.code >= 0x20 && c.code < 0x7f) ||
                    c.code >= 0xa0);
        if (c.code == '\n' && at + 1 < out.size()) {
          ASSERT_EQ(out[at + 1], '>');
        }
        at += c.size;
      }
    }
  }
}

}  // namespace
}  // namespace gotls
