#pragma once

#include <cstdint>
#include <optional>

namespace gotls {

// The pid namespace of this process, as the kernel half needs it to give pids that mean something
// here.
struct PidNamespace {
  std::uint64_t dev = 0;
  std::uint64_t ino = 0;
  bool initial = true;  // the first one of the host: no translation needed
};

std::optional<PidNamespace> OwnPidNamespace();

}  // namespace gotls
