// Which process has just mapped which file as code: libraries come long after the exec, by dlopen.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/unique_fd.h"
#include "gotls/error.h"
#include "probe/proc.h"

namespace gotls {

struct NewMapping {
  std::uint32_t pid = 0;
  proc::MappedFile file;
  std::uint64_t generation = 0;  // of the inode, where its file system counts reuse
};

// A record of perf's ring buffer; nothing unless it is a mapping of a file (PERF_RECORD_MMAP2).
std::optional<NewMapping> ParseMapping(Bytes record);

// Asks perf for a record of each executable mapping that any process makes: other mappings cost
// nothing, and no probe is involved. One ring a CPU.
class LibraryWatch {
 public:
  // Fails (kHost) where perf events are not allowed.
  static Result<LibraryWatch> Start();

  // Readable when there is something to drain.
  [[nodiscard]] int fd() const { return epoll_.get(); }

  // Hands over what has come; false when records were lost, since nobody drained in time.
  bool Drain(const std::function<void(const NewMapping&)>& found);

 private:
  struct Unmap {
    void operator()(void* ring) const;
  };
  struct Ring {
    UniqueFd fd;
    std::unique_ptr<void, Unmap> memory;
  };

  explicit LibraryWatch(UniqueFd epoll) : epoll_(std::move(epoll)) {}
  Result<void> Open(int cpu);

  UniqueFd epoll_;
  std::vector<Ring> rings_;
  std::vector<std::byte> record_;  // one that wraps around the end of its ring
};

}  // namespace gotls
