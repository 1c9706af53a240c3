#include "probe/spawn.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "probe/test_file.h"

namespace gotls {
namespace {

using namespace std::chrono_literals;

// Sets PATH for one test.
class PathGuard {
 public:
  explicit PathGuard(const std::string& path) : before_(std::getenv("PATH")) {
    setenv("PATH", path.c_str(), 1);
  }
  ~PathGuard() { setenv("PATH", before_.c_str(), 1); }
  PathGuard(const PathGuard&) = delete;
  PathGuard& operator=(const PathGuard&) = delete;

 private:
  std::string before_;
};

// The same with the current folder.
class FolderGuard {
 public:
  explicit FolderGuard(const std::string& path) : before_(std::filesystem::current_path()) {
    std::filesystem::current_path(path);
  }
  ~FolderGuard() { std::filesystem::current_path(before_); }
  FolderGuard(const FolderGuard&) = delete;
  FolderGuard& operator=(const FolderGuard&) = delete;

 private:
  std::filesystem::path before_;
};

std::optional<int> WaitFor(SpawnedCommand& command) {
  for (int i = 0; i < 1000; i++) {
    if (const auto status = command.Poll()) return status;
    std::this_thread::sleep_for(10ms);
  }
  return std::nullopt;
}

TEST(FindProgram, LooksThroughPath) {
  const PathGuard path("/nowhere:/bin");
  EXPECT_EQ(FindProgram("true"), "/bin/true");
  EXPECT_EQ(FindProgram("no-such-program"), "");
  EXPECT_EQ(FindProgram(""), "");
}

TEST(FindProgram, TakesAnEmptyPartOfPathForTheCurrentFolder) {
  const PathGuard path(":/nowhere");
  const FolderGuard folder("/bin");
  EXPECT_EQ(FindProgram("true"), "./true");
}

TEST(FindProgram, TakesPathsAsTheyAre) {
  const PathGuard path("/bin");
  EXPECT_EQ(FindProgram("/bin/true"), "/bin/true");
  EXPECT_EQ(FindProgram("/bin/../bin/true"), "/bin/../bin/true");
  EXPECT_EQ(FindProgram("./true"), "");
}

TEST(FindProgram, WantsAFileThatCanBeRun) {
  const TestFile file("#!/bin/sh\n");
  EXPECT_EQ(FindProgram(file.path()), "");
  ASSERT_EQ(chmod(file.path().c_str(), 0700), 0);
  EXPECT_EQ(FindProgram(file.path()), file.path());
  EXPECT_EQ(FindProgram("/tmp"), "");
}

TEST(WhyNoProgram, TellsWhatStandsAtThePath) {
  const TestFile file("#!/bin/sh\n");
  EXPECT_EQ(WhyNoProgram(file.path()), "not executable; `chmod +x` makes it so");
  EXPECT_EQ(WhyNoProgram("/tmp"), "a folder, no program");
  EXPECT_EQ(WhyNoProgram("/dev/null"), "not a regular file");
  EXPECT_EQ(WhyNoProgram("/no/such"), "No such file or directory");
}

TEST(WhyNoProgram, KnowsThatPathLacksTheCurrentFolder) {
  const PathGuard path("/nowhere");
  const FolderGuard folder("/bin");
  EXPECT_EQ(WhyNoProgram("true"), "no such program in PATH; did you mean ./true?");
  EXPECT_EQ(WhyNoProgram("no-such-program"), "no such program in PATH");
}

TEST(ProgramsNamedIn, FindsTheWordsOfShellCommandsToo) {
  const PathGuard path("/bin");
  EXPECT_EQ(
      ProgramsNamedIn({"sh", "-c", "X=1 /bin/true; (cat</dev/null)|\"sleep\" 1 && ls"}),
      (std::vector<std::string>{"/bin/sh", "/bin/true", "/bin/cat", "/bin/sleep", "/bin/ls"}));
}

TEST(ProgramsNamedIn, NamesEachFileOnceAndNoOptions) {
  const PathGuard path("/bin");
  EXPECT_EQ(ProgramsNamedIn({"true", "true", "-true", "nothing-such"}),
            std::vector<std::string>{"/bin/true"});
}

TEST(ProgramsNamedIn, StopsAtSixtyFourWords) {
  const PathGuard path("/bin");
  std::string words;
  for (int i = 0; i < 64; i++) words += std::to_string(i) + "x ";
  EXPECT_TRUE(ProgramsNamedIn({words + "true"}).empty());
  EXPECT_EQ(ProgramsNamedIn({"true " + words}).size(), 1U);
}

TEST(SpawnedCommand, RunsWhenReleasedAndNotBefore) {
  const TestFile mark("");
  auto command = SpawnedCommand::Start({"sh", "-c", "echo ran > " + mark.path() + "; exit 3"});
  ASSERT_TRUE(command.has_value());
  std::this_thread::sleep_for(100ms);
  EXPECT_FALSE(command->Poll().has_value());
  EXPECT_EQ(std::ifstream(mark.path()).peek(), EOF);
  ASSERT_TRUE(command->Release().has_value());
  const auto status = WaitFor(*command);
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(WEXITSTATUS(*status), 3);
  EXPECT_EQ(command->Poll(), status);  // remembered, not waited for again
  std::string line;
  std::getline(std::ifstream(mark.path()) >> std::ws, line);
  EXPECT_EQ(line, "ran");
}

TEST(SpawnedCommand, HandsOverItsArguments) {
  auto command = SpawnedCommand::Start({"test", "a b", "=", "a b"});
  ASSERT_TRUE(command.has_value());
  ASSERT_TRUE(command->Release().has_value());
  EXPECT_EQ(WaitFor(*command), 0);
}

// What this process prints is no part of an output that programs read.
TEST(SpawnedCommand, CanPrintToStandardErrorInstead) {
  const std::string script = "[ /proc/self/fd/1 -ef /proc/self/fd/2 ]";
  for (const auto to : {CommandStdout::kOurs, CommandStdout::kToStderr}) {
    const TestFile error("");
    const int before = dup(STDERR_FILENO);
    const int other = open(error.path().c_str(), O_WRONLY | O_CLOEXEC);
    dup2(other, STDERR_FILENO);
    auto command = SpawnedCommand::Start({"sh", "-c", script}, to);
    dup2(before, STDERR_FILENO);
    close(before);
    close(other);
    ASSERT_TRUE(command.has_value());
    ASSERT_TRUE(command->Release().has_value());
    EXPECT_EQ(WaitFor(*command), to == CommandStdout::kToStderr ? 0 : 1 << 8);
  }
}

TEST(SpawnedCommand, RefusesWhatIsNoProgram) {
  const auto command = SpawnedCommand::Start({"no-such-program"});
  ASSERT_FALSE(command.has_value());
  EXPECT_EQ(command.error().kind, ErrorKind::kTarget);
}

TEST(SpawnedCommand, TellsWhyAnExecFailed) {
  const TestFile file("no format that the kernel knows");
  ASSERT_EQ(chmod(file.path().c_str(), 0700), 0);
  auto command = SpawnedCommand::Start({file.path()});
  ASSERT_TRUE(command.has_value());
  const auto released = command->Release();
  ASSERT_FALSE(released.has_value());
  EXPECT_EQ(released.error().kind, ErrorKind::kTarget);
  EXPECT_NE(released.error().what.find("Exec format error"), std::string::npos)
      << released.error().what;
  EXPECT_TRUE(WaitFor(*command).has_value());
}

TEST(SpawnedCommand, GoesAwayWhenItIsNeverReleased) {
  const TestFile mark("");
  pid_t pid = 0;
  {
    auto command = SpawnedCommand::Start({"sh", "-c", "echo ran > " + mark.path()});
    ASSERT_TRUE(command.has_value());
    pid = static_cast<pid_t>(command->pid());
    const SpawnedCommand moved = std::move(*command);  // the one left behind must not end it
    EXPECT_EQ(kill(pid, 0), 0);
  }
  EXPECT_EQ(kill(pid, 0), -1);  // not even a zombie is left
  EXPECT_EQ(errno, ESRCH);
  EXPECT_EQ(std::ifstream(mark.path()).peek(), EOF);
}

TEST(SpawnedCommand, TellsWhenTheChildDiedBeforeItsRelease) {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  auto command = SpawnedCommand::Start({"true"});
  ASSERT_TRUE(command.has_value());
  kill(static_cast<pid_t>(command->pid()), SIGKILL);
  ASSERT_TRUE(WaitFor(*command).has_value());
  EXPECT_FALSE(command->Release().has_value());
  std::signal(SIGPIPE, before);
}

// Exit status of `script` in a command that was started while `signal` had the disposition
// `handler`.
std::optional<int> RunWith(int signal, sighandler_t handler, const std::string& script) {
  const auto before = std::signal(signal, handler);
  auto command = SpawnedCommand::Start({"sh", "-c", script});
  std::signal(signal, before);
  if (!command || !command->Release()) return std::nullopt;
  return WaitFor(*command);
}

TEST(SpawnedCommand, LeavesSignalsAsTheyWere) {
  EXPECT_EQ(RunWith(SIGHUP, SIG_IGN, "kill -HUP $$; exit 5"), 5 << 8);  // nohup gotls trace -- ...
  EXPECT_EQ(RunWith(SIGHUP, SIG_DFL, "kill -HUP $$; exit 5"), SIGHUP);
}

TEST(SpawnedCommand, DoesNotRunTheHandlersOfItsParent) {
  static int pipe_ends[2];
  ASSERT_EQ(pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK), 0);
  const auto before = std::signal(SIGTERM, [](int) { (void)!write(pipe_ends[1], "x", 1); });
  auto command = SpawnedCommand::Start({"true"});
  ASSERT_TRUE(command.has_value());
  std::this_thread::sleep_for(50ms);  // it waits at its gate
  kill(static_cast<pid_t>(command->pid()), SIGTERM);
  EXPECT_EQ(WaitFor(*command), SIGTERM);
  std::signal(SIGTERM, before);
  char byte = 0;
  EXPECT_EQ(read(pipe_ends[0], &byte, 1), -1);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

}  // namespace
}  // namespace gotls
