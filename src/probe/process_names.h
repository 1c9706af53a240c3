// What a process is called, which changes with each program that it runs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gotls {

struct ProcessNames {
  std::string comm;  // 15 bytes at most
  std::string exe;   // as the process sees it; empty: unknown
};

// As /proc tells them. When an exec comes amid this, the exe is of before, the comm of after.
ProcessNames NamesNow(std::uint32_t pid);

// The names from an exec on, of which the kernel told `comm`. /proc tells only what is there `now`:
// the process may have gone on to another program, or given itself another name. `before` are the
// names until the exec: programs run themselves anew. The exe stays unknown when neither fits.
ProcessNames NamesAtExec(std::string_view comm, const ProcessNames& now,
                         const ProcessNames& before);

}  // namespace gotls
