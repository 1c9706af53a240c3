#include "select/redact_regex.h"

#include <gtest/gtest.h>

#include <string>

namespace gotls {
namespace {

std::string Redacted(std::string_view pattern, std::string text, bool cut = false) {
  const auto secret = SecretPattern::Compile(pattern);
  EXPECT_TRUE(secret.has_value()) << pattern;
  std::vector<SecretSpan> spans;
  secret->Find(text, cut, spans);
  ReplaceSpans(text, std::move(spans));
  return text;
}

TEST(RedactRegexTest, ReplacesEveryMatch) {
  EXPECT_EQ(Redacted("\\d+", "a1b22c"), "a[redacted]b[redacted]c");
  EXPECT_EQ(Redacted("x*", "axxb"), "a[redacted]b");
  EXPECT_EQ(Redacted("^a", "aa"), "[redacted]a");
  EXPECT_EQ(Redacted("b$", "bb"), "b[redacted]");
  EXPECT_EQ(Redacted("\\bkey", "key monkey key"), "[redacted] monkey [redacted]");
  EXPECT_EQ(Redacted("x", "nothing"), "nothing");
}

TEST(RedactRegexTest, ReplacesTheBeginningOfAMatchThatWasCut) {
  EXPECT_EQ(Redacted("\\d{4}", "a 12", true), "a [redacted]");
  EXPECT_EQ(Redacted("\\d{4}", "a 12", false), "a 12");
  EXPECT_EQ(Redacted("pw=\\w+;", "b pw=abc", true), "b [redacted]");
  EXPECT_EQ(Redacted("pw=\\w+;", "b pw=abc; d", true), "b [redacted] d");
}

TEST(RedactRegexTest, ReplacesTheTailWhenBeginningsAreNotKnown) {
  const std::string text(5000, 'a');
  EXPECT_EQ(Redacted("\\Qpw.\\E", text, true), std::string(904, 'a') + "[redacted]");
  EXPECT_EQ(Redacted("\\Qpw.\\E", "short", true), "[redacted]");
}

TEST(RedactRegexTest, GivesUpOnPatternsThatReadAllForEachMatch) {
  // Each of 100,000 matches would read what is left of 200,000 bytes.
  std::string text;
  while (text.size() < 200'000) text += "x.";
  const std::string redacted = Redacted("(?s)x.*y|x", text);
  EXPECT_TRUE(redacted.starts_with("[redacted].[redacted]."));
  EXPECT_TRUE(redacted.ends_with("[redacted]"));
  EXPECT_LT(redacted.size(), text.size());
}

}  // namespace
}  // namespace gotls
