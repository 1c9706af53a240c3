#include "plan/secrets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plan/test_code.h"

namespace gotls {
namespace {

using testing::HasSubstr;

constexpr const char* kName = "crypto/tls.(*Config).writeKeyLog";

class SecretsTest : public testing::Test {
 protected:
  SecretsPlan Plan(const char* hex, Abi abi = Abi::kRegister) {
    function_.emplace(hex, kName);
    package_.functions = {**function_};
    return PlanSecrets(**decoder_, package_, abi);
  }

  static Place Register(std::uint8_t reg) { return {PlaceKind::kRegister, reg, 0}; }
  static Place Stack(std::int32_t offset) { return {PlaceKind::kStack, 0, offset}; }

  const Result<std::unique_ptr<Decoder>> decoder_ = MakeAmd64Decoder();
  std::optional<TestFunction> function_;
  TlsPackage package_{.path = "crypto/tls", .functions = {}, .offsets = {}, .wrappers = {}};
};

TEST_F(SecretsTest, RegisterAbiAtTheBranchOfTheStackCheck) {
  // lea r12,[rsp-0x20]; cmp r12,[r14+0x10]; jbe +0x1ec; push rbp; ret
  const SecretsPlan plan = Plan("4c8d6424e04d3b66100f86ec01000055c3");
  ASSERT_TRUE(plan.site) << plan.reason;
  EXPECT_EQ(plan.site->kind, SiteKind::kSecret);
  EXPECT_EQ(plan.site->function_offset, 9U);
  EXPECT_EQ(plan.site->cost, SiteCost::kEmulated);
  EXPECT_EQ(plan.site->branch, CountedBranch::kNotBelowOrEqual);
  EXPECT_EQ(plan.label.data, Register(3));
  EXPECT_EQ(plan.label.length, Register(1));
  EXPECT_EQ(plan.client_random.data, Register(7));
  EXPECT_EQ(plan.client_random.length, Register(6));
  EXPECT_EQ(plan.secret.data, Register(9));
  EXPECT_EQ(plan.secret.length, Register(10));
}

TEST_F(SecretsTest, StackAbiAtTheBranchOfTheStackCheck) {
  // mov rcx,fs:-8; lea rax,[rsp-0x18]; cmp rax,[rcx+0x10]; jbe +0x26c; ret
  const SecretsPlan plan = Plan("64488b0c25f8ffffff488d4424e8483b41100f866c020000c3", Abi::kStack);
  ASSERT_TRUE(plan.site) << plan.reason;
  EXPECT_EQ(plan.site->function_offset, 18U);
  EXPECT_EQ(plan.site->branch, CountedBranch::kNotBelowOrEqual);
  EXPECT_EQ(plan.label.data, Stack(16));
  EXPECT_EQ(plan.label.length, Stack(24));
  EXPECT_EQ(plan.client_random.data, Stack(32));
  EXPECT_EQ(plan.client_random.length, Stack(40));
  EXPECT_EQ(plan.secret.data, Stack(56));
  EXPECT_EQ(plan.secret.length, Stack(64));
}

// Whatever stands before the first branch and takes an argument's register sends the site back to
// the entry.
TEST_F(SecretsTest, EntryWhereAnArgumentIsOverwrittenFirst) {
  for (const char* hex : {
           "4889c376104989d0c3",    // mov rbx,rax; jbe
           "4c8d54240876104989d0",  // lea r10,[rsp+8]; jbe
           "4883ec087610c3",        // sub rsp,8; jbe
           "48890424"
           "7610c3",  // mov [rsp],rax; jbe
           "ff10"
           "7610c3",  // call [rax]; jbe
       }) {
    const SecretsPlan plan = Plan(hex);
    ASSERT_TRUE(plan.site) << hex;
    EXPECT_EQ(plan.site->function_offset, 0U) << hex;
    EXPECT_EQ(plan.site->cost, SiteCost::kSingleStepped) << hex;
    EXPECT_EQ(plan.site->branch, CountedBranch::kAny) << hex;
    EXPECT_THAT(plan.reason, HasSubstr("the entry (single-stepped)"));
  }
}

// Another branch says nothing about the stack: it counts, taken or not.
TEST_F(SecretsTest, OtherBranchesAlwaysCount) {
  for (const char* hex : {"4d3b66107210c3", "55c3", "eb10c3"}) {
    const SecretsPlan plan = Plan(hex);
    ASSERT_TRUE(plan.site) << hex;
    EXPECT_EQ(plan.site->cost, SiteCost::kEmulated) << hex;
    EXPECT_EQ(plan.site->branch, CountedBranch::kAny) << hex;
  }
}

TEST_F(SecretsTest, NoSiteHasAReason) {
  EXPECT_EQ(PlanSecrets(**decoder_, package_, Abi::kRegister).reason,
            "no (*Config).writeKeyLog in the program");
  EXPECT_FALSE(Plan("").site);
  const SecretsPlan undecodable = Plan("06");
  EXPECT_FALSE(undecodable.site);
  EXPECT_THAT(undecodable.reason, HasSubstr("(*Config).writeKeyLog: undecodable"));
}

}  // namespace
}  // namespace gotls
