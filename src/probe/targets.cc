#include "probe/targets.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <ranges>
#include <utility>

#include "binary/tls_packages.h"
#include "probe/clock.h"
#include "probe/proc.h"

namespace gotls {
namespace {

// After an exec the dynamic loader has yet to map its libraries: when to look again.
constexpr std::array<std::uint64_t, 4> kRescanAfter = {20 * kMillisecond, 100 * kMillisecond,
                                                       500 * kMillisecond, 2000 * kMillisecond};
// A host that starts thousands of processes a second doesn't wake us for each library.
constexpr std::uint64_t kLookAtLibrariesEvery = 2 * kMillisecond;
constexpr int kLookAgainMs = 2;
// Where processes start in numbers, the C library isn't opened for each; but a file can change.
constexpr std::uint64_t kForgetRefusedEvery = 100 * kMillisecond;
constexpr std::size_t kMaxNamed = 3;  // processes in one notice

std::string Describe(const Binary& binary) {
  const std::string& version = binary.program->facts.go_version;
  std::string text = version.empty() ? std::string("Go") : version;
  for (const ProbePlan* plan : binary.plans) {
    if (plan->package != kStandardTls) text += ", " + plan->package;
    for (const DirectionPlan* direction : {&plan->read, &plan->write}) {
      text += fmt::format(", {} {}", direction->direction == Direction::kRead ? "read" : "write",
                          direction->kind == PlanKind::kLean ? "lean" : "classic");
    }
  }
  return text;
}

// "812 (server), 813 (server) and 2 more".
std::string NameProcesses(const std::vector<std::uint32_t>& pids) {
  std::string text;
  for (const std::uint32_t pid : pids | std::views::take(kMaxNamed))
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", pid, proc::Comm(pid));
  if (pids.size() > kMaxNamed) text += fmt::format(" and {} more", pids.size() - kMaxNamed);
  return text;
}

// An init of a container, a shell, sudo: what the user means is what it started.
std::string HintAtChildren(std::uint32_t pid) {
  const std::vector<std::uint32_t> children = proc::Descendants(pid);
  if (children.empty()) return {};
  return fmt::format("-p takes no children, here {}", NameProcesses(children));
}

bool RunsSameFile(const UniqueFd& program, std::uint32_t pid) {
  struct stat ours {};
  struct stat theirs {};
  const UniqueFd other = proc::PinExe(pid);
  return program.valid() && other.valid() && fstat(program.get(), &ours) == 0 &&
         fstat(other.get(), &theirs) == 0 && ours.st_dev == theirs.st_dev &&
         ours.st_ino == theirs.st_ino;
}

}  // namespace

Targets::Targets(const TraceOptions& options, bool secrets, Kernel& kernel, PlanCache plans)
    : notice_(options.on_notice),
      secrets_(secrets),
      rules_(options),
      kernel_(kernel),
      binaries_(kernel, std::move(plans), secrets) {}

void Targets::Notice(NoticeLevel level, const std::string& text) const {
  if (notice_) notice_(level, text);
}

void Targets::WatchLibraries() {
  if (auto watch = LibraryWatch::Start()) {
    libraries_.emplace(std::move(*watch));
  } else {
    Notice(NoticeLevel::kInfo, watch.error().Message());
  }
}

Result<void> Targets::Find() {
  for (const std::string& file : rules_.ExistingFiles()) MeetFile(file, true);
  for (const std::uint32_t pid : rules_.pids()) {
    if (auto named = AddNamed(pid); !named) return named;
  }
  if (rules_.open_ended()) MeetRunning();
  if (rules_.names_containers() && !container_found_)
    Notice(NoticeLevel::kStatus, "no process of such a container yet; waiting for one");
  const std::size_t attached = binaries_.attached_count();
  Notice(NoticeLevel::kStatus, fmt::format("{} binar{} attached by {}; Ctrl-C ends", attached,
                                           attached == 1 ? "y" : "ies", kernel_.attach_kind()));
  for (const std::uint32_t pid : rules_.pids()) NameUntracedChildren(pid);
  return {};
}

Result<void> Targets::AddNamed(std::uint32_t pid) {
  const std::string where = fmt::format("pid {}", pid);
  if (!proc::Exists(pid)) return std::unexpected(proc::NoSuchProcess(pid));
  if (const std::uint32_t process = proc::ProcessOf(pid); process != 0 && process != pid)
    return Fail(ErrorKind::kTarget, fmt::format("a thread of process {}", process), where,
                fmt::format("use -p {}", process));
  if (auto traced = kernel_.TraceProcess(pid); !traced) return traced;
  living_[pid] = NamesNow(pid);
  const std::optional<Error> refusal = Attach(pid, proc::PinExe(pid), Wanted::kProcess);
  if (!refusal) return {};
  const std::string hint = refusal->hint.empty() ? HintAtChildren(pid) : refusal->hint;
  if (libraries_ && proc::MayLoadLibraries(pid)) {
    Notice(NoticeLevel::kStatus,
           fmt::format("{}: {}; waiting for the Go libraries that it loads{}{}", where,
                       refusal->Message(), hint.empty() ? "" : "; ", hint));
    return {};
  }
  return std::unexpected(
      Error{ErrorKind::kTarget, refusal->what,
            refusal->where.empty() ? where : fmt::format("{} ({})", where, refusal->where), hint});
}

// A program may do its work in a second process of itself, which the first one watches over.
void Targets::NameUntracedChildren(std::uint32_t pid) const {
  const UniqueFd program = proc::PinExe(pid);
  std::vector<std::uint32_t> untraced;
  for (const std::uint32_t child : proc::Descendants(pid)) {
    const bool wanted = rules_.Match(child, proc::Exe(child), proc::Comm(child)) != Wanted::kNo;
    if (!wanted && RunsSameFile(program, child)) untraced.push_back(child);
  }
  if (untraced.empty()) return;
  Notice(
      NoticeLevel::kWarning,
      fmt::format("pid {}: -p takes no children, here {}, which run the same program; add them, or "
                  "use --exe {}",
                  pid, NameProcesses(untraced), proc::PathOf(program)));
}

const Binary& Targets::MeetFile(const std::string& path, bool all_processes) {
  return ReportProgram(
      binaries_.Meet(UniqueFd(open(path.c_str(), O_RDONLY | O_CLOEXEC)), path, all_processes));
}

Binaries::Outcome Targets::MeetFile(UniqueFd file) {
  const std::string path = proc::PathOf(file);
  const Binaries::Outcome outcome = binaries_.Meet(std::move(file), path, false);
  ReportProgram(outcome);
  return outcome;
}

void Targets::DropEndangered() {
  bool shared = false;
  for (const Binaries::Dropped& binary : binaries_.DropEndangered()) {
    Notice(NoticeLevel::kInfo, fmt::format("{}: is being overwritten, detached", binary.name));
    shared = shared || binary.shared;
  }
  if (shared) MeetRunning();
}

void Targets::MeetRunning() {
  for (const std::uint32_t pid : proc::Pids()) Consider(pid, {});
}

const Binary& Targets::Report(const Binaries::Outcome& outcome) {
  const Binary& binary = *outcome.binary;
  if (!outcome.fresh) return binary;
  if (binary.refusal) {
    // It is no Go program, most often; but when this host is why, who wanted it must know.
    const bool host = binary.refusal->kind == ErrorKind::kHost;
    Notice(host ? NoticeLevel::kWarning : NoticeLevel::kDebug,
           "not traced: " + binary.refusal->Message());
  } else {
    ReportPlans(binary);
    hooked_ = true;
  }
  return binary;
}

const Binary& Targets::ReportProgram(const Binaries::Outcome& outcome) {
  const Binary& binary = Report(outcome);
  if (outcome.fresh && binary.refusal) {
    refused_programs_++;
    last_refusal_ = binary.refusal;
  }
  return binary;
}

void Targets::ReportPlans(const Binary& binary) const {
  Notice(NoticeLevel::kInfo, fmt::format("{}: {}", binary.name, Describe(binary)));
  for (const Error& error : binary.left_out) {
    Notice(NoticeLevel::kWarning, "not traced: " + error.Message());
  }
  for (const ProbePlan* plan : binary.plans) {
    for (const DirectionPlan* direction : {&plan->read, &plan->write}) {
      if (direction->kind == PlanKind::kClassic) Notice(NoticeLevel::kDebug, direction->reason);
    }
    if (secrets_ && !plan->secrets.site) {
      Notice(NoticeLevel::kWarning,
             fmt::format("{}: no TLS secrets: {}", binary.name, plan->secrets.reason));
    }
  }
}

void Targets::Trace(std::uint32_t pid) {
  if (auto traced = kernel_.TraceProcess(pid); !traced)
    Notice(NoticeLevel::kWarning,
           fmt::format("pid {} is not traced: {}", pid, traced.error().Message()));
}

Targets::Look Targets::Consider(std::uint32_t pid, std::string comm) {
  // Pinned: it may run another program before this one is attached, which nobody asked for.
  const UniqueFd program = proc::PinExe(pid);
  if (!program.valid() || finishing_) return Look::kTraced;  // a kernel thread, or gone: who knows
  if (comm.empty()) comm = proc::Comm(pid);
  const Wanted wanted = HowWanted(pid, proc::PathOf(program), comm);
  if (wanted == Wanted::kNo) return Look::kNotWanted;
  if (wanted == Wanted::kProcess) Trace(pid);
  if (!Attach(pid, program, wanted)) return Look::kTraced;
  if (!libraries_) rescans_.push_back({MonotonicNow() + kRescanAfter[0], pid, 0});
  return Look::kNothingToTrace;
}

void Targets::OnExec(std::uint32_t pid, const ProcessNames& names) {
  if (const auto named = living_.find(pid); named != living_.end()) named->second = names;
}

Wanted Targets::HowWanted(std::uint32_t pid, const std::string& exe, const std::string& comm) {
  if (kernel_.Traces(pid)) return Wanted::kProcess;  // a child of the started command, for one
  const Wanted wanted = rules_.Match(pid, exe, comm);
  if (wanted != Wanted::kNo || !rules_.names_containers()) return wanted;
  if (!rules_.MatchesContainer(containers_.Of(pid, MonotonicNow()).container)) return Wanted::kNo;
  container_found_ = true;
  return Wanted::kProcess;
}

// Attaches the process's executable and its libraries; what keeps it from being traced, if all of
// them refuse.
std::optional<Error> Targets::Attach(std::uint32_t pid, const UniqueFd& program, Wanted wanted) {
  if (!program.valid())
    return Error{ErrorKind::kTarget, "has no program that can be read (a kernel thread?)", {}, {}};
  const std::string path = proc::PathOf(program);
  const bool all = wanted == Wanted::kBinary;
  const Binary& binary = ReportProgram(binaries_.Meet(proc::Reopen(program), path, all));
  if (!binary.refusal) return {};
  std::optional<Error> refusal = binary.refusal;
  for (const proc::MappedFile& file : proc::ExecutableFiles(pid)) {
    if (file.path == path) continue;
    const Binary* library = MeetMapped(pid, file, all);
    if (library != nullptr && !library->refusal) refusal.reset();
  }
  return refusal;
}

// Nothing when the process is going: nothing was learned of the file then.
const Binary* Targets::MeetMapped(std::uint32_t pid, const proc::MappedFile& file,
                                  bool all_processes) {
  UniqueFd fd = proc::OpenMapped(pid, file);
  if (!fd.valid()) return nullptr;
  // Not by the path that the kernel told: that one begins at the process's own root.
  const std::string path = proc::PathOf(fd);
  return &Report(binaries_.Meet(std::move(fd), path, all_processes));
}

int Targets::library_fd(std::uint64_t now) const {
  return libraries_ && now >= next_library_look_ ? libraries_->fd() : -1;
}

int Targets::LookIn(std::uint64_t now, int timeout_ms) const {
  const bool later = libraries_ && now < next_library_look_;
  return later ? std::min(timeout_ms, kLookAgainMs) : timeout_ms;
}

void Targets::MeetLibraries() {
  const std::uint64_t now = MonotonicNow();
  next_library_look_ = now + kLookAtLibrariesEvery;
  if (now >= forget_refused_) {
    refused_.clear();
    forget_refused_ = now + kForgetRefusedEvery;
  }
  const bool complete = libraries_->Drain([&](const NewMapping& mapping) { MeetLibrary(mapping); });
  if (!complete) MeetRunning();
}

void Targets::MeetLibrary(const NewMapping& mapping) {
  const MappedInode inode{mapping.file.dev, mapping.file.ino, mapping.generation};
  if (finishing_ || refused_.contains(inode)) return;
  const Wanted wanted = HowWanted(mapping.pid, proc::Exe(mapping.pid), proc::Comm(mapping.pid));
  if (wanted == Wanted::kNo) return;
  if (wanted == Wanted::kProcess) Trace(mapping.pid);
  const Binary* library = MeetMapped(mapping.pid, mapping.file, wanted == Wanted::kBinary);
  if (library != nullptr && library->refusal) refused_.insert(inode);
}

void Targets::Rescan(std::uint64_t now) {
  for (std::size_t n = rescans_.size(); n > 0; n--) {
    RescanAt rescan = rescans_.front();
    rescans_.pop_front();
    if (rescan.due > now) {
      rescans_.push_back(rescan);
      continue;
    }
    const UniqueFd program = proc::PinExe(rescan.pid);
    const Wanted wanted = HowWanted(rescan.pid, proc::PathOf(program), proc::Comm(rescan.pid));
    const bool retry = wanted != Wanted::kNo && proc::Exists(rescan.pid) &&
                       Attach(rescan.pid, program, wanted) &&
                       ++rescan.attempt < kRescanAfter.size();
    if (!retry) continue;
    rescan.due = now + kRescanAfter[rescan.attempt];
    rescans_.push_back(rescan);
  }
}

// Nothing can have come of it then, and who waited for output should not have to guess.
void Targets::SayThatNothingWasHooked() const {
  std::string why = "no program matched";
  if (refused_programs_ == 1) {
    why = last_refusal_->Message();
  } else if (refused_programs_ > 1) {
    why = fmt::format(
        "none of the {} programs that matched is a Go program with crypto/tls; gotls inspect FILE "
        "tells why one is not",
        refused_programs_);
  }
  Notice(NoticeLevel::kWarning, "nothing was hooked: " + why);
}

void Targets::Finish() {
  finishing_ = true;
  if (!hooked_) SayThatNothingWasHooked();
  binaries_.DetachAll();
}

}  // namespace gotls
