#include "select/redact_fields.h"

#include <gtest/gtest.h>

#include <string>

namespace gotls {
namespace {

TEST(RedactFieldsTest, ReplacesValuesOfAField) {
  const std::pair<const char*, const char*> cases[] = {
      {"pw: \"s3\"\nn: 1\n", "pw: \"[redacted]\"\nn: 1\n"},
      {"n: 1\na {\n  pw: 17\n}\n", "n: 1\na {\n  pw: [redacted]\n}\n"},
      {"pw {\n  a {\n    b: \"}\"\n  }\n  c: 1\n}\nd: 2\n", "pw {[redacted]}\nd: 2\n"},
      {"  pw {\n  a: 1", "  pw {[redacted]"},
      {"pw: \"s3\\", "pw: [redacted]"},
      {"pw: \"\"\n", "pw: \"\"\n"},
      {"apw: 1\npwa: 2\n# pw\npw\n", "apw: 1\npwa: 2\n# pw\npw\n"},
      {"pw {\n}\n", "pw {[redacted]}\n"},
      {"pw {", "pw {"},
      {"pw:", "pw:"},
      {"", ""},
  };
  const auto keys = Regex::Compile(GlobPattern("pw"));
  for (const auto& [before, after] : cases) {
    for (const char* start : {before, after}) {
      std::string text = start;
      std::vector<SecretSpan> spans;
      FindFieldValues(text, *keys, spans);
      ReplaceSpans(text, std::move(spans));
      EXPECT_EQ(text, after) << start;
    }
  }
}

}  // namespace
}  // namespace gotls
