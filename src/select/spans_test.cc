#include "select/spans.h"

#include <gtest/gtest.h>

namespace gotls {
namespace {

struct Case {
  const char* text;
  std::vector<SecretSpan> spans;
  const char* result;
  std::uint64_t replaced;
};

TEST(SpansTest, ReplacesEachPartOnce) {
  const Case cases[] = {
      {"abcdef", {}, "abcdef", 0},
      {"abcdef", {{2, 2}}, "abcdef", 0},
      {"abcdef", {{0, 6}}, "[redacted]", 1},
      {"abcdef", {{4, 5}, {1, 2}}, "a[redacted]cd[redacted]f", 2},
      {"abcdef", {{1, 3}, {2, 5}}, "a[redacted]f", 1},
      {"abcdef", {{1, 3}, {3, 5}}, "a[redacted]f", 1},
      {"{1}", {{1, 2, 0}}, "{\"[redacted]\"}", 1},
      {"{1}", {{1, 2, 1}}, "{\\\"[redacted]\\\"}", 1},
      {"{1}", {{1, 2, 2}}, "{\\\\\\\"[redacted]\\\\\\\"}", 1},
      // The wider one decides about quotes.
      {"{123}", {{2, 3}, {1, 4, 0}}, "{\"[redacted]\"}", 1},
      {"{123}", {{1, 4}, {1, 4, 0}}, "{\"[redacted]\"}", 1},
      {"{123}", {{1, 4, 0}, {3, 5}}, "{[redacted]", 1},
      // Marks stay.
      {"a[redacted]b", {{1, 11}}, "a[redacted]b", 0},
      {"a[redacted]b", {{2, 10}}, "a[redacted]b", 0},
      {"a[redacted]b", {{0, 3}}, "[redacted]b", 1},
      {"a[redacted]b", {{9, 12}}, "a[redacted]", 1},
      {"a[redacted]b", {{0, 1}, {11, 12}}, "[redacted][redacted][redacted]", 2},
      {"[redacted][redacted]", {{0, 20}}, "[redacted]", 1},
      {"[redacted]-[redacted]-[redacted]",
       {{21, 22}},
       "[redacted]-[redacted][redacted][redacted]",
       1},
  };
  for (const Case& c : cases) {
    std::string text = c.text;
    EXPECT_EQ(ReplaceSpans(text, c.spans), c.replaced) << c.text;
    EXPECT_EQ(text, c.result);
  }
}

}  // namespace
}  // namespace gotls
