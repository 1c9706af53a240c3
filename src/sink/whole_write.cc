#include "sink/whole_write.h"

#include <sched.h>
#include <signal.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>

namespace gotls {
namespace {

constexpr std::size_t kPageBytes = 4096;  // the smallest there is
constexpr std::size_t kStackBytes = 64 << 10;

struct Job {
  int fd;
  std::string_view text;
  int error = 0;
};

// Runs in the other process: system calls only.
int WriteRest(void* argument) {
  auto& job = *static_cast<Job*>(argument);
  while (!job.text.empty() && job.error == 0) {
    const ssize_t written = ::write(job.fd, job.text.data(), job.text.size());
    if (written >= 0) {
      job.text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      job.error = errno;
    }
  }
  return 0;
}

bool IsInOnePage(int fd, std::size_t bytes) {
  const off_t offset = ::lseek(fd, 0, SEEK_CUR);
  return offset >= 0 && static_cast<std::size_t>(offset) % kPageBytes + bytes <= kPageBytes;
}

// This process waits until the other one has ended, as after vfork(); nobody hears of its end.
void RunApart(Job& job) {
  alignas(16) std::array<std::byte, kStackBytes> stack;
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);  // no handler runs twice on one memory
  const pid_t child = ::clone(WriteRest, stack.data() + stack.size(),
                              CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_FS, &job);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (child < 0) return;
  while (::waitpid(child, nullptr, __WCLONE) < 0 && errno == EINTR) {
  }
}

}  // namespace

int WriteWhole(int fd, std::string_view text) {
  Job job{fd, text};
  if (!IsInOnePage(fd, text.size())) RunApart(job);
  WriteRest(&job);  // all of it, when there was no other process
  return job.error;
}

}  // namespace gotls
