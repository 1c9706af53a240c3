// Which container a process is in, by the paths of its cgroups.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gotls/records.h"

namespace gotls {

// `cgroups`: text of /proc/PID/cgroup, of cgroup v1, v2 or both. Fills what the paths tell: id,
// runtime where they name it, and the uid of the pod. Of containers inside containers the innermost
// one. The conmon that watches a container is not in it.
std::optional<Container> FindContainer(std::string_view cgroups);

// 64 lower-case hexadecimal digits: safe as part of a path.
bool IsContainerId(std::string_view text);

}  // namespace gotls
