#include <fmt/format.h>

#include <algorithm>

#include "plan/lean.h"

namespace gotls {

Result<void> CheckCoverage(const Analysis& function, const std::vector<std::uint32_t>& cuts,
                           WorkBudget& budget) {
  auto run = function.WithCuts(cuts, budget);
  if (!run) return std::unexpected(std::move(run.error()));
  for (const std::uint32_t at : run->Returns()) {
    if (std::ranges::find(cuts, at) != cuts.end()) continue;
    const auto state = run->Before(at);
    if (function.ResultAt(*state, 0, kReadWriteArgumentWords).Is(kNumber)) continue;
    return Fail(ErrorKind::kTarget, fmt::format("the return at +{:#x} may give data without it",
                                                function.model().code[at].offset));
  }
  return {};
}

}  // namespace gotls
