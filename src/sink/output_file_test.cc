#include "sink/output_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include "sink/test_file.h"

namespace gotls {
namespace {

using testing::ReadFile;
using testing::TemporaryDirectory;
using testing::WriteFile;

unsigned ModeOf(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_mode & 07777;
}

TEST(OutputFile, IsPrivate) {
  const TemporaryDirectory folder;
  const mode_t before = ::umask(0);
  auto file = OutputFile::Open(folder.File("new"));
  ::umask(before);
  ASSERT_TRUE(file);
  EXPECT_EQ(ModeOf(folder.File("new")), 0600U);
  EXPECT_FALSE((*file)->is_terminal());
}

TEST(OutputFile, AnOldFileIsEmptiedAndMadePrivate) {
  const TemporaryDirectory folder;
  WriteFile(folder.File("old"), "what was there before");
  ASSERT_EQ(::chmod(folder.File("old").c_str(), 0644), 0);
  auto file = OutputFile::Open(folder.File("old"));
  ASSERT_TRUE(file);
  EXPECT_EQ(ModeOf(folder.File("old")), 0600U);
  ASSERT_TRUE((*file)->Write("new"));
  ASSERT_TRUE((*file)->Finish());
  EXPECT_EQ(ReadFile(folder.File("old")), "new");
}

TEST(OutputFile, BadPathsAreUsageErrors) {
  const auto missing = OutputFile::Open("/no/such/dir/x");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::kUsage);
  EXPECT_EQ(missing.error().Message(),
            "/no/such/dir/x: can't write: No such file or directory; make its folder, or "
            "choose another one");
  EXPECT_FALSE(OutputFile::Open("/"));
}

TEST(OutputFile, WritesAreBufferedUntilFlush) {
  const TemporaryDirectory folder;
  auto file = OutputFile::Open(folder.File("x"));
  ASSERT_TRUE((*file)->Write("abc"));
  EXPECT_EQ(ReadFile(folder.File("x")), "");
  ASSERT_TRUE((*file)->Flush());
  EXPECT_EQ(ReadFile(folder.File("x")), "abc");
}

TEST(OutputFile, ManySizesArriveInOrder) {
  const TemporaryDirectory folder;
  std::string expected;
  {
    auto file = OutputFile::Open(folder.File("x"));
    for (std::size_t size = 1; size < 2'000'000; size = size * 3 + 1) {
      const std::string part(size, static_cast<char>('a' + size % 26));
      expected += part;
      ASSERT_TRUE((*file)->Write(part));
    }
  }  // the destructor writes what is left
  EXPECT_EQ(ReadFile(folder.File("x")), expected);
}

TEST(OutputFile, AFullDiskIsToldOnce) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full";
  auto file = OutputFile::Open("/dev/full");
  ASSERT_TRUE(file) << file.error().Message();
  ASSERT_TRUE((*file)->Write("abc"));
  const auto flushed = (*file)->Flush();
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().kind, ErrorKind::kRuntime);
  EXPECT_NE(flushed.error().Message().find("No space left"), std::string::npos);
  EXPECT_TRUE((*file)->Write("abc"));
  EXPECT_TRUE((*file)->Finish());
}

TEST(OutputFile, AReaderThatWentAwayIsAnError) {
  ::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd writing(ends[1]);
  auto file = OutputFile::Open("/dev/fd/" + std::to_string(ends[1]));
  ASSERT_TRUE(file) << file.error().Message();
  ::close(ends[0]);
  ASSERT_TRUE((*file)->Write("abc"));
  const auto finished = (*file)->Finish();
  ASSERT_FALSE(finished);
  EXPECT_NE(finished.error().Message().find("Broken pipe"), std::string::npos);
}

}  // namespace
}  // namespace gotls
