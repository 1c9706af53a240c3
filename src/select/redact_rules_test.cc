#include "select/redact_rules.h"

#include <gtest/gtest.h>

namespace gotls {
namespace {

std::string ErrorOf(const std::string& rule) {
  const auto rules = ParseRedactRules(std::vector{rule});
  return rules ? "parsed" : rules.error().Message();
}

TEST(RedactRulesTest, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"heder:X",
       "redaction rule 'heder:X': unknown kind of rule; "
       "rules are header:NAME, json:KEY, query:NAME, regex:PATTERN"},
      {"header",
       "redaction rule 'header': unknown kind of rule; "
       "rules are header:NAME, json:KEY, query:NAME, regex:PATTERN"},
      {"",
       "redaction rule '': unknown kind of rule; "
       "rules are header:NAME, json:KEY, query:NAME, regex:PATTERN"},
      {"json:", "redaction rule 'json:': nothing behind the colon"},
      {"regex:a(b", "redaction rule 'regex:a(b': bad regular expression: missing ): a(b"},
      {"regex:a:b", "parsed"},
      {"header:X-*", "parsed"},
  };
  for (const auto& [rule, error] : cases) EXPECT_EQ(ErrorOf(rule), error);
}

TEST(RedactRulesTest, JoinsRulesOfAKind) {
  const auto rules =
      ParseRedactRules(std::vector<std::string>{"header:X-A", "header:X-B*", "regex:a", "regex:b"});
  ASSERT_TRUE(rules.has_value());
  EXPECT_TRUE(rules->headers->FullMatch("x-a"));
  EXPECT_TRUE(rules->headers->FullMatch("X-Bee"));
  EXPECT_FALSE(rules->headers->FullMatch("X-Ab"));
  EXPECT_EQ(rules->patterns.size(), 2U);
  EXPECT_FALSE(rules->json.has_value());
  EXPECT_TRUE(rules->LookIntoTexts());
  EXPECT_FALSE(ParseRedactRules(std::vector<std::string>{"header:a"})->LookIntoTexts());
}

TEST(RedactRulesTest, BoundsTheirNumber) {
  EXPECT_FALSE(
      ParseRedactRules(std::vector<std::string>(RedactRules::kMaxRules + 1, "json:a")).has_value());
}

}  // namespace
}  // namespace gotls
