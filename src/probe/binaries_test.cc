#include "probe/binaries.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <deque>
#include <filesystem>
#include <set>

#include "probe/fake_kernel.h"
#include "probe/test_file.h"
#include "probe/test_go_program.h"
#include "probe/test_root.h"

namespace gotls {
namespace {

namespace fs = std::filesystem;

class BinariesTest : public ::testing::Test {
 protected:
  Binaries::Outcome Meet(const TestFile& file, bool all = false) {
    return binaries_.Meet(file.Open(), file.path(), all);
  }

  FakeKernel kernel_;
  Binaries binaries_{kernel_, PlanCache(PlanChoice::kAuto), false};
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

TEST_F(GoBinariesTest, DetachesManyTogether) {
  std::deque<TestFile> files;
  for (int i = 0; i < 40; i++) {
    files.emplace_back(content_);
    ASSERT_FALSE(Meet(files.back()).binary->refusal.has_value());
  }
  EXPECT_EQ(binaries_.attached_count(), 40U);
  binaries_.DetachAll();
  EXPECT_EQ(binaries_.attached_count(), 0U);
  EXPECT_TRUE(kernel_.points.empty());
  EXPECT_TRUE(kernel_.sites.empty());
  EXPECT_FALSE(kernel_.cleared_while_attached);
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

TEST_F(GoBinariesTest, PlansCopiesOnce) {
  const TestFile file(content_);
  const TestFile copy(content_);
  std::string other = content_;
  other.back() = static_cast<char>(other.back() ^ 1);  // behind all that is loaded
  const TestFile changed(other);
  const Binary& first = *Meet(file).binary;
  const Binary& second = *Meet(copy).binary;
  const Binary& third = *Meet(changed).binary;
  ASSERT_TRUE(first.program && second.program && third.program);
  EXPECT_EQ(first.program, second.program);
  EXPECT_NE(first.program, third.program);
  EXPECT_EQ(kernel_.attached_fds.size(), 3U);
  EXPECT_EQ(first.attachments.size(), second.attachments.size());
  EXPECT_EQ(binaries_.attached_count(), 3U);
}

TEST_F(GoBinariesTest, AttachesEachPackageOfEachCopy) {
  const std::string content = GoProgram("fork");
  if (content.empty()) GTEST_SKIP() << "no program with several packages: run tests/build-targets";
  const TestFile file(content);
  const TestFile copy(content);
  const Binary& first = *Meet(file).binary;
  const Binary& second = *Meet(copy).binary;
  ASSERT_TRUE(first.program);
  EXPECT_EQ(first.program, second.program);
  EXPECT_EQ(first.attachments.size(), 3U);  // crypto/tls and two forks
  EXPECT_EQ(second.attachments.size(), 3U);
  EXPECT_EQ(first.plans, second.plans);
  EXPECT_EQ(kernel_.attached_fds.size(), 6U);
  std::set<std::uint32_t> modules;
  for (const Binary* binary : {&first, &second})
    for (const Attachment& attachment : binary->attachments) modules.insert(attachment.module);
  EXPECT_EQ(modules.size(), 6U);
}

// What is missing in one copy is not missing in the plan that others have of it.
TEST_F(GoBinariesTest, TracesThePackagesThatItCan) {
  const std::string content = GoProgram("fork");
  if (content.empty()) GTEST_SKIP() << "no program with several packages: run tests/build-targets";
  const TestFile file(content);
  const TestFile copy(content);
  kernel_.attaches_left = 2;
  const Binary& first = *Meet(file).binary;
  ASSERT_FALSE(first.refusal.has_value()) << first.refusal->Message();
  EXPECT_EQ(first.attachments.size(), 2U);
  EXPECT_EQ(first.plans.size(), 2U);
  ASSERT_EQ(first.left_out.size(), 1U);
  EXPECT_EQ(first.left_out[0].where, file.path());
  kernel_.attaches_left = 3;
  const Binary& second = *Meet(copy).binary;
  EXPECT_EQ(second.program, first.program);
  EXPECT_EQ(second.attachments.size(), 3U);
  EXPECT_TRUE(second.left_out.empty());
}

// Two overlays above one folder, as containers of one image have them, in a mount namespace of this
// process.
class OverlayTest : public GoBinariesTest {
 protected:
  void SetUp() override {
    GoBinariesTest::SetUp();
    if (IsSkipped()) return;
    root_.Add("/lower/program", content_);
    const bool apart =
        unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    for (const std::string name : {"a", "b"}) {
      for (const std::string folder : {"/", "/upper", "/work", "/merged"})
        fs::create_directories(root_.path() + "/" + name + folder);
      const std::string at = root_.path() + "/" + name;
      const std::string options =
          "lowerdir=" + root_.path() + "/lower,upperdir=" + at + "/upper,workdir=" + at + "/work";
      mounted_ =
          apart && mount("overlay", (at + "/merged").c_str(), "overlay", 0, options.c_str()) == 0;
      if (!mounted_) GTEST_SKIP() << "no overlay can be mounted: " << std::strerror(errno);
    }
  }
  void TearDown() override {
    binaries_.DetachAll();
    for (const std::string name : {"a", "b"})
      umount2((root_.path() + "/" + name + "/merged").c_str(), MNT_DETACH);
  }

  Binaries::Outcome MeetIn(const std::string& folder) {
    const std::string path = root_.path() + folder + "/program";
    return binaries_.Meet(UniqueFd(open(path.c_str(), O_RDONLY | O_CLOEXEC)), path, true);
  }

  TestRoot root_;
  bool mounted_ = false;
};

TEST_F(OverlayTest, AFileBelowTwoOverlaysIsAttachedOnce) {
  const auto first = MeetIn("/a/merged");
  ASSERT_FALSE(first.binary->refusal.has_value()) << first.binary->refusal->Message();
  const auto second = MeetIn("/b/merged");
  EXPECT_FALSE(second.fresh);
  EXPECT_EQ(second.binary, first.binary);
  EXPECT_EQ(MeetIn("/lower").binary, first.binary);  // on the host itself
  EXPECT_EQ(kernel_.attached_fds.size(), 1U);
  EXPECT_EQ(binaries_.attached_count(), 1U);
}

TEST_F(OverlayTest, AFileThatAContainerHasChangedIsItsOwn) {
  ASSERT_FALSE(MeetIn("/a/merged").binary->refusal.has_value());
  const std::string path = root_.path() + "/b/merged/program";
  ASSERT_EQ(chmod(path.c_str(), 0700), 0);  // copied up: another inode
  const auto second = MeetIn("/b/merged");
  EXPECT_TRUE(second.fresh);
  EXPECT_EQ(kernel_.attached_fds.size(), 2U);
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
