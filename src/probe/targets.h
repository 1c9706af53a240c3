// The processes and files that the user wants, found as they come, and the hooks in them.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>

#include "base/unique_fd.h"
#include "gotls/error.h"
#include "probe/binaries.h"
#include "probe/containers.h"
#include "probe/kernel.h"
#include "probe/library_watch.h"
#include "probe/process_names.h"
#include "probe/target_rules.h"
#include "probe/tracer.h"

namespace gotls {

class Targets {
 public:
  // `secrets`: TLS session secrets are captured too. `kernel` (borrowed) outlives this.
  Targets(const TraceOptions& options, bool secrets, Kernel& kernel, PlanCache plans);

  // First of all: what is loaded while we look at what is there must not be missed.
  void WatchLibraries();
  // Hooks what is there already of what the user named. Fails when a pid can't be traced.
  Result<void> Find();

  // Hooks a file, for processes that are traced or for `all_processes`.
  const Binary& MeetFile(const std::string& path, bool all_processes);
  Binaries::Outcome MeetFile(UniqueFd file);

  enum class Look : std::uint8_t { kNotWanted, kNothingToTrace, kTraced };
  // Looks at a process that may be wanted. `comm` may be empty: it is read.
  Look Consider(std::uint32_t pid, std::string comm);
  void OnExec(std::uint32_t pid, const ProcessNames& names);
  void OnExit(std::uint32_t pid) { living_.erase(pid); }

  // Whether more processes may come, or those that the user named are still there.
  [[nodiscard]] bool any_left() const { return rules_.open_ended() || !living_.empty(); }
  // Pids that the user named, and the programs that they run, as far as the ring has told.
  [[nodiscard]] const std::unordered_map<std::uint32_t, ProcessNames>& living() const {
    return living_;
  }

  // Libraries are looked at every few milliseconds at most. The fd is readable when there are some,
  // -1 when it is too early; LookIn() is how long to wait at most then.
  [[nodiscard]] int library_fd(std::uint64_t now) const;
  [[nodiscard]] int LookIn(std::uint64_t now, int timeout_ms) const;
  // Files that processes have mapped as code since we looked the last time.
  void MeetLibraries();
  // Without a watch: looks again at processes that may have loaded libraries since their exec.
  void Rescan(std::uint64_t now);

  // Detaches binaries whose files are about to be overwritten.
  void DropEndangered();

  // No new targets from now on; detaches all. Says so if there never was one.
  void Finish();

  [[nodiscard]] Binaries& binaries() { return binaries_; }
  [[nodiscard]] Containers& containers() { return containers_; }

 private:
  struct RescanAt {
    std::uint64_t due;
    std::uint32_t pid;
    std::size_t attempt;
  };

  using MappedInode =
      std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>;  // device, number, generation

  void Notice(NoticeLevel level, const std::string& text) const;
  const Binary& Report(const Binaries::Outcome& outcome);
  const Binary& ReportProgram(const Binaries::Outcome& outcome);
  void SayThatNothingWasHooked() const;
  void ReportPlans(const Binary& binary) const;
  Result<void> AddNamed(std::uint32_t pid);
  void NameUntracedChildren(std::uint32_t pid) const;
  void MeetRunning();
  void Trace(std::uint32_t pid);
  Wanted HowWanted(std::uint32_t pid, const std::string& exe, const std::string& comm);
  std::optional<Error> Attach(std::uint32_t pid, const UniqueFd& program, Wanted wanted);
  void MeetLibrary(const NewMapping& mapping);
  const Binary* MeetMapped(std::uint32_t pid, const proc::MappedFile& file, bool all_processes);

  NoticeHandler notice_;
  bool secrets_;
  TargetRules rules_;
  Kernel& kernel_;
  Binaries binaries_;
  Containers containers_{HostRoot()};
  bool container_found_ = false;  // of those that the user named
  std::unordered_map<std::uint32_t, ProcessNames> living_;
  std::optional<LibraryWatch> libraries_;
  std::uint64_t next_library_look_ = 0;
  std::set<MappedInode> refused_;
  std::uint64_t forget_refused_ = 0;
  std::deque<RescanAt> rescans_;
  bool hooked_ = false;  // anything, so far
  std::size_t refused_programs_ = 0;
  std::optional<Error> last_refusal_;  // of a program
  bool finishing_ = false;
};

}  // namespace gotls
