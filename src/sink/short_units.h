// Sizes and durations in a column of a table.
#pragma once

#include <cstdint>
#include <string>

#include "gotls/records.h"

namespace gotls {

// Five columns at most: "999B", "1.2K", "37M"; powers of 1024.
void AppendShortSize(std::string& out, std::uint64_t bytes);

// Six columns at most: "85µs", "3.70ms", "37.0ms", "1.23s", "4m05s", "2h01m", "12d03h".
void AppendShortDuration(std::string& out, std::uint64_t ns);

// From a to b, 0 when b is before a. Not b - a: times from hostile recordings may be further apart
// than 64 bits can say.
std::uint64_t ElapsedNs(WallTime a, WallTime b);

}  // namespace gotls
