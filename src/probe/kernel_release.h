// Which Linux this is.
#pragma once

#include <string>
#include <string_view>

namespace gotls {

// "6.1.0-50-cloud-amd64".
std::string KernelRelease();

// Whether gotls supports it: 5.10 or newer. False when it can't be understood.
bool IsSupported(std::string_view release);

}  // namespace gotls
