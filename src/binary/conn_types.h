// How to get from each net.Conn and net.Addr implementation of a program to its socket or its
// address.
#pragma once

#include <vector>

#include "binary/facts.h"
#include "binary/types.h"

namespace gotls {

// `all` is types.All(). At most kMaxTypeSteps; types for which there is no step (net.Pipe's) are
// not in the result.
std::vector<TypeStep> FindTypeSteps(const Types& types, const std::vector<TypeDescriptor>& all);

inline constexpr std::size_t kMaxTypeSteps = 4096;

}  // namespace gotls
