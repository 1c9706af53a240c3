// Tells when somebody is about to write to a file that carries probes.
#pragma once

#include <csignal>
#include <vector>

#include "base/unique_fd.h"

namespace gotls {

// A uprobe sits at an offset of an inode. Were the file overwritten in place, the next process to
// run it would get breakpoints amid other instructions, and the kernel would run the old ones: it
// would crash. A read lease prevents that: the kernel holds the writer back until the lease is
// given up, which we do after detaching. When gotls dies, so do its leases and its probes. Leases
// need CAP_LEASE or ownership, and a file system that has them; without one the file is compared
// again at every exec, which leaves a short window.
//
// Uses one real-time signal, directed at and blocked in the thread that made this object.
class FileGuard {
 public:
  FileGuard();
  ~FileGuard();
  FileGuard(const FileGuard&) = delete;
  FileGuard& operator=(const FileGuard&) = delete;

  // Guards the open file `fd` until it is closed or let go; false when the file can't be guarded.
  bool Guard(int fd);
  void LetGo(int fd);

  // Readable when a guarded file is about to be written.
  [[nodiscard]] int event_fd() const { return signals_.get(); }
  // The descriptors given to Guard() whose files wait to be written. Detach, then LetGo().
  std::vector<int> Endangered();

  // Whether nobody but us has the guarded file open, runs it or maps it.
  bool OnlyOurs(int fd);

 private:
  UniqueFd signals_;
  sigset_t before_{};
};

}  // namespace gotls
