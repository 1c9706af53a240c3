// The planner on code of arm64: what is the same for all architectures is tested with amd64's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plan/g_source.h"
#include "plan/lean.h"
#include "plan/planner.h"
#include "plan/secrets.h"
#include "plan/test_arm64_code.h"
#include "plan/test_code.h"

namespace gotls {
namespace {

using testing::HasSubstr;

constexpr std::uint32_t kInput = 0x100;

Place Register(std::uint8_t reg) { return {PlaceKind::kRegister, reg, 0}; }
Place Stack(std::int32_t offset) { return {PlaceKind::kStack, 0, offset}; }
Place Input() { return {PlaceKind::kInput, 0, kInput}; }

class Arm64Test : public testing::Test {
 protected:
  Result<Analysis> Analyse(std::string_view hex, Abi abi = Abi::kRegister) {
    function_.emplace(hex);
    return Analysis::Of(**decoder_, **function_, abi, budget_);
  }

  Result<DirectionPlan> PlanRead(std::string_view hex, Abi abi = Abi::kRegister) {
    const auto analysis = Analyse(hex, abi);
    if (!analysis) return std::unexpected(analysis.error());
    return PlanLeanRead(*analysis, kInput, budget_);
  }

  Result<DirectionPlan> PlanWrite(std::string_view hex, Abi abi = Abi::kRegister) {
    const auto analysis = Analyse(hex, abi);
    if (!analysis) return std::unexpected(analysis.error());
    const TestFunction callee("c0035fd6", "crypto/tls.(*Conn).writeRecordLocked", kTestWriteRecord);
    return PlanLeanWrite(*analysis, *callee, WriteOf::kConn, budget_);
  }

  // What the first result holds at the first return.
  AbstractValue ResultOf(std::string_view hex) {
    const auto analysis = Analyse(hex);
    EXPECT_TRUE(analysis) << analysis.error().what;
    if (!analysis) return {};
    const auto returns = analysis->from_entry().Returns();
    EXPECT_FALSE(returns.empty());
    return analysis->ResultAt(*analysis->from_entry().Before(returns.at(0)), 0,
                              kReadWriteArgumentWords);
  }

  const Result<std::unique_ptr<Decoder>> decoder_ = MakeDecoder(Arch::kArm64);
  std::optional<TestFunction> function_;
  WorkBudget budget_;
};

TEST_F(Arm64Test, ReadsSiteIsTheBranchBehindTheCopy) {
  const auto plan = PlanRead(arm64_code::kRead);
  ASSERT_TRUE(plan) << plan.error().what;
  ASSERT_EQ(plan->sites.size(), 1U);
  const Site& site = plan->sites[0];
  EXPECT_EQ(site.function_offset, 0x54U);
  EXPECT_EQ(site.bytes.size(), 4U);
  EXPECT_EQ(site.cost, SiteCost::kEmulated);
  EXPECT_EQ(site.length, Register(2));
  EXPECT_EQ(site.conn, Register(3));
  EXPECT_EQ(site.data, Input());
  EXPECT_EQ(site.data_fallback, Stack(0x60));
  EXPECT_EQ(plan->reason,
            "conditional branch behind the copy out of c.input: n in x2 reaches the return that "
            "follows; without it every return gives 0; c in x3, b in [sp+0x60]");
}

TEST_F(Arm64Test, ReadWithTheStackAbi) {
  const auto plan = PlanRead(arm64_code::kReadStackAbi, Abi::kStack);
  ASSERT_TRUE(plan) << plan.error().what;
  ASSERT_EQ(plan->sites.size(), 1U);
  const Site& site = plan->sites[0];
  EXPECT_TRUE(site.instruction.starts_with("cbz x2")) << site.instruction;
  EXPECT_EQ(site.length, Register(2));
  EXPECT_EQ(site.conn, Register(3));
  EXPECT_EQ(site.data, Input());
  EXPECT_EQ(site.data_fallback, Stack(0x60));
}

TEST_F(Arm64Test, AnotherSumIsNoProofForTheInput) {
  for (const auto code : {arm64_code::kReadOtherSum, arm64_code::kReadOtherPosition}) {
    const auto plan = PlanRead(code);
    ASSERT_TRUE(plan) << plan.error().what;
    EXPECT_EQ(plan->sites[0].data, Stack(0x60));
  }
}

TEST_F(Arm64Test, ReadRefusesWhatIsNotProved) {
  const auto uncovered = PlanRead(arm64_code::kReadUncovered);
  ASSERT_FALSE(uncovered);
  EXPECT_THAT(uncovered.error().what, HasSubstr("may give data without it"));
}

TEST_F(Arm64Test, NoSiteWhereTheExclusiveMonitorIsHeld) {
  const auto plan = PlanRead(arm64_code::kReadExclusive);
  ASSERT_TRUE(plan) << plan.error().what;
  EXPECT_EQ(plan->sites[0].instruction, "ret");
}

// Only the return itself knows which one was chosen.
TEST_F(Arm64Test, AChosenResultIsKnownAtTheReturnOnly) {
  const auto plan = PlanRead(arm64_code::kReadSelects);
  ASSERT_TRUE(plan) << plan.error().what;
  EXPECT_EQ(plan->sites[0].instruction, "ret");
  EXPECT_EQ(plan->sites[0].length, Register(0));
  EXPECT_EQ(plan->sites[0].conn, Stack(8));
  EXPECT_THAT(plan->reason, HasSubstr("return behind which"));
}

TEST_F(Arm64Test, WritesSitesAreTheCalls) {
  const auto plan = PlanWrite(arm64_code::kWrite);
  ASSERT_TRUE(plan) << plan.error().what;
  ASSERT_EQ(plan->sites.size(), 2U);
  for (const Site& site : plan->sites) {
    EXPECT_TRUE(site.instruction.starts_with("bl ")) << site.instruction;
    EXPECT_EQ(site.cost, SiteCost::kEmulated);
    EXPECT_EQ(site.conn, Register(0));
    EXPECT_EQ(site.data, Register(2));
    EXPECT_EQ(site.length, Register(3));
  }
}

TEST_F(Arm64Test, WriteWithTheStackAbi) {
  const auto plan = PlanWrite(arm64_code::kWriteStackAbi, Abi::kStack);
  ASSERT_TRUE(plan) << plan.error().what;
  ASSERT_EQ(plan->sites.size(), 1U);
  EXPECT_EQ(plan->sites[0].conn, Stack(8));
  EXPECT_EQ(plan->sites[0].data, Stack(24));
  EXPECT_EQ(plan->sites[0].length, Stack(32));
}

TEST_F(Arm64Test, WriteRefusesWhatIsNotProved) {
  const auto other = PlanWrite(arm64_code::kWriteOtherType);
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().what, HasSubstr("doesn't call writeRecordLocked"));
  const auto narrow = PlanWrite(arm64_code::kWriteNarrow);
  ASSERT_FALSE(narrow);
  EXPECT_THAT(narrow.error().what, HasSubstr("length isn't proved to be that of b"));
}

TEST_F(Arm64Test, FramesBeyondOneImmediateAreFollowed) {
  EXPECT_TRUE(ResultOf(arm64_code::kLargeFrame).Is(kReceiver));
}

TEST_F(Arm64Test, TheLinkRegistersSlotProvesNoLocal) {
  EXPECT_FALSE(ResultOf(arm64_code::kLinkRegister).known());
}

TEST_F(Arm64Test, APairIsLoadedFromItsOldBase) {
  const auto analysis = Analyse(arm64_code::kLoadsItsBase);
  ASSERT_TRUE(analysis) << analysis.error().what;
  const auto at = analysis->from_entry().Returns().at(0);
  const auto state = analysis->from_entry().Before(at);
  EXPECT_TRUE(state->registers[0].Is(kPointer));
  EXPECT_TRUE(state->registers[3].Is(kLength));
}

TEST_F(Arm64Test, SecretsAtTheBranchOfTheStackCheck) {
  TlsPackage package{.path = "crypto/tls", .functions = {}, .offsets = {}, .wrappers = {}};
  const TestFunction with_registers(arm64_code::kWriteKeyLog, "crypto/tls.(*Config).writeKeyLog");
  package.functions = {*with_registers};
  const SecretsPlan plan = PlanSecrets(**decoder_, package, Abi::kRegister);
  ASSERT_TRUE(plan.site) << plan.reason;
  EXPECT_EQ(plan.site->function_offset, 12U);
  EXPECT_EQ(plan.site->branch, CountedBranch::kNotBelowOrEqual);
  EXPECT_EQ(plan.label.data, Register(1));
  EXPECT_EQ(plan.client_random.data, Register(3));
  EXPECT_EQ(plan.secret.length, Register(7));

  const TestFunction with_stack(arm64_code::kWriteKeyLogStackAbi,
                                "crypto/tls.(*Config).writeKeyLog");
  package.functions = {*with_stack};
  const SecretsPlan stack = PlanSecrets(**decoder_, package, Abi::kStack);
  ASSERT_TRUE(stack.site) << stack.reason;
  EXPECT_EQ(stack.site->function_offset, 12U);
  EXPECT_EQ(stack.label.data, Stack(16));
  EXPECT_EQ(stack.client_random.data, Stack(32));
  EXPECT_EQ(stack.secret.length, Stack(64));
}

TEST_F(Arm64Test, TheStackCheckTellsTheConvention) {
  const TestFunction with_registers(arm64_code::kRead);
  const TestFunction with_stack(arm64_code::kReadStackAbi);
  TlsPackage package{.path = "crypto/tls", .functions = {}, .offsets = {}, .wrappers = {}};
  GoFacts facts;
  facts.arch = Arch::kArm64;
  struct {
    const TestFunction& function;
    std::uint32_t minor;
    std::optional<Abi> abi;
  } const cases[] = {
      {with_registers, 27, Abi::kRegister}, {with_registers, 18, Abi::kRegister},
      {with_registers, 0, Abi::kRegister},  {with_registers, 17, std::nullopt},
      {with_stack, 17, Abi::kStack},        {with_stack, 0, Abi::kStack},
      {with_stack, 18, std::nullopt},
  };
  for (const auto& test : cases) {
    package.functions = {*test.function};
    facts.go_minor = test.minor;
    const auto found = FindConvention(**decoder_, facts, package);
    EXPECT_EQ(found.has_value(), test.abi.has_value()) << test.minor;
    if (!found) continue;
    EXPECT_EQ(found->abi, *test.abi);
    EXPECT_EQ(found->g.kind, GSourceKind::kRegister);
    EXPECT_EQ(found->g.reg, arm64::kX28);
  }
}

TEST_F(Arm64Test, PlansOfBothKinds) {
  const TestFunction read(arm64_code::kRead), write(arm64_code::kWrite, "crypto/tls.(*Conn).Write");
  const TestFunction write_record("c0035fd6", "crypto/tls.(*Conn).writeRecordLocked",
                                  kTestWriteRecord);
  TlsPackage package{.path = "crypto/tls",
                     .functions = {*read, *write, *write_record},
                     .offsets = {},
                     .wrappers = {}};
  package.offsets.conn_input = kInput;
  GoFacts facts;
  facts.arch = Arch::kArm64;
  facts.go_minor = 26;
  const auto lean = MakePlan(facts, package, PlanChoice::kLean);
  ASSERT_TRUE(lean) << lean.error().Message();
  EXPECT_EQ(lean->arch, Arch::kArm64);
  const auto classic = MakePlan(facts, package, PlanChoice::kClassic);
  ASSERT_TRUE(classic) << classic.error().Message();
  ASSERT_EQ(classic->read.sites.size(), 3U);
  const Site& entry = classic->read.sites[0];
  EXPECT_EQ(entry.function_offset, 0U);
  EXPECT_EQ(entry.cost, SiteCost::kSingleStepped);
  EXPECT_EQ(entry.conn, Register(0));
  EXPECT_EQ(entry.data, Register(1));
  EXPECT_EQ(entry.length, Register(2));
  EXPECT_EQ(classic->read.sites[1].instruction, "ret");
  EXPECT_EQ(classic->read.sites[1].cost, SiteCost::kEmulated);
  EXPECT_EQ(classic->read.sites[1].length, Register(0));
}

}  // namespace
}  // namespace gotls
