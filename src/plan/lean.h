// Lean plans: sites that the kernel emulates, with proofs of what stands where.
#pragma once

#include <optional>

#include "binary/facts.h"
#include "plan/analysis.h"
#include "plan/plan.h"

namespace gotls {

// One site in (*Conn).Read at which the result, the connection and the buffer are proved to stand
// in known places, and which lies on every way to a return with a result other than 0. `input` is
// the offset of tls.Conn.input, if known. Fails (kTarget) with what could not be proved.
Result<DirectionPlan> PlanLeanRead(const Analysis& read, std::optional<std::uint32_t> input,
                                   WorkBudget& budget);

// Whose Write it is: of Conn itself, or of a type that wraps one. What writeRecordLocked is called
// on is a *Conn by its type, which must do where the receiver is another thing.
enum class WriteOf : std::uint8_t { kConn, kWrapper };

// The calls of (*Conn).writeRecordLocked with application data in a Write.
Result<DirectionPlan> PlanLeanWrite(const Analysis& write, const Function& write_record, WriteOf of,
                                    WorkBudget& budget);

// Whether every return that can be reached without passing the `cuts` gives 0 as its first result.
// Fails with the first one that doesn't.
Result<void> CheckCoverage(const Analysis& function, const std::vector<std::uint32_t>& cuts,
                           WorkBudget& budget);

// A store that moves the read position of c.input by the number of bytes that a site finds in its
// length place, and that stands just before the site.
struct InputAdvance {
  std::uint32_t instruction = 0;
  std::uint32_t distance = 0;  // instructions from there to the site
};

// Looks for the store for which it can be proved that between it and `site` nothing touches
// c.input, and that without it the length at the site is 0.
Result<std::optional<InputAdvance>> FindInputAdvance(const Analysis& read, std::uint32_t input,
                                                     std::uint32_t site, const Place& length,
                                                     WorkBudget& budget);

// Whether the caller's buffer holds all that it will hold at the return: neither the instruction at
// `site` nor anything behind it hands b's pointer to a callee or stores through it.
bool BufferIsFinal(const Analysis& read, std::uint32_t site);

}  // namespace gotls
