// Facts and plans of programs, by the content of their files: a host has many copies of one
// program, in images and containers and beside each other.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "binary/facts.h"
#include "gotls/error.h"
#include "gotls/options.h"
#include "plan/plan.h"

namespace gotls {

// What attaching needs. The functions' code is not kept.
struct PlannedProgram {
  GoFacts facts;
  std::vector<Result<ProbePlan>> plans;  // one a package of facts.packages, or why there is none
};

// A fingerprint tells files apart that differ by accident or by a new build. One made to look like
// another program gets that one's plan; since the bytes at its sites are compared before it is
// attached, what it wins is wrong data of its own.
using Fingerprint = std::array<std::uint64_t, 2>;

class PlanCache {
 public:
  // `packages`: see GoBinary::Open.
  explicit PlanCache(PlanChoice choice, std::vector<std::string> packages = {})
      : choice_(choice), packages_(std::move(packages)) {}

  // The plans of the program in the file `fd` (borrowed), or why it is no program with crypto/tls.
  Result<std::shared_ptr<const PlannedProgram>> Get(int fd, const std::string& name);

  [[nodiscard]] const std::vector<std::string>& packages() const { return packages_; }
  [[nodiscard]] std::size_t size() const { return programs_.size(); }

 private:
  // What tells a file, as it is now, without reading it: device, inode, size, times of the last
  // write and of the last change.
  using FileState =
      std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, std::int64_t, std::int64_t>;

  static std::optional<FileState> StateOf(int fd);
  Result<std::shared_ptr<const PlannedProgram>> GetByContent(int fd, const std::string& name);
  Result<std::shared_ptr<const PlannedProgram>> Make(int fd, const std::string& name) const;

  PlanChoice choice_;
  std::vector<std::string> packages_;
  std::set<Fingerprint> beginnings_;  // of programs_
  std::map<Fingerprint, std::shared_ptr<const PlannedProgram>> programs_;
  std::map<FileState, std::weak_ptr<const PlannedProgram>> files_;  // of programs_
};

}  // namespace gotls
