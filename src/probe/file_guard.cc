#include "probe/file_guard.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace gotls {
namespace {

int LeaseSignal() { return SIGRTMIN + 7; }

}  // namespace

FileGuard::FileGuard() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, LeaseSignal());
  pthread_sigmask(SIG_BLOCK, &signals, &before_);
  signals_.Reset(signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC));
}

FileGuard::~FileGuard() {
  (void)Endangered();  // a signal still pending would kill us once it is unblocked
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

bool FileGuard::Guard(int fd) {
  const f_owner_ex self{F_OWNER_TID, gettid()};
  return fcntl(fd, F_SETSIG, LeaseSignal()) == 0 && fcntl(fd, F_SETOWN_EX, &self) == 0 &&
         fcntl(fd, F_SETLEASE, F_RDLCK) == 0;
}

void FileGuard::LetGo(int fd) { fcntl(fd, F_SETLEASE, F_UNLCK); }

std::vector<int> FileGuard::Endangered() {
  std::vector<int> fds;
  signalfd_siginfo info{};
  while (read(signals_.get(), &info, sizeof(info)) == sizeof(info)) {
    // The lease that is being broken shows as none. Another answer: the file was let go, and its
    // number reused.
    if (fcntl(info.ssi_fd, F_GETLEASE) == F_UNLCK) fds.push_back(info.ssi_fd);
  }
  return fds;
}

bool FileGuard::OnlyOurs(int fd) {
  // A write lease is given only for a file that nobody else has open, runs or maps.
  const bool ours = fcntl(fd, F_SETLEASE, F_WRLCK) == 0;
  if (ours) fcntl(fd, F_SETLEASE, F_RDLCK);
  return ours;
}

}  // namespace gotls
