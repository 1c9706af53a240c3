// Makes a probe plan out of the facts about a binary.
#pragma once

#include "binary/facts.h"
#include "gotls/error.h"
#include "plan/plan.h"

namespace gotls {

// Plans the hooks of one copy of crypto/tls or quic-go. With kAuto each direction gets a lean plan
// where one can be proved, else the classic one, whose reason says why. kLean fails where it can't
// be proved; kClassic doesn't try. Fails (kTarget) when a direction can't be planned at all:
// undecodable bytes, no such function, unknown ABI.
Result<ProbePlan> MakePlan(const GoFacts& facts, const TlsPackage& package, PlanChoice choice);

}  // namespace gotls
