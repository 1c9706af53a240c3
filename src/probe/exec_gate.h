// Holds a started command's children back at their exec until their programs have been looked at.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "base/unique_fd.h"

namespace gotls {

// Without it a child's first bytes could pass while its binary is still being planned. fanotify
// asks for permission at every exec on the host's file systems; a process of its own answers, so
// that nobody is ever kept waiting for us: at once for strangers, after a second at the latest for
// our command's descendants. When it or gotls dies, the kernel lets everybody go. It leaves the
// terminal's job control, so that Ctrl-Z stops gotls and not the host.
class ExecGate {
 public:
  // Starts the answering process. Nothing when the kernel or our privilege has no permission
  // events: then a child's new binary is attached some milliseconds after its exec.
  static std::optional<ExecGate> Start();

  ExecGate(ExecGate&& other) noexcept;
  ExecGate& operator=(ExecGate&&) = delete;
  ~ExecGate();

  // From now on `root`, once it has left our own program, and its descendants are held back.
  void Hold(std::uint32_t root);

  // Readable when a program waits for Next().
  [[nodiscard]] int event_fd() const { return channel_.get(); }

  struct Waiting {
    UniqueFd file;
    std::uint64_t deadline;  // ns, CLOCK_MONOTONIC: after that it runs, whatever we do
  };
  // The file that a descendant is about to run; it waits for Allow().
  std::optional<Waiting> Next();
  void Allow();

 private:
  ExecGate(UniqueFd events, UniqueFd channel, pid_t helper);

  UniqueFd events_;   // the fanotify group, until Hold(); then the helper alone has it
  UniqueFd channel_;  // to the helper: files come in, a byte goes out for each
  pid_t helper_;
};

}  // namespace gotls
