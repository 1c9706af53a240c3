// How to get from each net.Conn and net.Addr implementation of a program to its socket or its
// address.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "binary/facts.h"
#include "binary/types.h"

namespace gotls {

// `all` is types.All(), `tls_packages` the paths of crypto/tls and its forks. At most
// kMaxTypeSteps; types for which there is no step (net.Pipe's) are not in the result.
std::vector<TypeStep> FindTypeSteps(const Types& types, const std::vector<TypeDescriptor>& all,
                                    std::span<const std::string_view> tls_packages);

inline constexpr std::size_t kMaxTypeSteps = 4096;

}  // namespace gotls
