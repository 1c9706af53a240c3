// On this very process.
#include "probe/proc.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdio>
#include <fstream>
#include <thread>

#include "probe/test_file.h"

namespace gotls::proc {
namespace {

constexpr std::uint32_t kNobody = 0x7fffffff;  // above the largest pid there can be

std::uint32_t Self() { return static_cast<std::uint32_t>(getpid()); }

TEST(Proc, FindsThisProcess) {
  const auto pids = Pids();
  EXPECT_EQ(std::ranges::count(pids, Self()), 1);
  EXPECT_TRUE(Exists(Self()));
}

// A child and its own child, which live until they are killed.
TEST(Proc, FindsTheWholeFamily) {
  std::array<int, 2> pipe_ends{};
  ASSERT_EQ(pipe(pipe_ends.data()), 0);
  const pid_t child = fork();
  if (child == 0) {
    const pid_t grandchild = fork();
    if (grandchild == 0) prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (grandchild != 0 && write(pipe_ends[1], &grandchild, sizeof(grandchild)) < 0) _exit(1);
    while (true) pause();
  }
  pid_t grandchild = 0;
  ASSERT_EQ(read(pipe_ends[0], &grandchild, sizeof(grandchild)), ssize_t{sizeof(grandchild)});
  const std::vector<std::uint32_t> family = Descendants(Self());
  EXPECT_EQ(Parent(static_cast<std::uint32_t>(grandchild)), static_cast<std::uint32_t>(child));
  EXPECT_EQ(std::ranges::count(family, static_cast<std::uint32_t>(child)), 1);
  EXPECT_EQ(std::ranges::count(family, static_cast<std::uint32_t>(grandchild)), 1);
  EXPECT_EQ(std::ranges::count(family, Self()), 0);
  EXPECT_TRUE(Descendants(static_cast<std::uint32_t>(grandchild)).empty());
  kill(grandchild, SIGKILL);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  EXPECT_EQ(Parent(kNobody), 0U);
}

TEST(Proc, TellsWhoseThreadItIs) {
  std::uint32_t thread = 0;
  std::thread([&] {
    thread = static_cast<std::uint32_t>(syscall(SYS_gettid));
    EXPECT_EQ(ProcessOf(thread), Self());
  }).join();
  EXPECT_NE(thread, Self());
  EXPECT_EQ(ProcessOf(Self()), Self());
  EXPECT_EQ(ProcessOf(kNobody), 0U);
}

TEST(Proc, TellsTheNameAsItIsNow) {
  std::array<char, 16> before{};
  ASSERT_EQ(prctl(PR_GET_NAME, before.data()), 0);
  ASSERT_EQ(prctl(PR_SET_NAME, "a name (x) y"), 0);
  EXPECT_EQ(Comm(Self()), "a name (x) y");
  prctl(PR_SET_NAME, before.data());
}

TEST(Proc, TellsAndOpensTheExecutable) {
  std::array<char, PATH_MAX> path{};
  ASSERT_GT(readlink("/proc/self/exe", path.data(), path.size() - 1), 0);
  EXPECT_EQ(Exe(Self()), path.data());
  const UniqueFd fd = Reopen(PinExe(Self()));
  struct stat opened {};
  struct stat named {};
  ASSERT_EQ(fstat(fd.get(), &opened), 0);
  ASSERT_EQ(stat(path.data(), &named), 0);
  EXPECT_EQ(opened.st_ino, named.st_ino);
}

TEST(Proc, ListsEachExecutableFileOnce) {
  const auto files = ExecutableFiles(Self());
  const std::string exe = Exe(Self());
  EXPECT_EQ(std::ranges::count(files, exe, &MappedFile::path), 1);
  EXPECT_TRUE(std::ranges::any_of(
      files, [](const MappedFile& f) { return f.path.find("libc") != std::string::npos; }));
  for (const MappedFile& file : files)
    EXPECT_TRUE(file.path.starts_with('/')) << file.path;  // no [vdso]
}

TEST(Proc, OpensWhatIsMapped) {
  for (const MappedFile& file : ExecutableFiles(Self())) {
    const UniqueFd fd = OpenMapped(Self(), file);
    struct stat opened {};
    ASSERT_EQ(fstat(fd.get(), &opened), 0) << file.path;
    EXPECT_EQ(opened.st_ino, file.ino) << file.path;
  }
}

TEST(Proc, OpensByPathWhatMapFilesDoesNotName) {
  const TestFile content("x");
  const UniqueFd fd = OpenMapped(Self(), {0, 0, content.path(), "0-1"});
  EXPECT_TRUE(fd.valid());
}

// Anybody can put a fifo where a library was: to open it must not wait for a writer.
TEST(Proc, DoesNotWaitForAFifo) {
  const TestFile file("x");
  const std::string fifo = file.path() + ".fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  alarm(10);
  (void)OpenMapped(Self(), {0, 0, fifo, "0-1"});
  alarm(0);
  unlink(fifo.c_str());
}

TEST(Proc, TellsTheExecutableOfADeletedFile) {
  const TestFile file("");
  {
    std::ifstream from("/bin/sleep", std::ios::binary);
    std::ofstream to(file.path(), std::ios::binary);
    to << from.rdbuf();
  }
  ASSERT_EQ(chmod(file.path().c_str(), 0700), 0);
  int ready[2];
  ASSERT_EQ(pipe2(ready, O_CLOEXEC), 0);  // closed by the exec
  const pid_t child = fork();
  if (child == 0) {
    execl(file.path().c_str(), "sleep", "100", nullptr);
    _exit(127);
  }
  close(ready[1]);
  char none = 0;
  EXPECT_EQ(read(ready[0], &none, 1), 0);
  close(ready[0]);
  file.Remove();
  EXPECT_EQ(Exe(static_cast<std::uint32_t>(child)), file.path());
  EXPECT_TRUE(Reopen(PinExe(static_cast<std::uint32_t>(child))).valid());
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

// As a C program's main() may; the kernel's entry of that thread tells of no program then.
TEST(Proc, TellsOfAProcessWhoseFirstThreadHasEnded) {
  const pid_t child = fork();
  if (child == 0) {
    pthread_t other{};
    pthread_create(
        &other, nullptr,
        [](void*) -> void* {
          pause();
          return nullptr;
        },
        nullptr);
    syscall(SYS_exit, 0);  // this thread alone
  }
  const auto pid = static_cast<std::uint32_t>(child);
  const std::string entry = "/proc/" + std::to_string(child) + "/exe";
  std::array<char, PATH_MAX> path{};
  while (readlink(entry.c_str(), path.data(), path.size()) > 0) usleep(1000);
  EXPECT_EQ(Exe(pid), Exe(Self()));
  EXPECT_TRUE(PinExe(pid).valid());
  const auto files = ExecutableFiles(pid);
  EXPECT_EQ(std::ranges::count(files, Exe(Self()), &MappedFile::path), 1);
  for (const MappedFile& file : files) EXPECT_TRUE(OpenMapped(pid, file).valid()) << file.path;
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

TEST(Proc, PinsAProgramThatTheProcessLeaves) {
  int go[2];
  ASSERT_EQ(pipe2(go, O_CLOEXEC), 0);
  const std::string self = Exe(Self());
  const pid_t child = fork();
  if (child == 0) {
    char none = 0;
    close(go[1]);
    (void)!read(go[0], &none, 1);
    execl("/bin/sleep", "sleep", "100", nullptr);
    _exit(127);
  }
  const auto pid = static_cast<std::uint32_t>(child);
  const UniqueFd pinned = PinExe(pid);
  close(go[0]);
  close(go[1]);
  while (Exe(pid) == self) usleep(1000);
  EXPECT_EQ(PathOf(pinned), self);
  struct stat opened {};
  struct stat named {};
  ASSERT_EQ(fstat(Reopen(pinned).get(), &opened), 0);
  ASSERT_EQ(stat(self.c_str(), &named), 0);
  EXPECT_EQ(opened.st_ino, named.st_ino);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

TEST(Proc, FailsQuietlyWhenThereIsNoSuchProcess) {
  EXPECT_FALSE(Exists(kNobody));
  EXPECT_FALSE(Exists(0));
  EXPECT_EQ(Comm(kNobody), "");
  EXPECT_EQ(Exe(kNobody), "");
  EXPECT_FALSE(PinExe(kNobody).valid());
  EXPECT_FALSE(Reopen(UniqueFd()).valid());
  EXPECT_TRUE(ExecutableFiles(kNobody).empty());
  EXPECT_FALSE(OpenMapped(kNobody, {0, 0, "/bin/true", "0-1"}).valid());
}

}  // namespace
}  // namespace gotls::proc
