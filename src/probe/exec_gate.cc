#include "probe/exec_gate.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/fanotify.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include "probe/clock.h"
#include "probe/proc.h"

namespace gotls {
namespace {

constexpr int kPatienceMs = 1000;  // for a descendant; a plan takes some ten milliseconds
constexpr int kMaxAncestors = 64;
constexpr int kMaxMounts = 256;

bool DescendsFrom(std::uint32_t root, std::uint32_t pid) {
  for (int i = 0; i < kMaxAncestors && pid > 1; i++) {
    if (pid == root) return true;
    pid = proc::Parent(pid);
  }
  return false;
}

// Still a fork of gotls, before its first exec.
bool RunsOurProgram(std::uint32_t pid) {
  struct stat ours {};
  struct stat theirs {};
  return stat("/proc/self/exe", &ours) == 0 &&
         stat(fmt::format("/proc/{}/exe", pid).c_str(), &theirs) == 0 &&
         ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

// Sends an open file over the channel, and how long it waits.
bool SendFile(int channel, int fd, std::uint64_t deadline) {
  iovec data{&deadline, sizeof(deadline)};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &fd, sizeof(fd));
  return sendmsg(channel, &message, MSG_NOSIGNAL) == sizeof(deadline);
}

// What runs in the answering process. Ends, and thereby lets everybody go, when gotls does.
class Answerer {
 public:
  Answerer(int events, int channel) : events_(events), channel_(channel) {}

  void Run() {
    // First word: whose descendants to hold.
    if (recv(channel_, &root_, sizeof(root_), 0) != sizeof(root_)) return;
    pollfd fds[2] = {{events_, POLLIN, 0}, {channel_, POLLIN, 0}};
    while (poll(fds, 2, -1) >= 0) {
      if ((fds[0].revents & POLLIN) != 0) AnswerAll();
      char late = 0;  // an answer that came after our patience ended
      if (fds[1].revents == 0) continue;
      const ssize_t got = recv(channel_, &late, 1, MSG_DONTWAIT);
      if (got == 0) return;
      if (got > 0) unanswered_--;
    }
  }

 private:
  void AnswerAll() {
    alignas(fanotify_event_metadata) char buffer[4096];
    ssize_t left = read(events_, buffer, sizeof(buffer));
    auto* event = reinterpret_cast<fanotify_event_metadata*>(buffer);
    for (; FAN_EVENT_OK(event, left); event = FAN_EVENT_NEXT(event, left)) {
      if (event->fd < 0) continue;
      const auto pid = static_cast<std::uint32_t>(event->pid);
      // Our command's own program is attached already, and gotls waits for its exec.
      const bool command = pid == root_ && RunsOurProgram(pid);
      if (!command && DescendsFrom(root_, pid)) Ask(event->fd);
      const fanotify_response allow{event->fd, FAN_ALLOW};
      [[maybe_unused]] const auto written = write(events_, &allow, sizeof(allow));
      close(event->fd);
    }
  }

  // Strangers queue behind a question, so a gotls that is slow to answer (its output is blocked, it
  // was stopped) is not asked again before it has caught up.
  void Ask(int fd) {
    char answer = 0;
    while (recv(channel_, &answer, 1, MSG_DONTWAIT) > 0) unanswered_--;
    const std::uint64_t deadline = MonotonicNow() + kPatienceMs * kMillisecond;
    if (unanswered_ > 0 || !SendFile(channel_, fd, deadline)) return;
    unanswered_++;
    pollfd answered{channel_, POLLIN, 0};
    if (poll(&answered, 1, kPatienceMs) <= 0) return;
    if (recv(channel_, &answer, 1, MSG_DONTWAIT) > 0) unanswered_--;
  }

  int events_;
  int channel_;
  std::uint32_t root_ = 0;
  int unanswered_ = 0;
};

[[noreturn]] void RunHelper(int events, int channel, pid_t parent) {
  setsid();
  prctl(PR_SET_NAME, "gotls-gate");
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() == parent) Answerer(events, channel).Run();
  _exit(0);
}

}  // namespace

std::optional<ExecGate> ExecGate::Start() {
  UniqueFd events(fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY | O_CLOEXEC));
  int ends[2];
  if (!events.valid() || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return {};
  UniqueFd ours(ends[0]);
  UniqueFd theirs(ends[1]);
  const pid_t self = getpid();
  const pid_t helper = fork();
  if (helper < 0) return {};
  if (helper == 0) {
    close(ours.get());  // else the helper would not notice our end
    RunHelper(events.get(), theirs.get(), self);
  }
  return ExecGate(std::move(events), std::move(ours), helper);
}

ExecGate::ExecGate(UniqueFd events, UniqueFd channel, pid_t helper)
    : events_(std::move(events)), channel_(std::move(channel)), helper_(helper) {}

ExecGate::ExecGate(ExecGate&& other) noexcept
    : events_(std::move(other.events_)),
      channel_(std::move(other.channel_)),
      helper_(std::exchange(other.helper_, -1)) {}

ExecGate::~ExecGate() {
  if (helper_ < 0) return;
  channel_.Reset();
  waitpid(helper_, nullptr, 0);
}

void ExecGate::Hold(std::uint32_t root) {
  if (send(channel_.get(), &root, sizeof(root), MSG_NOSIGNAL) != sizeof(root)) return;
  // Each mounted file system; those that can't be watched hold no programs.
  std::ifstream mounts("/proc/self/mountinfo");
  std::string line;
  for (int i = 0; i < kMaxMounts && std::getline(mounts, line); i++) {
    std::istringstream words(line);
    std::string word;
    for (int n = 0; n < 5; n++) words >> word;  // the fifth is the mount point
    fanotify_mark(events_.get(), FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN_EXEC_PERM, AT_FDCWD,
                  word.c_str());
  }
  // From here on the helper alone holds the group: were it killed while we held it too, the kernel
  // would wait for answers for ever.
  events_.Reset();
}

std::optional<ExecGate::Waiting> ExecGate::Next() {
  std::uint64_t deadline = 0;
  iovec data{&deadline, sizeof(deadline)};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  const ssize_t got = recvmsg(channel_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got == 0) channel_.Reset();  // the helper is gone: its end would be readable for ever
  if (got != sizeof(deadline)) return {};
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) return {};
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(header), sizeof(fd));
  return Waiting{UniqueFd(fd), deadline};
}

void ExecGate::Allow() {
  const char yes = 1;
  [[maybe_unused]] const auto sent = send(channel_.get(), &yes, 1, MSG_NOSIGNAL);
}

}  // namespace gotls
