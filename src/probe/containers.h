// The containers of this host: which one a process is in, and which pid it has there.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "gotls/records.h"
#include "probe/container_names.h"

namespace gotls {

struct ProcessHome {
  std::uint32_t namespace_pid = 0;  // in the innermost pid namespace; 0: the same as outside
  Container container;              // without id: none
};

class Containers {
 public:
  // `root`: below it are the host's files; `proc`: the process file system.
  explicit Containers(std::string root, std::string proc = "/proc")
      : proc_(std::move(proc)), names_(std::move(root)) {}

  // `now` in ns: names that are not known yet are looked for again after a while.
  ProcessHome Of(std::uint32_t pid, std::uint64_t now);

 private:
  struct Known {
    Container container;
    std::uint64_t again;  // when to look for what is missing
  };

  // podman's conmon, an ancestor of the container's processes, has the name among its arguments.
  [[nodiscard]] std::string NameFromMonitor(std::uint32_t pid, const std::string& id) const;

  std::string proc_;
  ContainerNames names_;
  std::map<std::string, Known> known_;  // by id
};

// Where the host's files are: "" or, when we are in a container that shares the host's pid
// namespace, "/proc/1/root".
std::string HostRoot();

// Whether a user who said `wanted` means this container: its name, or the beginning of its id.
bool IsContainer(const Container& container, const std::string& wanted);

}  // namespace gotls
