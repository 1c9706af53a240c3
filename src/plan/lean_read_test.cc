#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plan/lean.h"
#include "plan/test_code.h"
#include "plan/test_read_code.h"

namespace gotls {
namespace {

using testing::HasSubstr;

constexpr std::uint32_t kInput = 0x100;

Result<DirectionPlan> PlanRead(std::string_view code, std::optional<std::uint32_t> input) {
  const TestFunction function(code);
  const auto decoder = MakeDecoder(Arch::kAmd64);
  WorkBudget budget;
  const auto analysis = Analysis::Of(**decoder, *function, Abi::kRegister, budget);
  if (!analysis) return std::unexpected(analysis.error());
  return PlanLeanRead(*analysis, input, budget);
}

Place Register(std::uint8_t reg) { return {PlaceKind::kRegister, reg, 0}; }
Place Stack(std::int32_t offset) { return {PlaceKind::kStack, 0, offset}; }

TEST(LeanReadTest, FindsTheBranchBehindTheCopy) {
  const auto plan = PlanRead(kRead, kInput);
  ASSERT_TRUE(plan) << plan.error().what;
  EXPECT_EQ(plan->kind, PlanKind::kLean);
  EXPECT_EQ(plan->direction, Direction::kRead);
  ASSERT_EQ(plan->sites.size(), 1U);
  const Site& site = plan->sites[0];
  EXPECT_EQ(site.kind, SiteKind::kData);
  EXPECT_EQ(site.function_offset, 0x82U);
  EXPECT_EQ(site.address.value, kTestAddress + 0x82);
  EXPECT_EQ(site.file_offset.value, kTestAddress - 0x400000 + 0x82);
  EXPECT_EQ(site.instruction, "je 0x40109c");
  EXPECT_EQ(site.bytes, (std::vector{std::byte{0x74}, std::byte{0x18}}));
  EXPECT_EQ(site.cost, SiteCost::kEmulated);
  EXPECT_EQ(site.length, Register(amd64::kRcx));
  EXPECT_EQ(site.conn, Register(6));  // rsi
  EXPECT_EQ(site.data, (Place{PlaceKind::kInput, 0, kInput}));
  EXPECT_EQ(site.data_fallback, Stack(0x58));
  EXPECT_EQ(plan->reason,
            "conditional branch behind the copy out of c.input: n in rcx reaches the return that "
            "follows; without it every return gives 0; c in rsi, b in [rsp+0x58]");
}

TEST(LeanReadTest, WithoutTheInputsOffsetTheBufferIsRead) {
  const auto plan = PlanRead(kRead, std::nullopt);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->sites[0].data, Stack(0x58));
  EXPECT_EQ(plan->sites[0].data_fallback.kind, PlaceKind::kNone);
  EXPECT_THAT(plan->reason, HasSubstr("behind which lies every result but 0"));
}

TEST(LeanReadTest, AWrongInputOffsetProvesNothing) {
  const auto plan = PlanRead(kRead, kInput + 8);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->sites[0].data, Stack(0x58));
}

TEST(LeanReadTest, AWayPastTheCopyForbidsTheInput) {
  const auto plan = PlanRead(kReadSkippedCopy, kInput);
  ASSERT_TRUE(plan) << plan.error().what;
  EXPECT_EQ(plan->sites[0].data.kind, PlaceKind::kStack);
}

// Behind the call the input may have been filled again, so the call itself has to be the site.
TEST(LeanReadTest, ACallBehindTheCopyForbidsTheInput) {
  const auto plan = PlanRead(kReadCallBehindCopy, kInput);
  ASSERT_TRUE(plan) << plan.error().what;
  EXPECT_EQ(plan->sites[0].data.kind, PlaceKind::kInput);
  EXPECT_EQ(plan->sites[0].function_offset, 0x84U);
  EXPECT_TRUE(plan->sites[0].instruction.starts_with("call"));

  const TestFunction function(kReadCallBehindCopy);
  const auto decoder = MakeDecoder(Arch::kAmd64);
  WorkBudget budget;
  const auto analysis = Analysis::Of(**decoder, *function, Abi::kRegister, budget);
  ASSERT_TRUE(analysis);
  const auto& code = analysis->model().code;
  for (std::uint32_t i = 0; i < code.size(); ++i) {
    if (code[i].offset <= 0x84 || code[i].condition != Condition::kEqual) continue;
    const auto advance = FindInputAdvance(*analysis, kInput, i, Register(amd64::kRcx), budget);
    ASSERT_TRUE(advance);
    EXPECT_FALSE(*advance);
  }
}

TEST(LeanReadTest, RefusesWhenAReturnIsNotCovered) {
  const auto plan = PlanRead(kReadUncovered, kInput);
  ASSERT_FALSE(plan);
  EXPECT_THAT(plan.error().what, HasSubstr("may give data without it"));
}

// The site would be hit once a round while Read returns once.
TEST(LeanReadTest, RefusesASiteOnALoop) {
  const auto plan = PlanRead(kReadLoops, kInput);
  if (plan) {
    for (const Site& site : plan->sites) EXPECT_GT(site.function_offset, 0x9cU);
  }
}

TEST(LeanReadTest, RefusesWhenTheResultIsComputedLater) {
  EXPECT_FALSE(PlanRead(kReadChangesN, kInput));
}

TEST(LeanReadTest, RefusesWhenNoInstructionCoversAllWays) {
  EXPECT_FALSE(PlanRead(kReadTwoCopies, kInput));
}

TEST(LeanReadTest, RefusesIndirectJumps) {
  const auto plan = PlanRead(kReadIndirectJump, kInput);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().what, "indirect jump at +0x27");
}

}  // namespace
}  // namespace gotls
