// Where a process lives, for people.
#pragma once

#include <string>

#include "gotls/records.h"

namespace gotls {

// "container web (podman 1a2b3c4d5e6f), pid 7 inside", "pod shop/web-7f9 container app (containerd
// 1a2b3c4d5e6f), pid 1 inside", "pid 7 inside"; "" for the host. Names are as others chose them.
std::string ContainerText(const Process& process);

}  // namespace gotls
