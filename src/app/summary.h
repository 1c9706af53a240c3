#pragma once

#include <string>

#include "gotls/records.h"

namespace gotls {

// The last lines of a run, for people: totals if they are wanted, then the counters that tell of
// trouble, or all of them.
std::string SummaryText(const Summary& summary, bool totals, bool all_counters);

}  // namespace gotls
