// The head of a function: where its arguments are, and where a site for every call of it can sit.
#pragma once

#include <span>
#include <vector>

#include "plan/decoder.h"
#include "plan/plan.h"

namespace gotls {

// Enough for the stack check, in any Go version.
inline constexpr std::size_t kHeadInstructions = 16;

// The branch of the stack check, which every call of the function passes: twice when the stack has
// to grow. There all of `places`, and the stack pointer, are as at the entry. Without such a branch
// the first instruction, at the price of single-stepping. `code` is not empty.
const Instruction& HeadSite(const std::vector<Instruction>& code, const Machine& machine,
                            std::span<const Place> places);

}  // namespace gotls
