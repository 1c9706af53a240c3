// Which calls never return.
#pragma once

#include <vector>

#include "plan/cfg.h"
#include "plan/decoder.h"

namespace gotls {

// By instruction: whether it is a call of one of the run-time's bounds-check panics
// (runtime.panicIndex, panicSlice*, panicBounds), behind which the next block follows without being
// reached. Their names aren't at hand in code; what tells them apart is what the compiler makes for
// a bounds check and for nothing else: a block that only unsigned conditional branches lead to,
// with nothing in it but moves between registers and the call.
std::vector<bool> FindNoReturnCalls(const std::vector<Instruction>& code);

// When two ways to a block disagree about the stack pointer, then one of them is never taken: the
// one behind a call that stands just before the block in memory. Adds that call, and the others of
// the same function, to `no_return`; false when there is no such call.
bool AddCallBefore(const std::vector<Instruction>& code, const ControlFlow& cfg,
                   std::uint32_t block, std::vector<bool>& no_return);

}  // namespace gotls
