#include "probe/binaries.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "probe/fake_kernel.h"
#include "probe/test_file.h"

namespace gotls {
namespace {

namespace fs = std::filesystem;

// Content of some Go program (see tests/build-targets); empty when there is none.
std::string GoProgram() {
  fs::path root;
  if (const char* set = std::getenv("GOTLS_TARGETS")) {
    root = set;
  } else if (const char* home = std::getenv("HOME")) {
    root = fs::path(home) / ".cache/gotls/targets";
  }
  std::error_code error;
  for (const auto& version : fs::directory_iterator(root, error)) {
    std::ifstream file(version.path() / "stripped/target", std::ios::binary);
    if (file) return (std::ostringstream() << file.rdbuf()).str();
  }
  return {};
}

class BinariesTest : public ::testing::Test {
 protected:
  Binaries::Outcome Meet(const TestFile& file, bool all = false) {
    return binaries_.Meet(file.Open(), file.path(), all);
  }

  FakeKernel kernel_;
  Binaries binaries_{kernel_, PlanChoice::kAuto, false};
};

void Touch(const TestFile& file) {
  const timespec times[2] = {{1000, 0}, {1000, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, file.path().c_str(), times, 0), 0);
}

TEST_F(BinariesTest, RefusesAFileOnceAndRemembersIt) {
  const TestFile file("#!/bin/sh\n");
  const auto first = Meet(file);
  EXPECT_TRUE(first.fresh);
  ASSERT_TRUE(first.binary->refusal.has_value());
  EXPECT_EQ(first.binary->refusal->kind, ErrorKind::kTarget);
  const auto second = Meet(file);
  EXPECT_FALSE(second.fresh);
  EXPECT_EQ(second.binary, first.binary);
  EXPECT_EQ(binaries_.attached_count(), 0U);
}

TEST_F(BinariesTest, LooksAgainAtAFileThatChanged) {
  const TestFile file("#!/bin/sh\n");
  EXPECT_TRUE(Meet(file).fresh);
  Touch(file);
  EXPECT_TRUE(Meet(file).fresh);
  EXPECT_FALSE(Meet(file).fresh);
  ASSERT_EQ(truncate(file.path().c_str(), 3), 0);
  Touch(file);  // another size alone is enough
  EXPECT_TRUE(Meet(file).fresh);
}

TEST_F(BinariesTest, LeavesARefusedFileToItsWriters) {
  const TestFile file("#!/bin/sh\n");
  EXPECT_TRUE(Meet(file).fresh);
  alarm(10);
  EXPECT_TRUE(UniqueFd(open(file.path().c_str(), O_WRONLY | O_CLOEXEC)).valid());
  alarm(0);
}

TEST_F(BinariesTest, RefusesWhatCannotBeOpened) {
  const auto outcome = binaries_.Meet(UniqueFd(), "x", false);
  EXPECT_FALSE(outcome.fresh);
  EXPECT_TRUE(outcome.binary->refusal.has_value());
}

class GoBinariesTest : public BinariesTest {
 protected:
  void SetUp() override {
    if (content_.empty()) GTEST_SKIP() << "no Go programs: run tests/build-targets";
  }

  const std::string content_ = GoProgram();
};

TEST_F(GoBinariesTest, AttachesAProgramOnceHoweverOftenItIsMet) {
  const TestFile file(content_);
  const auto first = Meet(file);
  ASSERT_FALSE(first.binary->refusal.has_value()) << first.binary->refusal->Message();
  EXPECT_FALSE(Meet(file).fresh);
  EXPECT_EQ(binaries_.attached_count(), 1U);
  EXPECT_EQ(kernel_.attached_fds.size(), 1U);
  EXPECT_FALSE(kernel_.modules.begin()->second.flags & GOTLS_MODULE_ALL_PROCESSES);
  EXPECT_FALSE(Meet(file, true).fresh);
  EXPECT_TRUE(kernel_.modules.begin()->second.flags & GOTLS_MODULE_ALL_PROCESSES);
  binaries_.DetachAll();
  EXPECT_TRUE(kernel_.points.empty());
}

TEST_F(GoBinariesTest, DetachesAndReadsAgainWhatChanged) {
  const TestFile file(content_);
  ASSERT_FALSE(Meet(file).binary->refusal.has_value());
  const std::size_t points = kernel_.points.size();
  Touch(file);
  EXPECT_TRUE(Meet(file).fresh);
  EXPECT_EQ(kernel_.attached_fds.size(), 2U);
  EXPECT_EQ(kernel_.points.size(), points);  // the old ones are gone
}

TEST_F(GoBinariesTest, TellsWhyTheKernelRefused) {
  const TestFile file(content_);
  kernel_.refuse_attach = true;
  const auto outcome = Meet(file);
  ASSERT_TRUE(outcome.binary->refusal.has_value());
  EXPECT_EQ(outcome.binary->refusal->what, "refused by the test");
  EXPECT_EQ(outcome.binary->refusal->where, file.path());
  EXPECT_EQ(binaries_.attached_count(), 0U);
}

TEST_F(GoBinariesTest, DropsDeletedFilesThatNobodyRuns) {
  const TestFile file(content_);
  if (!Meet(file).binary->guarded)
    GTEST_SKIP() << "no leases here (file system of " << ::testing::TempDir() << ')';
  binaries_.DropDeleted();
  EXPECT_EQ(binaries_.attached_count(), 1U);
  {
    const UniqueFd somebody = file.Open();
    file.Remove();
    binaries_.DropDeleted();
    EXPECT_EQ(binaries_.attached_count(), 1U);
  }
  binaries_.DropDeleted();
  EXPECT_EQ(binaries_.attached_count(), 0U);
  EXPECT_TRUE(kernel_.points.empty());
}

}  // namespace
}  // namespace gotls
