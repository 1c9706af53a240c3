// Plans programs while something else goes on.
#pragma once

#include <string>
#include <thread>
#include <vector>

#include "probe/plan_cache.h"

namespace gotls {

// Puts the plans of the programs at `paths` into `cache` (borrowed), from a thread of its own:
// nobody else may touch the cache before Wait(). What can't be opened or planned is left to those
// who need it, and will say why.
class PlanAhead {
 public:
  PlanAhead(PlanCache& cache, std::vector<std::string> paths);

  void Wait() { thread_.join(); }

 private:
  std::jthread thread_;  // waited for at the end, at the latest
};

}  // namespace gotls
