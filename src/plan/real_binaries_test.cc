// The planner on the bodies that every Go version at hand really makes: see tests/build-targets.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "binary/go_binary.h"
#include "plan/planner.h"

namespace gotls {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> Targets() {
  fs::path root;
  if (const char* set = std::getenv("GOTLS_TARGETS")) {
    root = set;
  } else if (const char* home = std::getenv("HOME")) {
    root = fs::path(home) / ".cache/gotls/targets";
  }
  std::vector<fs::path> targets;
  std::error_code error;
  for (const auto& version : fs::directory_iterator(root, error)) {
    for (const char* flavour : {"plain", "stripped", "pie", "cgo", "cgopie", "cshared", "arm64"}) {
      const fs::path target = version.path() / flavour / "target";
      if (fs::exists(target, error)) targets.push_back(target);
    }
  }
  return targets;
}

std::vector<std::byte> BytesAt(const fs::path& path, const Site& site) {
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(site.file_offset.value));
  std::vector<std::byte> bytes(site.bytes.size());
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

void CheckSite(const fs::path& path, const TlsPackage& package, const Site& site) {
  SCOPED_TRACE(site.function + " " + site.instruction);
  EXPECT_FALSE(site.bytes.empty());
  EXPECT_EQ(site.bytes, BytesAt(path, site));
  EXPECT_NE(site.conn.kind, PlaceKind::kNone);
  const Function* function = package.Find(site.function.substr(package.path.size() + 1));
  ASSERT_NE(function, nullptr);
  EXPECT_EQ(site.address.value, function->address.value + site.function_offset);
  EXPECT_LT(site.function_offset, function->code.size());
}

void CheckRead(const DirectionPlan& plan, const TlsPackage& package, Arch arch) {
  EXPECT_EQ(plan.kind, PlanKind::kLean) << plan.reason;
  ASSERT_EQ(plan.sites.size(), 1U);
  const Site& site = plan.sites[0];
  EXPECT_EQ(site.cost, SiteCost::kEmulated);
  // Release builds have the test of n behind the copy: a short or a near je or jne, or a cbz.
  EXPECT_TRUE(arch == Arch::kArm64
                  ? site.instruction.starts_with("cbz x")
                  : site.instruction.starts_with("je") || site.instruction.starts_with("jne"))
      << site.instruction;
  EXPECT_EQ(site.length.kind, PlaceKind::kRegister);
  EXPECT_EQ(site.conn.kind, PlaceKind::kRegister);
  EXPECT_NE(site.length, site.conn);
  ASSERT_TRUE(package.offsets.conn_input);
  EXPECT_EQ(site.data,
            (Place{PlaceKind::kInput, 0, static_cast<std::int32_t>(*package.offsets.conn_input)}));
  EXPECT_EQ(site.data_fallback.kind, PlaceKind::kStack);
}

// The target as the bytes have it.
std::uint64_t CalledBy(const Site& site, Arch arch) {
  if (arch == Arch::kArm64) {
    const std::uint32_t word = ReadAt<std::uint32_t>(site.bytes, 0).value_or(0);
    EXPECT_EQ(word >> 26, 0x25U);
    const std::int64_t distance = static_cast<std::int32_t>(word << 6) >> 4;
    return site.address.value + static_cast<std::uint64_t>(distance);
  }
  EXPECT_EQ(site.bytes[0], std::byte{0xe8});
  const std::int64_t distance = ReadAt<std::int32_t>(site.bytes, 1).value_or(0);
  return site.address.value + 5 + static_cast<std::uint64_t>(distance);
}

void CheckWrite(const DirectionPlan& plan, const TlsPackage& package, Arch arch) {
  EXPECT_EQ(plan.kind, PlanKind::kLean) << plan.reason;
  EXPECT_EQ(plan.sites.size(), 2U);
  const Function* callee = package.Find("(*Conn).writeRecordLocked");
  ASSERT_NE(callee, nullptr);
  for (const Site& site : plan.sites) {
    EXPECT_EQ(site.cost, SiteCost::kEmulated);
    ASSERT_EQ(site.bytes.size(), arch == Arch::kArm64 ? 4U : 5U);
    EXPECT_EQ(CalledBy(site, arch), callee->address.value);
    EXPECT_NE(site.data, site.length);
  }
}

const char* StackCheck(const ProbePlan& plan) { return plan.arch == Arch::kArm64 ? "b.ls" : "jbe"; }

void CheckLifecycle(const ProbePlan& plan) {
  std::multiset<SiteKind> kinds;
  for (const Site& site : plan.lifecycle) {
    kinds.insert(site.kind);
    if (site.kind == SiteKind::kNotSent) {
      EXPECT_TRUE(site.instruction.starts_with("ret"));
      EXPECT_EQ(site.conn, (Place{PlaceKind::kStack, 0, 8}));
    } else {
      EXPECT_EQ(site.cost, SiteCost::kEmulated);
      EXPECT_TRUE(site.instruction.starts_with(StackCheck(plan))) << site.instruction;
    }
  }
  EXPECT_EQ(kinds.count(SiteKind::kHandshake), 2U) << plan.lifecycle_reason;
  EXPECT_EQ(kinds.count(SiteKind::kClose), 1U) << plan.lifecycle_reason;
  EXPECT_GE(kinds.count(SiteKind::kNotSent), 2U) << plan.lifecycle_reason;
}

// Called un-inlined in every version, and its stack check is the usual one.
void CheckSecrets(const fs::path& path, const ProbePlan& plan, const TlsPackage& package) {
  ASSERT_TRUE(plan.secrets.site) << plan.secrets.reason;
  const Site& site = *plan.secrets.site;
  const Function* function = package.Find("(*Config).writeKeyLog");
  ASSERT_NE(function, nullptr);
  EXPECT_EQ(site.function, function->name);
  EXPECT_EQ(site.address.value, function->address.value + site.function_offset);
  EXPECT_EQ(site.bytes, BytesAt(path, site));
  EXPECT_EQ(site.cost, SiteCost::kEmulated);
  EXPECT_EQ(site.branch, CountedBranch::kNotBelowOrEqual);
  EXPECT_TRUE(site.instruction.starts_with(StackCheck(plan))) << site.instruction;
  const PlaceKind kind = plan.abi == Abi::kRegister ? PlaceKind::kRegister : PlaceKind::kStack;
  for (const SlicePlace* slice :
       {&plan.secrets.label, &plan.secrets.client_random, &plan.secrets.secret}) {
    EXPECT_EQ(slice->data.kind, kind);
    EXPECT_EQ(slice->length.kind, kind);
  }
}

TEST(RealBinariesTest, ReleaseBuildsHaveLeanPlansInBothDirections) {
  const auto targets = Targets();
  if (targets.empty()) GTEST_SKIP() << "no targets: run tests/build-targets or set GOTLS_TARGETS";
  for (const fs::path& path : targets) {
    SCOPED_TRACE(path);
    const auto binary = GoBinary::OpenPath(path);
    ASSERT_TRUE(binary) << binary.error().Message();
    const GoFacts& facts = (*binary)->facts();
    for (const TlsPackage& package : facts.packages) {
      const auto plan = MakePlan(facts, package, PlanChoice::kLean);
      ASSERT_TRUE(plan) << plan.error().Message();
      EXPECT_EQ(plan->arch, facts.arch);
      EXPECT_EQ(plan->abi == Abi::kRegister,
                facts.go_minor >= (facts.arch == Arch::kArm64 ? 18 : 17));
      EXPECT_NE(plan->g.kind, GSourceKind::kNone);
      CheckRead(plan->read, package, facts.arch);
      CheckWrite(plan->write, package, facts.arch);
      CheckLifecycle(*plan);
      CheckSecrets(path, *plan, package);
      for (const auto* sites : {&plan->read.sites, &plan->write.sites, &plan->lifecycle}) {
        for (const Site& site : *sites) CheckSite(path, package, site);
      }
    }
  }
}

// Without the offset of c.input the bytes are read from the caller's buffer, and the site must be
// the same: the branches on n before the copy know n too, but not the bytes.
TEST(RealBinariesTest, WithoutTypeDescriptorsTheSiteIsStillBehindTheCopy) {
  const auto targets = Targets();
  if (targets.empty()) GTEST_SKIP() << "no targets: run tests/build-targets or set GOTLS_TARGETS";
  for (const fs::path& path : targets) {
    const fs::path flavour = path.parent_path().filename();
    if (flavour != "plain" && flavour != "arm64") continue;
    SCOPED_TRACE(path);
    const auto binary = GoBinary::OpenPath(path);
    ASSERT_TRUE(binary) << binary.error().Message();
    const GoFacts& facts = (*binary)->facts();
    TlsPackage package = facts.packages.at(0);
    const auto with = MakePlan(facts, package, PlanChoice::kLean);
    package.offsets.conn_input.reset();
    const auto without = MakePlan(facts, package, PlanChoice::kLean);
    ASSERT_TRUE(with && without);
    EXPECT_EQ(with->read.sites[0].address, without->read.sites[0].address);
    EXPECT_EQ(with->read.sites[0].data_fallback, without->read.sites[0].data);
  }
}

// The classic plan doesn't lean on any proof, so it must be there for each of them.
TEST(RealBinariesTest, ClassicPlansCoverEveryReturn) {
  const auto targets = Targets();
  if (targets.empty()) GTEST_SKIP() << "no targets: run tests/build-targets or set GOTLS_TARGETS";
  for (const fs::path& path : targets) {
    SCOPED_TRACE(path);
    const auto binary = GoBinary::OpenPath(path);
    ASSERT_TRUE(binary) << binary.error().Message();
    for (const TlsPackage& package : (*binary)->facts().packages) {
      const auto plan = MakePlan((*binary)->facts(), package, PlanChoice::kClassic);
      ASSERT_TRUE(plan) << plan.error().Message();
      // Entry and seven or eight returns in release builds of 1.15 to 1.27.
      EXPECT_GE(plan->read.sites.size(), 8U);
      EXPECT_GE(plan->write.sites.size(), 9U);
      for (const Site& site : plan->read.sites) EXPECT_EQ(site.bytes, BytesAt(path, site));
    }
  }
}

}  // namespace
}  // namespace gotls
