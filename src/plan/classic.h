// The classic plan: the function's entry and all its returns.
#pragma once

#include "binary/facts.h"
#include "plan/analysis.h"
#include "plan/decoder.h"
#include "plan/plan.h"
#include "plan/wrapped.h"

namespace gotls {

// Needs nothing but the calling convention and a function that decodes; fails (kTarget) when it
// doesn't, or when it has no return. `reason` is what the plan says about itself.
Result<DirectionPlan> PlanClassic(const Decoder& decoder, const PlannedFunction& planned, Abi abi,
                                  Direction direction, std::string reason);

}  // namespace gotls
