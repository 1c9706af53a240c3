#include "app/summary.h"

#include <gtest/gtest.h>

namespace gotls {
namespace {

Summary Example() {
  Summary summary;
  summary.connections = 1;
  summary.processes = 2;
  summary.read = {2048, 0, 3};
  summary.write = {10, 0, 1};
  summary.counters = {
      {"hits", 7, "probe hits"}, {"bad_values", 0, "impossible"}, {"entries_lost", 3, "lost"}};
  return summary;
}

TEST(SummaryText, NamesTotalsAndTroubleOnly) {
  const std::string text = SummaryText(Example(), true, false);
  EXPECT_NE(text.find("1 connection of 2 processes; read 2.0 KiB, wrote 10 B; nothing missing"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("entries_lost"), std::string::npos);
  EXPECT_EQ(text.find("hits"), std::string::npos);
  EXPECT_EQ(text.find("bad_values"), std::string::npos);
}

TEST(SummaryText, NamesEveryCounterWhenAsked) {
  const std::string text = SummaryText(Example(), false, true);
  for (const char* name : {"hits", "bad_values", "entries_lost"})
    EXPECT_NE(text.find(name), std::string::npos) << name;
}

TEST(SummaryText, SaysThatSecretsAreShown) {
  Summary summary = Example();
  EXPECT_EQ(SummaryText(summary, true, false).find("--no-redact"), std::string::npos);
  summary.shows_secrets = true;
  EXPECT_NE(SummaryText(summary, true, false)
                .find("nothing missing; well-known secrets are shown (--no-redact)\n"),
            std::string::npos);
}

TEST(SummaryText, SaysWhoHadTrafficWhenNothingWasSeen) {
  Summary summary = Example();
  summary.counters.push_back({"hits_other_process", 6, "of others"});
  EXPECT_EQ(SummaryText(summary, true, false).find("other processes"), std::string::npos);
  summary.connections = 0;
  EXPECT_NE(SummaryText(summary, true, false).find("had TLS traffic (6 probe hits)"),
            std::string::npos);
  summary.counters.back().value = 0;
  EXPECT_EQ(SummaryText(summary, true, false).find("other processes"), std::string::npos);
}

TEST(SummaryText, NamesMissingBytesExactly) {
  Summary summary = Example();
  summary.write.missing = 12345;
  EXPECT_NE(SummaryText(summary, true, false).find("12345 bytes missing"), std::string::npos);
}

}  // namespace
}  // namespace gotls
