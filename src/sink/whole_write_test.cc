#include "sink/whole_write.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/unique_fd.h"
#include "sink/output_file.h"
#include "sink/test_file.h"

namespace gotls {
namespace {

using testing::ReadFile;
using testing::TemporaryDirectory;

constexpr std::string_view kEnd = "<end>";

std::string Item(std::size_t number) {
  return "<item " + std::to_string(number) + ">" + std::string(number * 977 % 60'000, 'x') +
         std::string(kEnd);
}

// The file holds whole items, and ends as each of its states does.
void ExpectWhole(const std::string& text) {
  std::string right(kEnd);
  for (std::size_t number = 0; right.size() < text.size(); ++number) {
    right.resize(right.size() - kEnd.size());
    right += Item(number);
  }
  EXPECT_EQ(text.size(), right.size());
  EXPECT_TRUE(text == right);
}

[[noreturn]] void AppendForever(const std::string& path, int ready) {
  auto file = OutputFile::Open(path);
  if (!file || !(*file)->Write(kEnd)) ::_exit(1);
  for (std::size_t number = 0;; ++number) {
    if (!(*file)->ReplaceEnd(kEnd, Item(number)) || !(*file)->Flush()) ::_exit(1);
    if (number == 3 && ::write(ready, "", 1) != 1) ::_exit(1);
  }
}

TEST(WholeWrite, AKilledProgramLeavesWholeItems) {
  const TemporaryDirectory folder;
  const std::string path = folder.File("x");
  for (int round = 0; round < 60; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const UniqueFd ready(ends[0]);
    UniqueFd mark(ends[1]);
    const pid_t writer = ::fork();
    if (writer == 0) AppendForever(path, mark.get());
    mark = UniqueFd();
    char byte;
    ASSERT_EQ(::read(ready.get(), &byte, 1), 1);
    ASSERT_EQ(::kill(writer, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(writer, &status, 0), writer);
    ASSERT_TRUE(WIFSIGNALED(status));
    // The end of the pipe: nobody has the files any more, the process that finishes the write
    // neither.
    ASSERT_EQ(::read(ready.get(), &byte, 1), 0);
    ExpectWhole(ReadFile(path));
    if (HasFailure()) return;
  }
}

// As on a full disk: SIGXFSZ ignored, write() fails with EFBIG where the limit is.
class SmallFiles {
 public:
  explicit SmallFiles(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  SmallFiles(const SmallFiles&) = delete;
  SmallFiles& operator=(const SmallFiles&) = delete;
  ~SmallFiles() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  sighandler_t handler_;
};

TEST(WholeWrite, AFullDiskLeavesWholeItems) {
  const TemporaryDirectory folder;
  auto file = OutputFile::Open(folder.File("x"));
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->Write(kEnd));
  Result<void> written;
  {
    const SmallFiles limit(300'000);
    for (std::size_t number = 0; written && number < 100; ++number) {
      written = (*file)->ReplaceEnd(kEnd, Item(number));
      if (written) written = (*file)->Flush();
    }
  }
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().Message(), folder.File("x") + ": can't write: File too large");
  const std::string text = ReadFile(folder.File("x"));
  EXPECT_GT(text.size(), 200'000U);
  ExpectWhole(text);
}

TEST(WholeWrite, SaysWhatFailed) {
  const TemporaryDirectory folder;
  EXPECT_EQ(WriteWhole(-1, std::string(10'000, 'x')), EBADF);
  EXPECT_EQ(WriteWhole(-1, "x"), EBADF);
}

}  // namespace
}  // namespace gotls
