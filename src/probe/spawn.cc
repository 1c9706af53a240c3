#include "probe/spawn.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <set>

namespace gotls {
namespace {

constexpr std::size_t kMaxCandidates = 64;

bool IsProgram(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         access(path.c_str(), X_OK) == 0;
}

// Only calls that are safe after fork.
[[noreturn]] void RunChild(int gate, int failure, const char* path, char* const* arguments) {
  sigset_t none;
  sigemptyset(&none);
  // Our handlers must not run here; what is ignored stays so, as over any exec (nohup).
  for (const int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction now {};
    if (sigaction(number, nullptr, &now) == 0 && now.sa_handler != SIG_IGN) signal(number, SIG_DFL);
  }
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
  char go = 0;
  if (read(gate, &go, 1) != 1) _exit(0);
  execv(path, arguments);
  const int error = errno;
  if (write(failure, &error, sizeof(error)) < 0) _exit(126);
  _exit(127);
}

bool MakePipe(UniqueFd* read_end, UniqueFd* write_end) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) return false;
  read_end->Reset(fds[0]);
  write_end->Reset(fds[1]);
  return true;
}

}  // namespace

std::string FindProgram(const std::string& name) {
  if (name.find('/') != std::string::npos) return IsProgram(name) ? name : std::string();
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path;
  while (!name.empty()) {
    const std::size_t colon = rest.find(':');
    std::string file = fmt::format("{}/{}", colon == 0 ? "." : rest.substr(0, colon), name);
    if (IsProgram(file)) return file;
    if (colon == std::string_view::npos) break;
    rest.remove_prefix(colon + 1);
  }
  return {};
}

std::string WhyNoProgram(const std::string& name) {
  if (name.find('/') == std::string::npos) {
    const std::string here = "./" + name;
    return !name.empty() && IsProgram(here) ? "no such program in PATH; did you mean " + here + "?"
                                            : "no such program in PATH";
  }
  struct stat status {};
  if (stat(name.c_str(), &status) != 0) return std::strerror(errno);
  if (S_ISDIR(status.st_mode)) return "a folder, no program";
  if (!S_ISREG(status.st_mode)) return "not a regular file";
  return "not executable; `chmod +x` makes it so";
}

std::vector<std::string> ProgramsNamedIn(const std::vector<std::string>& command) {
  std::vector<std::string> files;
  std::set<std::string> seen;
  for (const std::string& argument : command) {
    std::size_t at = 0;
    while (at < argument.size() && seen.size() < kMaxCandidates) {
      const std::size_t end = argument.find_first_of(" \t\n;|&()<>'\"`$={}", at);
      const std::string word = argument.substr(at, end == std::string::npos ? end : end - at);
      at = end == std::string::npos ? argument.size() : end + 1;
      if (word.empty() || word.front() == '-' || !seen.insert(word).second) continue;
      if (std::string file = FindProgram(word); !file.empty()) files.push_back(std::move(file));
    }
  }
  return files;
}

Result<SpawnedCommand> SpawnedCommand::Start(const std::vector<std::string>& command,
                                             CommandStdout to) {
  SpawnedCommand spawned;
  spawned.path_ = FindProgram(command.front());
  if (spawned.path_.empty()) {
    return Fail(ErrorKind::kTarget, WhyNoProgram(command.front()), command.front());
  }
  UniqueFd gate;
  UniqueFd failure;
  if (!MakePipe(&gate, &spawned.gate_) || !MakePipe(&spawned.failure_, &failure)) {
    return Fail(ErrorKind::kRuntime, fmt::format("can't make a pipe: {}", std::strerror(errno)));
  }
  std::vector<char*> arguments;
  for (const std::string& argument : command)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  spawned.pid_ = fork();
  if (spawned.pid_ < 0)
    return Fail(ErrorKind::kRuntime, fmt::format("can't fork: {}", std::strerror(errno)));
  if (spawned.pid_ == 0) {
    close(spawned.gate_.get());  // else the child would wait for itself
    if (to == CommandStdout::kToStderr) dup2(STDERR_FILENO, STDOUT_FILENO);
    RunChild(gate.get(), failure.get(), spawned.path_.c_str(), arguments.data());
  }
  return spawned;
}

SpawnedCommand::~SpawnedCommand() {
  if (!gate_.valid()) return;  // released, or moved from
  gate_.Reset();
  if (pid_ > 0 && !status_) waitpid(pid_, nullptr, 0);
}

Result<void> SpawnedCommand::Release() {
  const char go = 1;
  if (write(gate_.get(), &go, 1) != 1) return Fail(ErrorKind::kRuntime, "the child is gone", path_);
  gate_.Reset();
  int error = 0;
  if (read(failure_.get(), &error, sizeof(error)) == sizeof(error)) {
    return Fail(ErrorKind::kTarget, fmt::format("can't be run: {}", std::strerror(error)), path_);
  }
  return {};
}

std::optional<int> SpawnedCommand::Poll() {
  int status = 0;
  if (!status_ && waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return status_;
}

}  // namespace gotls
