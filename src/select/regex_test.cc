#include "select/regex.h"

#include <gtest/gtest.h>

#include "select/regex_beginning.h"

namespace gotls {
namespace {

TEST(RegexTest, WorksOnBytes) {
  const auto regex = Regex::Compile("key=.*");
  ASSERT_TRUE(regex.has_value());
  EXPECT_EQ(regex->Find("a key=\xff\x80z\nb", 0), (TextRange{2, 9}));
  EXPECT_EQ(regex->Find("a key=z", 3), std::nullopt);
  EXPECT_TRUE(Regex::Compile("^\xc3\xb6$")->Search("\xc3\xb6"));
}

TEST(RegexTest, SaysWhatIsWrong) {
  EXPECT_EQ(Regex::Compile("a(b").error(), "missing ): a(b");
  EXPECT_EQ(Regex::Compile("((a{1000}){1000})").has_value(), false);
}

TEST(RegexTest, Globs) {
  const auto matches = [](std::string_view glob, std::string_view text) {
    return Regex::Compile(GlobPattern(glob), LetterCase::kIgnored)->FullMatch(text);
  };
  EXPECT_TRUE(matches("pass*", "Password"));
  EXPECT_TRUE(matches("*", "a\nb"));
  EXPECT_TRUE(matches("a?c", "abc"));
  EXPECT_FALSE(matches("a?c", "ac"));
  EXPECT_FALSE(matches("pass", "password"));
  EXPECT_TRUE(matches("a.b[0]", "a.b[0]"));
  EXPECT_FALSE(matches("a.b", "axb"));
}

// Where the beginning of a match begins, at the end of the text.
std::optional<std::size_t> BeginningIn(std::string_view pattern, std::string_view text) {
  const auto beginning = BeginningPattern(pattern);
  if (!beginning) return std::nullopt;
  const auto regex = Regex::Compile(*beginning);
  EXPECT_TRUE(regex.has_value()) << pattern << ": " << *beginning;
  const auto match = regex->Find(text, 0);
  if (!match) return std::nullopt;
  return match->begin;
}

TEST(RegexBeginningTest, FindsEveryBeginningOfAMatch) {
  const std::pair<const char*, const char*> cases[] = {
      {"secret", "secret"},
      {"\\d{16}", "1234567890123456"},
      {"\\d{3,}-x", "12345-x"},
      {"(?i)pass(word|phrase)+=\\S{2,8}z", "PASSwordPhrase=abcdez"},
      {"(ab|ac(d|e)*f)+?g", "abacdedfacfg"},
      {"a(?:bc)*d|e(?P<name>fg|h)", "efg"},
      {"[^]a]+[[:alpha:]\\]]q", "bcxq"},
      {"\\x41\\x{42}\\pL\\p{Greek}?\\.\\*\\b", "ABz.*"},
      {"-----BEGIN [A-Z ]*KEY-----(?s:.*?)-----END", "-----BEGIN RSA KEY-----\nabc\n-----END"},
      {"^x(y)?(z{2}){2}$", "xyzzzz"},
      {"a{b}{,2}c", "a{b}{,2}c"},
      {"(?is)k.y", "K\nY"},
      {"((((a)b)c)d)e", "abcde"},
      {"\\101\\0", "A"},
  };
  for (const auto& [pattern, text] : cases) {
    const std::string_view all = text;
    for (std::size_t length = 1; length < all.size(); ++length) {
      EXPECT_EQ(BeginningIn(pattern, all.substr(0, length)), 0U) << pattern << " " << length;
    }
  }
}

TEST(RegexBeginningTest, LeavesTheRest) {
  EXPECT_EQ(BeginningIn("secret=\\w+", "no secret, here se"), 16U);
  EXPECT_EQ(BeginningIn("\\d{4}", "in 1999, 20"), 9U);
  EXPECT_EQ(BeginningIn("key.{4}", "key12345 and so on"), std::nullopt);
}

TEST(RegexBeginningTest, RefusesWhatItDoesNotUnderstand) {
  for (const char* pattern : {"\\Qa.b\\E", "a(?i)b"}) {
    EXPECT_EQ(BeginningPattern(pattern), std::nullopt) << pattern;
  }
  std::string large = "x";
  for (int i = 0; i < 9; ++i) large = "(" + large + large + "){2}";
  EXPECT_EQ(BeginningPattern(std::string(4000, '(') + large + std::string(4000, ')')),
            std::nullopt);
}

}  // namespace
}  // namespace gotls
