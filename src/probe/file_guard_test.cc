#include "probe/file_guard.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include "probe/test_file.h"

namespace gotls {
namespace {

using namespace std::chrono_literals;

// Opens a file for writing in another thread, which the kernel may hold back.
class Writer {
 public:
  explicit Writer(const std::string& path)
      : thread_([this, path] {
          const UniqueFd fd(open(path.c_str(), O_WRONLY | O_CLOEXEC));
          opened_ = fd.valid();
          done_ = true;
        }) {}
  [[nodiscard]] bool done() const { return done_; }
  bool Opened() {
    thread_.join();
    return opened_;
  }

 private:
  std::atomic<bool> done_ = false;
  std::atomic<bool> opened_ = false;
  std::thread thread_;  // last: it uses the others
};

#define GUARD_OR_SKIP(guard, fd) \
  if (!(guard).Guard(fd))        \
  GTEST_SKIP() << "no leases here (file system of " << ::testing::TempDir() << ", or privilege)"

bool Readable(int fd, int timeout_ms) {
  pollfd poll_fd{fd, POLLIN, 0};
  return poll(&poll_fd, 1, timeout_ms) == 1;
}

TEST(FileGuard, HoldsAWriterBackUntilItLetsGo) {
  const TestFile file("x");
  const UniqueFd fd = file.Open();
  FileGuard guard;
  GUARD_OR_SKIP(guard, fd.get());
  EXPECT_FALSE(Readable(guard.event_fd(), 0));
  Writer writer(file.path());
  EXPECT_TRUE(Readable(guard.event_fd(), 5000));
  EXPECT_EQ(guard.Endangered(), std::vector<int>{fd.get()});
  std::this_thread::sleep_for(50ms);
  EXPECT_FALSE(writer.done());
  guard.LetGo(fd.get());
  EXPECT_TRUE(writer.Opened());
  EXPECT_TRUE(guard.Endangered().empty());  // told once
}

TEST(FileGuard, LetsReadersPass) {
  const TestFile file("x");
  const UniqueFd fd = file.Open();
  FileGuard guard;
  GUARD_OR_SKIP(guard, fd.get());
  EXPECT_TRUE(file.Open().valid());
  EXPECT_TRUE(guard.Endangered().empty());
}

TEST(FileGuard, TellsFilesApart) {
  const TestFile one("x");
  const TestFile other("y");
  const UniqueFd one_fd = one.Open();
  const UniqueFd other_fd = other.Open();
  FileGuard guard;
  GUARD_OR_SKIP(guard, one_fd.get());
  ASSERT_TRUE(guard.Guard(other_fd.get()));
  Writer writer(other.path());
  EXPECT_TRUE(Readable(guard.event_fd(), 5000));
  EXPECT_EQ(guard.Endangered(), std::vector<int>{other_fd.get()});
  guard.LetGo(other_fd.get());
  EXPECT_TRUE(writer.Opened());
}

TEST(FileGuard, LetsGoWhenTheFileIsClosed) {
  const TestFile file("x");
  UniqueFd fd = file.Open();
  FileGuard guard;
  GUARD_OR_SKIP(guard, fd.get());
  fd.Reset();
  Writer writer(file.path());
  EXPECT_TRUE(writer.Opened());
}

// The number of a file that was let go may name another one by the time that its signal is read.
TEST(FileGuard, ForgetsTheDangerOfAFileThatWasLetGo) {
  const TestFile file("x");
  const TestFile next("y");
  UniqueFd fd = file.Open();
  FileGuard guard;
  GUARD_OR_SKIP(guard, fd.get());
  Writer writer(file.path());
  ASSERT_TRUE(Readable(guard.event_fd(), 5000));
  const int number = fd.get();
  fd.Reset();
  EXPECT_TRUE(writer.Opened());
  const UniqueFd reused = next.Open();
  ASSERT_EQ(reused.get(), number);
  ASSERT_TRUE(guard.Guard(reused.get()));
  EXPECT_TRUE(guard.Endangered().empty());
}

TEST(FileGuard, RefusesAFileThatIsBeingWritten) {
  const TestFile file("x");
  const UniqueFd fd = file.Open();
  FileGuard guard;
  GUARD_OR_SKIP(guard, fd.get());
  guard.LetGo(fd.get());
  const UniqueFd writer(open(file.path().c_str(), O_WRONLY | O_CLOEXEC));
  EXPECT_FALSE(guard.Guard(fd.get()));
}

TEST(FileGuard, KnowsWhetherAnybodyElseHasTheFile) {
  const TestFile file("x");
  const UniqueFd fd = file.Open();
  FileGuard guard;
  GUARD_OR_SKIP(guard, fd.get());
  {
    const UniqueFd other = file.Open();
    EXPECT_FALSE(guard.OnlyOurs(fd.get()));
  }
  EXPECT_TRUE(guard.OnlyOurs(fd.get()));
  EXPECT_TRUE(file.Open().valid());  // still a guard against writers only: readers pass
  Writer writer(file.path());
  EXPECT_TRUE(Readable(guard.event_fd(), 5000));
  guard.LetGo(fd.get());
  EXPECT_TRUE(writer.Opened());
}

TEST(FileGuard, SurvivesASignalThatIsPendingAtItsEnd) {
  const TestFile file("x");
  const UniqueFd fd = file.Open();
  std::optional<Writer> writer;
  {
    FileGuard guard;
    GUARD_OR_SKIP(guard, fd.get());
    writer.emplace(file.path());
    ASSERT_TRUE(Readable(guard.event_fd(), 5000));
  }
  fcntl(fd.get(), F_SETLEASE, F_UNLCK);
  EXPECT_TRUE(writer->Opened());
}

}  // namespace
}  // namespace gotls
