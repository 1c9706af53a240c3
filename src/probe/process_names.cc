#include "probe/process_names.h"

#include <utility>

#include "probe/proc.h"

namespace gotls {
namespace {

constexpr std::size_t kMaxComm = 15;  // TASK_COMM_LEN without the NUL

// Linux names a process after its program's file (begin_new_exec), a script's after the script.
bool IsNamedAfter(std::string_view comm, std::string_view exe) {
  return !exe.empty() && comm == exe.substr(exe.rfind('/') + 1).substr(0, kMaxComm);
}

}  // namespace

ProcessNames NamesNow(std::uint32_t pid) {
  std::string exe = proc::Exe(pid);
  return {proc::Comm(pid), std::move(exe)};
}

ProcessNames NamesAtExec(std::string_view comm, const ProcessNames& now,
                         const ProcessNames& before) {
  const std::string_view candidates[] = {now.exe, before.exe};
  if (comm == now.comm && !now.exe.empty()) return {now.comm, now.exe};
  for (const std::string_view exe : candidates) {
    if (IsNamedAfter(comm, exe)) return {std::string(comm), std::string(exe)};
  }
  return {std::string(comm), {}};
}

}  // namespace gotls
