// What this process is allowed to do, and what tracing needs.
#pragma once

#include <string>
#include <vector>

namespace gotls {

// Names of the capabilities that tracing needs and this process lacks in its effective set,
// "CAP_BPF". CAP_SYS_ADMIN stands for CAP_BPF and CAP_PERFMON.
std::vector<std::string> MissingCapabilities();

}  // namespace gotls
