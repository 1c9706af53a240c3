#include "select/redact_query.h"

#include <gtest/gtest.h>

#include <string>

namespace gotls {
namespace {

struct Case {
  QueryPlace place;
  const char* text;
  const char* result;
};

TEST(RedactQueryTest, ReplacesValuesOfAParameter) {
  using enum QueryPlace;
  const Case cases[] = {
      {kTarget, "/a?token=s3&b=1", "/a?token=[redacted]&b=1"},
      {kTarget, "/a?b=1&TOKEN=s3", "/a?b=1&TOKEN=[redacted]"},
      {kTarget, "/a?b=1;token=s3;c=s3&d=2", "/a?b=1;token=[redacted]&d=2"},
      {kTarget, "/a?t%6Fken=s3", "/a?t%6Fken=[redacted]"},
      {kTarget, "/a?token=s=3", "/a?token=[redacted]"},
      {kTarget, "/a?token=", "/a?token="},
      {kTarget, "/a?token", "/a?token"},
      {kTarget, "/a?atoken=x", "/a?atoken=x"},
      {kTarget, "/token=x", "/token=x"},
      {kTarget, "/a#token=s3", "/a#token=[redacted]"},
      {kTarget, "/a?next=/b?token=s3&c=1", "/a?next=/b?token=[redacted]&c=1"},
      {kTarget, "/a?=&&;=?#&token=s3", "/a?=&&;=?#&token=[redacted]"},
      {kTarget, "/a?token=s3&token=s4", "/a?token=[redacted]&token=[redacted]"},
      {kTarget, "", ""},
      {kTarget, "?", "?"},
      {kTarget, "/a?%=1&%zz=2&%", "/a?%=1&%zz=2&%"},
      {kText, "<https://a/?token=s3>; rel=next", "<https://a/?token=[redacted]>; rel=next"},
      {kText, "token=x", "token=x"},
      {kForm, "token=s3&b=1", "token=[redacted]&b=1"},
      {kForm, "b=1&token=s3 4", "b=1&token=[redacted]"},
      {kForm, "to+ken=x", "to+ken=x"},
  };
  const auto names = Regex::Compile(GlobPattern("token"), LetterCase::kIgnored);
  for (const Case& c : cases) {
    for (const char* before : {c.text, c.result}) {
      std::string text = before;
      std::vector<SecretSpan> spans;
      FindQueryValues(text, c.place, *names, spans);
      ReplaceSpans(text, std::move(spans));
      EXPECT_EQ(text, c.result) << before;
    }
  }
}

}  // namespace
}  // namespace gotls
