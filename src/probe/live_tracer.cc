#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <limits>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "binary/tls_packages.h"
#include "probe/binaries.h"
#include "probe/conn_ledger.h"
#include "probe/containers.h"
#include "probe/exec_gate.h"
#include "probe/kernel.h"
#include "probe/library_watch.h"
#include "probe/own_events.h"
#include "probe/proc.h"
#include "probe/spawn.h"
#include "probe/target_rules.h"
#include "probe/tracer.h"

namespace gotls {
namespace {

// After an exec the dynamic loader has yet to map its libraries: when to look again.
constexpr std::uint64_t kMillisecond = 1'000'000;
constexpr std::array<std::uint64_t, 4> kRescanAfter = {20 * kMillisecond, 100 * kMillisecond,
                                                       500 * kMillisecond, 2000 * kMillisecond};
constexpr std::size_t kMaxRefusedLibraries = 65536;
// A host that starts thousands of processes a second doesn't wake us for each library.
constexpr std::uint64_t kLookAtLibrariesEvery = 2 * kMillisecond;
constexpr int kLookAgainMs = 2;
// How long one Poll() hands on events: a ring that fills as fast must not keep us from Stop().
constexpr std::uint64_t kDrainFor = 100 * kMillisecond;
constexpr std::uint64_t kSweepEvery = 2000 * kMillisecond;

std::uint64_t Now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(time.tv_nsec);
}

template <typename Event>
const Event* As(Bytes bytes) {
  return bytes.size() >= sizeof(Event) ? reinterpret_cast<const Event*>(bytes.data()) : nullptr;
}

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

class LiveTracer : public Tracer {
 public:
  LiveTracer(const TraceOptions& options, const TracerWants& wants, std::optional<ExecGate> gate,
             std::unique_ptr<Kernel> kernel, const rlimit& memory_limit)
      : memory_limit_(memory_limit),
        notice_(options.on_notice),
        wants_(wants),
        rules_(options),
        gate_(std::move(gate)),
        kernel_(std::move(kernel)),
        binaries_(*kernel_, options.plan, wants.secrets, options.packages),
        ledger_(*kernel_) {}

  Result<void> FindTargets(const TraceOptions& options) {
    // First: what is loaded while we look at what is there must not be missed.
    if (auto watch = LibraryWatch::Start()) {
      libraries_.emplace(std::move(*watch));
    } else {
      Notice(NoticeLevel::kInfo, watch.error().Message());
    }
    if (!options.command.empty()) return Prepare(options.command);
    for (const std::string& file : rules_.ExistingFiles()) MeetFile(file, true);
    for (const std::uint32_t pid : rules_.pids()) {
      if (auto named = AddNamed(pid); !named) return named;
    }
    if (rules_.open_ended()) MeetRunning();
    if (rules_.names_containers() && !container_found_)
      Notice(NoticeLevel::kStatus, "no process of such a container yet; waiting for one");
    const std::size_t attached = binaries_.attached_count();
    Notice(NoticeLevel::kStatus, fmt::format("{} binar{} attached by {}; Ctrl-C ends", attached,
                                             attached == 1 ? "y" : "ies", kernel_->attach_kind()));
    return {};
  }

  Result<void> Release() override {
    if (!command_) return {};
    if (gate_) gate_->Hold(command_->pid());
    return command_->Release();
  }

  bool Poll(int timeout_ms, int wake_fd, const EventHandler& on_event) override {
    const bool look = libraries_ && Now() >= next_library_look_;
    if (libraries_ && !look) timeout_ms = std::min(timeout_ms, kLookAgainMs);
    std::array<pollfd, 5> fds = {{{kernel_->ring_fd(), POLLIN, 0},
                                  {binaries_.endangered_fd(), POLLIN, 0},
                                  {wake_fd, POLLIN, 0},
                                  {gate_ ? gate_->event_fd() : -1, POLLIN, 0},
                                  {look ? libraries_->fd() : -1, POLLIN, 0}}};
    (void)poll(fds.data(), fds.size(), drained_ ? timeout_ms : 0);
    MeetWaiting();
    if (fds[4].revents != 0) MeetLibraries();
    DropEndangered();
    const std::uint64_t before = Now();
    const bool sweep = before >= next_sweep_;
    const std::vector<std::uint32_t> gone = sweep ? Gone() : std::vector<std::uint32_t>();
    drained_ = Drain(on_event);
    if (sweep && drained_) {
      EndGone(gone, before, on_event);
      binaries_.DropDeleted();
      next_sweep_ = before + kSweepEvery;
    }
    const std::uint64_t now = Now();
    ledger_.RemoveClosed(now);
    Rescan(now);
    return drained_;
  }

  void SkipUntil(const TracedConn& connection, Direction direction, std::uint64_t end) override {
    if (!wants_.skips || end == 0) return;
    kernel_->SetSkip({connection.conn, connection.pid, static_cast<gotls_u32>(direction)},
                     {connection.generation, end - 1});
  }

  bool Done() override {
    if (command_) return command_->Poll().has_value();
    return !rules_.open_ended() && living_.empty();
  }

  void Finish(const EventHandler& on_event) override {
    (void)Drain(on_event);  // while the binaries can still be asked for names
    finishing_ = true;
    binaries_.DetachAll();
    while (!Drain(on_event)) continue;
    ledger_.EndAll(Now(), on_event);
    on_event(MakeCounters(kernel_->Counters(), Now()));
  }

 private:
  struct RescanAt {
    std::uint64_t due;
    std::uint32_t pid;
    std::size_t attempt;
  };

  void Notice(NoticeLevel level, const std::string& text) const {
    if (notice_) notice_(level, text);
  }

  // ---- targets ----

  Result<void> Prepare(const std::vector<std::string>& command) {
    auto spawned = SpawnedCommand::Start(
        command, wants_.stdout_alone ? CommandStdout::kToStderr : CommandStdout::kOurs);
    if (!spawned) return std::unexpected(spawned.error());
    command_.emplace(std::move(*spawned));
    // Before 5.11 BPF's memory counts there, and libbpf has raised our limit: it is not the
    // command's.
    (void)prlimit(static_cast<pid_t>(command_->pid()), RLIMIT_MEMLOCK, &memory_limit_, nullptr);
    if (auto traced = kernel_->TraceProcess(command_->pid()); !traced) return traced;
    const Binary& binary = MeetFile(command_->path(), false);
    if (binary.refusal)
      Notice(NoticeLevel::kInfo, binary.refusal->Message() + "; watching its children");
    for (const std::string& file : ProgramsNamedIn(command)) MeetFile(file, false);
    return {};
  }

  Result<void> AddNamed(std::uint32_t pid) {
    const std::string where = fmt::format("pid {}", pid);
    if (!proc::Exists(pid)) return Fail(ErrorKind::kTarget, "no such process", where);
    if (auto traced = kernel_->TraceProcess(pid); !traced) return traced;
    living_.insert(pid);
    const std::optional<Error> refusal = Attach(pid, Wanted::kProcess);
    if (!refusal) return {};
    if (libraries_ && proc::MayLoadLibraries(pid)) {
      Notice(NoticeLevel::kStatus, fmt::format("{}: {}; waiting for the Go libraries that it loads",
                                               where, refusal->Message()));
      return {};
    }
    return std::unexpected(
        Error{ErrorKind::kTarget, refusal->what,
              refusal->where.empty() ? where : fmt::format("{} ({})", where, refusal->where),
              refusal->hint});
  }

  const Binary& MeetFile(const std::string& path, bool all_processes) {
    return *Report(
        binaries_.Meet(UniqueFd(open(path.c_str(), O_RDONLY | O_CLOEXEC)), path, all_processes));
  }

  // Programs that the command's children are about to run.
  void MeetWaiting() {
    if (!gate_) return;
    while (auto file = gate_->Next()) {
      const std::string path = proc::PathOf(*file);
      Report(binaries_.Meet(std::move(*file), path, false));
      gate_->Allow();
    }
  }

  void DropEndangered() {
    bool shared = false;
    for (const Binaries::Dropped& binary : binaries_.DropEndangered()) {
      Notice(NoticeLevel::kInfo, fmt::format("{}: is being overwritten, detached", binary.name));
      shared = shared || binary.shared;
    }
    if (shared) MeetRunning();
  }

  void MeetRunning() {
    for (const std::uint32_t pid : proc::Pids()) Consider(pid, {});
  }

  const Binary* Report(const Binaries::Outcome& outcome) {
    const Binary& binary = *outcome.binary;
    if (!outcome.fresh) return &binary;
    if (binary.refusal) {
      Notice(NoticeLevel::kDebug, "not traced: " + binary.refusal->Message());
      return &binary;
    }
    Notice(NoticeLevel::kInfo, fmt::format("{}: {}", binary.name, Describe(binary)));
    for (const Error& error : binary.left_out) {
      Notice(NoticeLevel::kWarning, "not traced: " + error.Message());
    }
    for (const ProbePlan* plan : binary.plans) {
      for (const DirectionPlan* direction : {&plan->read, &plan->write}) {
        if (direction->kind == PlanKind::kClassic) Notice(NoticeLevel::kDebug, direction->reason);
      }
      if (wants_.secrets && !plan->secrets.site) {
        Notice(NoticeLevel::kWarning,
               fmt::format("{}: no TLS secrets: {}", binary.name, plan->secrets.reason));
      }
    }
    return &binary;
  }

  enum class Look : std::uint8_t { kNotWanted, kNothingToTrace, kTraced };

  // Looks at a process that may be wanted. `comm` may be empty: read it.
  Look Consider(std::uint32_t pid, std::string comm) {
    const std::string exe = proc::Exe(pid);
    if (exe.empty() || finishing_) return Look::kTraced;  // a kernel thread, or gone: nobody knows
    if (comm.empty()) comm = proc::Comm(pid);
    const Wanted wanted = HowWanted(pid, exe, comm);
    if (wanted == Wanted::kNo) return Look::kNotWanted;
    if (wanted == Wanted::kProcess) (void)kernel_->TraceProcess(pid);
    if (!Attach(pid, wanted)) return Look::kTraced;
    rescans_.push_back({Now() + kRescanAfter[0], pid, 0});
    return Look::kNothingToTrace;
  }

  Wanted HowWanted(std::uint32_t pid, const std::string& exe, const std::string& comm) {
    if (named_child_.contains(pid)) return Wanted::kProcess;
    const Wanted wanted = rules_.Match(pid, exe, comm);
    if (wanted != Wanted::kNo || !rules_.names_containers()) return wanted;
    if (!rules_.MatchesContainer(containers_.Of(pid, Now()).container)) return Wanted::kNo;
    container_found_ = true;
    return Wanted::kProcess;
  }

  // Attaches the process's executable and its libraries; what keeps it from being traced, if all of
  // them refuse.
  std::optional<Error> Attach(std::uint32_t pid, Wanted wanted) {
    const std::string exe = proc::Exe(pid);
    if (exe.empty())
      return Error{
          ErrorKind::kTarget, "has no program that can be read (a kernel thread?)", {}, {}};
    const bool all = wanted == Wanted::kBinary;
    const Binary* binary = Report(binaries_.Meet(proc::OpenExe(pid), exe, all));
    if (!binary->refusal) return {};
    std::optional<Error> refusal = binary->refusal;
    for (const proc::MappedFile& file : proc::ExecutableFiles(pid)) {
      if (file.path == exe || refused_libraries_.contains({file.dev, file.ino})) continue;
      const Binary* library = MeetMapped(pid, file, all);
      if (library != nullptr && !library->refusal) refusal.reset();
    }
    return refusal;
  }

  // Files that processes have mapped as code since we looked the last time.
  void MeetLibraries() {
    next_library_look_ = Now() + kLookAtLibrariesEvery;
    const bool complete =
        libraries_->Drain([&](const NewMapping& mapping) { MeetLibrary(mapping); });
    if (complete) return;
    for (const std::uint32_t pid : living_) (void)Attach(pid, Wanted::kProcess);
    if (rules_.open_ended()) MeetRunning();
  }

  void MeetLibrary(const NewMapping& mapping) {
    const std::pair file(mapping.file.dev, mapping.file.ino);
    if (finishing_ || refused_libraries_.contains(file)) return;
    const Wanted wanted = HowWanted(mapping.pid, proc::Exe(mapping.pid), proc::Comm(mapping.pid));
    if (wanted == Wanted::kNo) return;
    if (wanted == Wanted::kProcess) (void)kernel_->TraceProcess(mapping.pid);
    MeetMapped(mapping.pid, mapping.file, wanted == Wanted::kBinary);
  }

  // Nothing when the process is going: nothing was learned of the file then.
  const Binary* MeetMapped(std::uint32_t pid, const proc::MappedFile& file, bool all) {
    UniqueFd fd = proc::OpenMapped(pid, file);
    if (!fd.valid()) return nullptr;
    // Not by the path that the kernel told: that one begins at the process's own root.
    const std::string path = proc::PathOf(fd);
    const Binary* library = Report(binaries_.Meet(std::move(fd), path, all));
    if (library->refusal && refused_libraries_.size() < kMaxRefusedLibraries) {
      refused_libraries_.insert({file.dev, file.ino});
    }
    return library;
  }

  // Libraries come after the exec.
  void Rescan(std::uint64_t now) {
    for (std::size_t n = rescans_.size(); n > 0; n--) {
      RescanAt rescan = rescans_.front();
      rescans_.pop_front();
      if (rescan.due > now) {
        rescans_.push_back(rescan);
        continue;
      }
      const Wanted wanted = HowWanted(rescan.pid, proc::Exe(rescan.pid), proc::Comm(rescan.pid));
      const bool retry = proc::Exists(rescan.pid) && Attach(rescan.pid, wanted) &&
                         ++rescan.attempt < kRescanAfter.size();
      if (!retry) continue;
      rescan.due = now + kRescanAfter[rescan.attempt];
      rescans_.push_back(rescan);
    }
  }

  // ---- events ----

  // False when it stopped with events still waiting.
  bool Drain(const EventHandler& on_event) {
    const std::uint64_t end = Now() + kDrainFor;
    bool drained = true;
    kernel_->Consume([&](Bytes event) {
      Handle(event, on_event);
      drained = Now() < end;
      return drained;
    });
    return drained;
  }

  void Handle(Bytes bytes, const EventHandler& on_event) {
    const auto* header = As<gotls_event_header>(bytes);
    if (header == nullptr) return;
    switch (header->type) {
      case GOTLS_EVENT_CONN:
        return OnConn(bytes, on_event);
      case GOTLS_EVENT_CLOSE:
        if (const auto* event = As<gotls_close_event>(bytes)) ledger_.OnClose(*event);
        break;
      case GOTLS_EVENT_SECRET:
        Introduce(*header, {}, on_event);  // it comes before its connection
        break;
      case GOTLS_EVENT_EXEC:
        return OnExec(bytes, on_event);
      case GOTLS_EVENT_EXIT:
        return OnExit(bytes, on_event);
      default:
        break;
    }
    on_event(bytes);
  }

  void OnConn(Bytes bytes, const EventHandler& on_event) {
    const auto* found = As<gotls_conn_event>(bytes);
    if (found == nullptr) return;
    gotls_conn_event event = *found;
    if (event.transport_type != 0) {
      const std::string name = binaries_.TypeName(event.module, event.transport_type);
      event.transport_name_length =
          static_cast<gotls_u16>(std::min<std::size_t>(name.size(), GOTLS_NAME_BYTES));
      std::memcpy(event.transport_name, name.data(), event.transport_name_length);
    }
    Introduce(event.header, {}, on_event);
    ledger_.OnConn(event);
    on_event(std::as_bytes(std::span(&event, 1)));
  }

  // Tells once what the process is. `comm` serves when it is gone already.
  void Introduce(const gotls_event_header& cause, const std::string& comm,
                 const EventHandler& on_event) {
    if (!introduced_.insert(cause.pid).second) return;
    std::string name = proc::Comm(cause.pid);
    if (name.empty()) name = comm;
    if (name.empty()) return (void)introduced_.erase(cause.pid);
    on_event(MakeProcessInfo(cause, name, proc::Exe(cause.pid)));
    const ProcessHome home = containers_.Of(cause.pid, Now());
    if (home.namespace_pid != 0 || !home.container.id.empty())
      on_event(MakeContainer(cause, home.namespace_pid, home.container));
  }

  // The process's old program is gone, and its connections with it.
  void OnExec(Bytes bytes, const EventHandler& on_event) {
    const auto* event = As<gotls_process_event>(bytes);
    if (event == nullptr) return;
    const std::uint32_t pid = event->header.pid;
    const std::string comm(event->comm, strnlen(event->comm, sizeof(event->comm)));
    if (command_) named_child_.insert(pid);
    const Look look = Consider(pid, comm);  // first of all: its first bytes won't wait
    // --all and --exe have us see every exec of the host. Who has nothing to trace is introduced
    // when a library has.
    const bool told = look == Look::kTraced || (command_ && look != Look::kNotWanted);
    if (!told && !introduced_.contains(pid)) return;
    ledger_.EndProcess(pid, event->header.time, on_event);
    on_event(bytes);
    introduced_.erase(pid);
    Introduce(event->header, comm, on_event);
  }

  void OnExit(Bytes bytes, const EventHandler& on_event) {
    const auto* event = As<gotls_process_event>(bytes);
    if (event == nullptr) return;
    const std::uint32_t pid = event->header.pid;
    ledger_.EndProcess(pid, event->header.time, on_event);
    introduced_.erase(pid);
    living_.erase(pid);
    named_child_.erase(pid);
    on_event(bytes);
  }

  // Processes that are gone, though the ring may not have told: it was full, or nobody asked the
  // kernel half for their exits. What it has to tell of them is in the ring by now.
  std::vector<std::uint32_t> Gone() const {
    std::vector<std::uint32_t> gone;
    for (const auto* pids : {&introduced_, &living_}) {
      std::ranges::copy_if(*pids, std::back_inserter(gone), [](std::uint32_t pid) {
        return kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH;
      });
    }
    return gone;
  }

  void EndGone(const std::vector<std::uint32_t>& gone, std::uint64_t time,
               const EventHandler& on_event) {
    for (const std::uint32_t pid : gone) {
      if (!introduced_.contains(pid) && !living_.contains(pid)) continue;  // the ring has told
      const gotls_process_event exit = MakeExit(pid, time);
      OnExit(std::as_bytes(std::span(&exit, 1)), on_event);
    }
  }

  rlimit memory_limit_;  // as we found it
  NoticeHandler notice_;
  TracerWants wants_;
  TargetRules rules_;
  std::optional<ExecGate> gate_;  // with a command
  std::unique_ptr<Kernel> kernel_;
  Binaries binaries_;
  Containers containers_{HostRoot()};
  bool container_found_ = false;  // of those that the user named
  ConnLedger ledger_;
  std::optional<SpawnedCommand> command_;
  std::unordered_set<std::uint32_t> living_;  // pids that the user named
  std::unordered_set<std::uint32_t>
      named_child_;  // the started command and its children, once they have exec'ed
  std::unordered_set<std::uint32_t> introduced_;
  std::set<std::pair<std::uint64_t, std::uint64_t>>
      refused_libraries_;  // device and inode as maps shows them
  std::deque<RescanAt> rescans_;
  std::optional<LibraryWatch> libraries_;
  std::uint64_t next_library_look_ = 0;
  std::uint64_t next_sweep_ = 0;
  bool drained_ = true;
  bool finishing_ = false;  // no new targets
};

}  // namespace

Result<std::unique_ptr<Tracer>> Tracer::Create(const TraceOptions& options,
                                               const TracerWants& wants) {
  const TargetRules rules(options);
  KernelOptions kernel_options;
  kernel_options.max_op = options.max_op;
  kernel_options.ring_bytes = options.ring_bytes;
  kernel_options.watch_execs = rules.watches_execs();
  kernel_options.follow_children = !options.command.empty();
  kernel_options.comms = rules.comms();
  kernel_options.skips = wants.skips;
  // Before anything is open that the gate's process would inherit.
  auto gate = options.command.empty() ? std::nullopt : ExecGate::Start();
  rlimit memory_limit{};
  getrlimit(RLIMIT_MEMLOCK, &memory_limit);
  auto kernel = Kernel::Load(kernel_options);
  if (!kernel) return std::unexpected(kernel.error());
  auto tracer = std::make_unique<LiveTracer>(options, wants, std::move(gate), std::move(*kernel),
                                             memory_limit);
  if (auto found = tracer->FindTargets(options); !found) return std::unexpected(found.error());
  return tracer;
}

}  // namespace gotls
