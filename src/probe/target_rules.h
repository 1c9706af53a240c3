// Which processes the user wants.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gotls/options.h"
#include "gotls/records.h"
#include "probe/exe_glob.h"

namespace gotls {

// How a process came to be wanted.
enum class Wanted : std::uint8_t {
  kNo,
  kProcess,  // this one: by pid, by name, or a child of the started command
  kBinary,   // whoever runs this binary: by --exe or --all
};

class TargetRules {
 public:
  explicit TargetRules(const TraceOptions& options);

  // `exe` and `comm` as the process shows them.
  [[nodiscard]] Wanted Match(std::uint32_t pid, const std::string& exe,
                             const std::string& comm) const;

  // Whether the processes of a container are wanted, each by itself.
  [[nodiscard]] bool MatchesContainer(const Container& container) const;
  [[nodiscard]] bool names_containers() const { return !containers_.empty(); }

  // Whether processes that don't exist yet can match.
  [[nodiscard]] bool open_ended() const {
    return all_ || !globs_.empty() || !comms_.empty() || !containers_.empty();
  }
  // The only process that can ever match, 0 when there may be others.
  [[nodiscard]] std::uint32_t only_process() const {
    return pids_.size() == 1 && !open_ended() ? pids_.front() : 0;
  }
  // Whether every exec on the host must be looked at.
  [[nodiscard]] bool watches_execs() const {
    return all_ || !globs_.empty() || !containers_.empty();
  }

  [[nodiscard]] const std::vector<std::uint32_t>& pids() const { return pids_; }
  [[nodiscard]] const std::vector<std::string>& comms() const { return comms_; }

  // Existing regular files that the patterns name, at most 64: they can be attached before anyone
  // runs them.
  [[nodiscard]] std::vector<std::string> ExistingFiles() const;

 private:
  std::vector<std::uint32_t> pids_;
  std::vector<ExeGlob> globs_;
  std::vector<std::string> comms_;
  std::vector<std::string> containers_;
  bool all_;
};

}  // namespace gotls
