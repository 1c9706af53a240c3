#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ranges>
#include <unordered_map>
#include <utility>
#include <vector>

#include "probe/clock.h"
#include "probe/conn_ledger.h"
#include "probe/exec_gate.h"
#include "probe/kernel.h"
#include "probe/own_events.h"
#include "probe/plan_ahead.h"
#include "probe/proc.h"
#include "probe/process_names.h"
#include "probe/spawn.h"
#include "probe/target_rules.h"
#include "probe/targets.h"
#include "probe/tracer.h"

namespace gotls {
namespace {

// How long one Poll() hands on events: a ring that fills as fast must not keep us from Stop().
constexpr std::uint64_t kDrainFor = 100 * kMillisecond;
constexpr std::uint64_t kSweepEvery = 2000 * kMillisecond;

template <typename Event>
const Event* As(Bytes bytes) {
  return bytes.size() >= sizeof(Event) ? reinterpret_cast<const Event*>(bytes.data()) : nullptr;
}

// As we found them: those of the command. Before 5.11 BPF's memory counts as locked, and libbpf
// raises our limit; we that of files.
using Limits = std::vector<std::pair<__rlimit_resource, rlimit>>;

Limits CurrentLimits() {
  Limits limits;
  for (const __rlimit_resource resource : {RLIMIT_MEMLOCK, RLIMIT_NOFILE}) {
    rlimit limit{};
    if (getrlimit(resource, &limit) == 0) limits.emplace_back(resource, limit);
  }
  return limits;
}

void RaiseFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

class LiveTracer : public Tracer {
 public:
  LiveTracer(const TraceOptions& options, const TracerWants& wants, std::optional<ExecGate> gate,
             std::unique_ptr<Kernel> kernel, PlanCache plans, Limits limits)
      : limits_(std::move(limits)),
        notice_(options.on_notice),
        wants_(wants),
        gate_(std::move(gate)),
        kernel_(std::move(kernel)),
        targets_(options, wants.secrets, *kernel_, std::move(plans)),
        ledger_(*kernel_) {}

  Result<void> FindTargets(const TraceOptions& options) {
    targets_.WatchLibraries();
    return options.command.empty() ? targets_.Find() : Prepare(options.command);
  }

  Result<void> Release() override {
    if (!command_) return {};
    if (gate_) gate_->Hold(command_->pid());
    return command_->Release();
  }

  bool Poll(int timeout_ms, int wake_fd, const EventHandler& on_event) override {
    const std::uint64_t start = MonotonicNow();
    timeout_ms = drained_ ? targets_.LookIn(start, timeout_ms) : 0;
    std::array<pollfd, 5> fds = {{{kernel_->ring_fd(), POLLIN, 0},
                                  {targets_.binaries().endangered_fd(), POLLIN, 0},
                                  {wake_fd, POLLIN, 0},
                                  {gate_ ? gate_->event_fd() : -1, POLLIN, 0},
                                  {targets_.library_fd(start), POLLIN, 0}}};
    (void)poll(fds.data(), fds.size(), timeout_ms);
    MeetWaiting();
    if (fds[4].revents != 0) targets_.MeetLibraries();
    targets_.DropEndangered();
    const std::uint64_t before = MonotonicNow();
    const bool sweep = before >= next_sweep_;
    const std::vector<std::uint32_t> gone = sweep ? Gone() : std::vector<std::uint32_t>();
    drained_ = Drain(on_event);
    if (sweep && drained_) {
      EndGone(gone, before, on_event);
      targets_.binaries().DropDeleted();
      next_sweep_ = before + kSweepEvery;
    }
    const std::uint64_t now = MonotonicNow();
    ledger_.RemoveClosed(now);
    targets_.Rescan(now);
    return drained_;
  }

  void SkipUntil(const TracedConn& connection, Direction direction, std::uint64_t end) override {
    if (!wants_.skips || end == 0) return;
    kernel_->SetSkip({connection.conn, connection.pid, static_cast<gotls_u32>(direction)},
                     {connection.generation, end - 1});
  }

  bool Done() override {
    if (command_) return command_->Poll().has_value();
    return !targets_.any_left();
  }

  void Finish(const EventHandler& on_event) override {
    (void)Drain(on_event);  // while the binaries can still be asked for names
    targets_.Finish();
    while (!Drain(on_event)) continue;
    ledger_.EndAll(MonotonicNow(), on_event);
    on_event(MakeCounters(kernel_->Counters(), MonotonicNow()));
  }

 private:
  void Notice(NoticeLevel level, const std::string& text) const {
    if (notice_) notice_(level, text);
  }

  // ---- targets ----

  Result<void> Prepare(const std::vector<std::string>& command) {
    auto spawned = SpawnedCommand::Start(
        command, wants_.stdout_alone ? CommandStdout::kToStderr : CommandStdout::kOurs);
    if (!spawned) return std::unexpected(spawned.error());
    command_.emplace(std::move(*spawned));
    for (const auto& [resource, limit] : limits_)
      (void)prlimit(static_cast<pid_t>(command_->pid()), resource, &limit, nullptr);
    if (auto traced = kernel_->TraceProcess(command_->pid()); !traced) return traced;
    const Binary& binary = targets_.MeetFile(command_->path(), false);
    if (binary.refusal)
      Notice(NoticeLevel::kInfo, binary.refusal->Message() + "; watching its children");
    for (const std::string& file : ProgramsNamedIn(command)) targets_.MeetFile(file, false);
    return {};
  }

  // Programs that the command's children are about to run.
  void MeetWaiting() {
    if (!gate_) return;
    while (auto waiting = gate_->Next()) {
      const auto [binary, fresh] = targets_.MeetFile(std::move(waiting->file));
      if (fresh && !binary->refusal && MonotonicNow() > waiting->deadline)
        Notice(NoticeLevel::kWarning,
               binary->name + ": ran before it was hooked, its first bytes may be missing");
      gate_->Allow();
    }
  }

  // ---- events ----

  // False when it stopped with events still waiting.
  bool Drain(const EventHandler& on_event) {
    constexpr unsigned kEventsPerLook = 32;  // at the clock
    const std::uint64_t end = MonotonicNow() + kDrainFor;
    unsigned events = 0;
    bool drained = true;
    kernel_->Consume([&](Bytes event) {
      Handle(event, on_event);
      if (++events % kEventsPerLook == 0) drained = MonotonicNow() < end;
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
        Introduce(*header, on_event);  // it comes before its connection
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
      const std::string name = targets_.binaries().TypeName(event.module, event.transport_type);
      event.transport_name_length =
          static_cast<gotls_u16>(std::min<std::size_t>(name.size(), GOTLS_NAME_BYTES));
      std::memcpy(event.transport_name, name.data(), event.transport_name_length);
    }
    Introduce(event.header, on_event);
    ledger_.OnConn(event);
    on_event(std::as_bytes(std::span(&event, 1)));
  }

  // Tells once what the process is.
  void Introduce(const gotls_event_header& cause, const EventHandler& on_event) {
    if (introduced_.contains(cause.pid)) return;
    ProcessNames names = NamesNow(cause.pid);
    const auto named = targets_.living().find(cause.pid);
    // It runs another program by now, or none, which the ring has still to tell.
    if (named != targets_.living().end() && named->second.exe != names.exe) names = named->second;
    IntroduceAs(names, cause, on_event);
  }

  void IntroduceAs(const ProcessNames& names, const gotls_event_header& cause,
                   const EventHandler& on_event) {
    if (names.comm.empty()) return;
    introduced_[cause.pid] = names;
    on_event(MakeProcessInfo(cause, names.comm, names.exe));
    const ProcessHome home = targets_.containers().Of(cause.pid, MonotonicNow());
    if (home.namespace_pid != 0 || !home.container.id.empty())
      on_event(MakeContainer(cause, home.namespace_pid, home.container));
  }

  // The process's old program is gone, and its connections with it.
  void OnExec(Bytes bytes, const EventHandler& on_event) {
    const auto* event = As<gotls_process_event>(bytes);
    if (event == nullptr) return;
    const std::uint32_t pid = event->header.pid;
    const std::string comm(event->comm, strnlen(event->comm, sizeof(event->comm)));
    // First of all: its first bytes won't wait.
    const Targets::Look look = targets_.Consider(pid, comm);
    // --all and --exe have us see every exec of the host. Who has nothing to trace is introduced
    // when a library has.
    const bool told =
        look == Targets::Look::kTraced || (command_ && look != Targets::Look::kNotWanted);
    const bool shown = told || introduced_.contains(pid);
    if (!shown && !targets_.living().contains(pid)) return;
    const ProcessNames names = NamesAtExec(comm, NamesNow(pid), NamesBefore(pid));
    targets_.OnExec(pid, names);
    if (!shown) return;
    ledger_.EndProcess(pid, event->header.time, on_event);
    on_event(bytes);
    IntroduceAs(names, event->header, on_event);
  }

  ProcessNames NamesBefore(std::uint32_t pid) const {
    if (const auto known = introduced_.find(pid); known != introduced_.end()) return known->second;
    const auto named = targets_.living().find(pid);
    return named == targets_.living().end() ? ProcessNames() : named->second;
  }

  void OnExit(Bytes bytes, const EventHandler& on_event) {
    const auto* event = As<gotls_process_event>(bytes);
    if (event == nullptr) return;
    const std::uint32_t pid = event->header.pid;
    ledger_.EndProcess(pid, event->header.time, on_event);
    introduced_.erase(pid);
    targets_.OnExit(pid);
    on_event(bytes);
  }

  // Processes that are gone, though the ring may not have told: it was full, or nobody asked the
  // kernel half for their exits. What it has to tell of them is in the ring by now.
  std::vector<std::uint32_t> Gone() const {
    std::vector<std::uint32_t> gone;
    const auto add = [&gone](std::uint32_t pid) {
      if (kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH) gone.push_back(pid);
    };
    std::ranges::for_each(introduced_ | std::views::keys, add);
    std::ranges::for_each(targets_.living() | std::views::keys, add);
    return gone;
  }

  void EndGone(const std::vector<std::uint32_t>& gone, std::uint64_t time,
               const EventHandler& on_event) {
    for (const std::uint32_t pid : gone) {
      if (!introduced_.contains(pid) && !targets_.living().contains(pid))
        continue;  // the ring has told
      const gotls_process_event exit = MakeExit(pid, time);
      OnExit(std::as_bytes(std::span(&exit, 1)), on_event);
    }
  }

  Limits limits_;
  NoticeHandler notice_;
  TracerWants wants_;
  std::optional<ExecGate> gate_;  // with a command
  std::unique_ptr<Kernel> kernel_;
  Targets targets_;
  ConnLedger ledger_;
  std::optional<SpawnedCommand> command_;
  std::unordered_map<std::uint32_t, ProcessNames> introduced_;
  std::uint64_t next_sweep_ = 0;
  bool drained_ = true;
};

// Files that are going to be planned.
std::vector<std::string> NamedPrograms(const TargetRules& rules,
                                       const std::vector<std::string>& command) {
  std::vector<std::string> paths = rules.ExistingFiles();
  for (const std::uint32_t pid : rules.pids()) paths.push_back(fmt::format("/proc/{}/exe", pid));
  if (command.empty()) return paths;
  paths.push_back(FindProgram(command.front()));
  std::ranges::copy(ProgramsNamedIn(command), std::back_inserter(paths));
  return paths;
}

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
  if (options.command.empty()) kernel_options.only_process = rules.only_process();
  // Before anything is open that the gate's process would inherit.
  auto gate = options.command.empty() ? std::nullopt : ExecGate::Start();
  Limits limits = CurrentLimits();
  if (options.raise_file_limit) RaiseFileLimit();
  PlanCache plans(options.plan, options.packages);
  // Verifying our programs takes the kernel as long as planning the user's takes us.
  PlanAhead ahead(plans, NamedPrograms(rules, options.command));
  auto kernel = Kernel::Load(kernel_options);
  ahead.Wait();
  if (!kernel) return std::unexpected(kernel.error());
  auto tracer = std::make_unique<LiveTracer>(options, wants, std::move(gate), std::move(*kernel),
                                             std::move(plans), std::move(limits));
  if (auto found = tracer->FindTargets(options); !found) return std::unexpected(found.error());
  return tracer;
}

}  // namespace gotls
