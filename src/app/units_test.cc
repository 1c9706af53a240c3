#include <gtest/gtest.h>

#include "app/cli.h"

namespace gotls {
namespace {

using std::chrono::milliseconds;

TEST(ParseDuration, TakesTheUsualUnits) {
  EXPECT_EQ(ParseDuration("10"), milliseconds(10'000));
  EXPECT_EQ(ParseDuration("10s"), milliseconds(10'000));
  EXPECT_EQ(ParseDuration("1.5m"), milliseconds(90'000));
  EXPECT_EQ(ParseDuration("2h"), milliseconds(7'200'000));
  EXPECT_EQ(ParseDuration("250ms"), milliseconds(250));
}

TEST(ParseDuration, RefusesWhatIsNone) {
  for (const char* text : {"", "s", "-1s", "1d", "1e30", "nan", "inf", "10 s x"}) {
    const auto duration = ParseDuration(text);
    ASSERT_FALSE(duration.has_value()) << text;
    EXPECT_EQ(duration.error().kind, ErrorKind::kUsage);
  }
}

TEST(ParseSize, TakesPowersOf1024) {
  EXPECT_EQ(ParseSize("4096"), 4096U);
  EXPECT_EQ(ParseSize("64K"), 65536U);
  EXPECT_EQ(ParseSize("1MiB"), 1048576U);
  EXPECT_EQ(ParseSize("16m"), 16777216U);
  EXPECT_EQ(ParseSize("0.5G"), 536870912U);
}

TEST(ParseSize, RefusesWhatIsNone) {
  for (const char* text : {"", "K", "-1", "1X", "1e40", "nan"})
    EXPECT_FALSE(ParseSize(text).has_value()) << text;
}

}  // namespace
}  // namespace gotls
