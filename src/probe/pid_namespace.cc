#include "probe/pid_namespace.h"

#include <sys/stat.h>

namespace gotls {

std::optional<PidNamespace> OwnPidNamespace() {
  // Fixed number of the host's first pid namespace (PROC_PID_INIT_INO in the kernel).
  constexpr std::uint64_t kInitialInode = 0xEFFFFFFC;
  struct stat status {};
  if (stat("/proc/self/ns/pid", &status) != 0) return std::nullopt;
  return PidNamespace{status.st_dev, status.st_ino, status.st_ino == kInitialInode};
}

}  // namespace gotls
