#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plan/lean.h"
#include "plan/lifecycle.h"
#include "plan/test_code.h"
#include "plan/test_write_code.h"

namespace gotls {
namespace {

using testing::HasSubstr;

Result<DirectionPlan> PlanWrite(std::string_view code,
                                std::uint64_t write_record = kTestWriteRecord) {
  const TestFunction function(code, "crypto/tls.(*Conn).Write");
  const TestFunction callee("c3", "crypto/tls.(*Conn).writeRecordLocked", write_record);
  const auto decoder = MakeDecoder(Arch::kAmd64);
  WorkBudget budget;
  const auto analysis = Analysis::Of(**decoder, *function, Abi::kRegister, budget);
  if (!analysis) return std::unexpected(analysis.error());
  return PlanLeanWrite(*analysis, *callee, WriteOf::kConn, budget);
}

TEST(LeanWriteTest, TheCallIsTheSite) {
  const auto plan = PlanWrite(kWrite);
  ASSERT_TRUE(plan) << plan.error().what;
  EXPECT_EQ(plan->direction, Direction::kWrite);
  ASSERT_EQ(plan->sites.size(), 1U);
  const Site& site = plan->sites[0];
  EXPECT_EQ(site.instruction, "call 0x406000");
  EXPECT_EQ(site.cost, SiteCost::kEmulated);
  EXPECT_EQ(site.conn, (Place{PlaceKind::kRegister, amd64::kRax, 0}));
  EXPECT_EQ(site.data, (Place{PlaceKind::kRegister, amd64::kRcx, 0}));
  EXPECT_EQ(site.length, (Place{PlaceKind::kRegister, amd64::kRdi, 0}));
}

TEST(LeanWriteTest, BothPartsOfTheSplitAreSites) {
  const auto plan = PlanWrite(kWriteSplit);
  ASSERT_TRUE(plan) << plan.error().what;
  EXPECT_EQ(plan->sites.size(), 2U);
  EXPECT_THAT(plan->reason, HasSubstr("each is handed other bytes"));
}

TEST(LeanWriteTest, RefusesWhatIsNotProved) {
  struct {
    std::string_view code;
    const char* why;
  } const cases[] = {
      {kWriteOtherType, "doesn't call writeRecordLocked"},
      {kWriteUnknownType, "record type isn't constant"},
      {kWriteOtherReceiver, "receiver isn't proved to be c"},
      {kWriteOtherData, "data isn't proved to be of b"},
      {kWriteOtherLength, "length isn't proved to be that of b"},
      {kWriteUncovered, "may give data without it"},
  };
  for (const auto& test : cases) {
    const auto plan = PlanWrite(test.code);
    ASSERT_FALSE(plan) << test.why;
    EXPECT_EQ(plan.error().kind, ErrorKind::kTarget);
    EXPECT_THAT(plan.error().what, HasSubstr(test.why));
  }
}

TEST(LeanWriteTest, RefusesWhenTheCalleeIsAnotherFunction) {
  const auto plan = PlanWrite(kWrite, kTestWriteRecord + 0x10);
  ASSERT_FALSE(plan);
  EXPECT_THAT(plan.error().what, HasSubstr("doesn't call writeRecordLocked"));
}

TEST(NotSentTest, OnlyReturnsWithAProvedErrorAreSites) {
  const TestFunction function(kWriteRecordLocked, "crypto/tls.(*Conn).writeRecordLocked");
  const auto decoder = MakeDecoder(Arch::kAmd64);
  WorkBudget budget;
  LifecyclePlan plan;
  PlanNotSent(**decoder, *function, Abi::kRegister, budget, plan);
  ASSERT_EQ(plan.sites.size(), 1U) << plan.reason;
  const Site& site = plan.sites[0];
  EXPECT_EQ(site.kind, SiteKind::kNotSent);
  EXPECT_EQ(site.instruction, "ret");
  EXPECT_EQ(site.conn, (Place{PlaceKind::kStack, 0, 8}));
  EXPECT_EQ(site.length, (Place{PlaceKind::kRegister, amd64::kRax, 0}));
  EXPECT_THAT(plan.reason, HasSubstr("1 returns with an error, 1 left out"));
}

}  // namespace
}  // namespace gotls
