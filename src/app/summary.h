#pragma once

#include <string>

#include "gotls/records.h"

namespace gotls {

// The last lines of a run, for a terminal: totals, then the counters that are not zero, or all of them.
std::string SummaryText(const Summary& summary, bool all_counters);

}  // namespace gotls
