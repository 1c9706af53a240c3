#include "flow/flow.h"

#include <algorithm>
#include <utility>

namespace gotls {
namespace {

void Add(StreamTotals& sum, const StreamTotals& part) {
  sum.captured = SaturatingAdd(sum.captured, part.captured);
  sum.missing = SaturatingAdd(sum.missing, part.missing);
  sum.chunks = SaturatingAdd(sum.chunks, part.chunks);
  sum.not_sent = SaturatingAdd(sum.not_sent, part.not_sent);
  sum.skipped = SaturatingAdd(sum.skipped, part.skipped);
}

std::vector<Counter> AllCounters(std::span<const std::uint64_t> kernel, const FlowCounters& flow) {
  std::vector<Counter> counters;
#define X(name, meaning) counters.push_back({#name, kernel[GOTLS_COUNTER_##name], meaning});
  if (!kernel.empty()) {
    GOTLS_COUNTERS(X)
  }
#undef X
#define X(name, meaning) counters.push_back({#name, flow.name, meaning});
  GOTLS_FLOW_COUNTERS(X)
#undef X
  return counters;
}

void Identify(Process& record, const FlowProcess& process) {
  record.comm = process.comm;
  record.exe = process.exe;
  record.namespace_pid = process.namespace_pid;
  record.container = process.container;
}

CloseReason ReasonOf(const gotls_close_event& event) {
  switch (event.reason) {
    case GOTLS_CLOSE_CALLED:
      return CloseReason::kClosed;
    case GOTLS_CLOSE_PROCESS_EXIT:
      return CloseReason::kProcessExit;
    case GOTLS_CLOSE_REUSED:
      return CloseReason::kReused;
    default:
      return CloseReason::kDetached;
  }
}

// Takes over the positions of a CLOSE event. The first one of several gives reason and time.
void MergeClose(FlowConnection& connection, const gotls_close_event& event) {
  if (!connection.closing) {
    connection.closing.emplace();
    connection.closing->reason = ReasonOf(event);
    connection.closing->time = event.header.time;
  }
  for (int i = 0; i < 2; ++i) {
    auto& position = connection.closing->position[i];
    position = std::max<std::uint64_t>(position, event.position[i]);
    connection.closing->loss[i] |= event.loss[i];
  }
}

bool Beyond(const gotls_close_event& event, const FlowConnection& connection) {
  return event.position[0] > connection.streams[0].next_position() ||
         event.position[1] > connection.streams[1].next_position();
}

bool Behind(const gotls_close_event& event, const FlowConnection& connection) {
  return event.position[0] < connection.streams[0].next_position() ||
         event.position[1] < connection.streams[1].next_position();
}

}  // namespace

Flow::Flow(FlowObserver& observer, std::int64_t wall_offset_ns, FlowLimits limits)
    : observer_(observer),
      clock_{wall_offset_ns},
      limits_(limits),
      hold_budget_{limits.hold},
      processes_(limits.processes) {}

void Flow::Push(Bytes event) {
  const CheckedHeader checked = CheckHeader(event);
  if (checked.defect == HeaderDefect::kShort) {
    ++counters_.flow_events_short;
    return;
  }
  if (checked.defect == HeaderDefect::kVersion) {
    ++counters_.flow_events_version;
    return;
  }
  now_ = std::max(now_, checked.header.time);
  Dispatch(checked);
  // After the event: what was waited for may just have come.
  RunTimers();
  ForgetProcesses();
  if (checked.header.type == GOTLS_EVENT_TICK) observer_.OnTick(clock_.At(now_));
}

void Flow::Dispatch(const CheckedHeader& checked) {
  bool good = true;
  switch (checked.header.type) {
    case GOTLS_EVENT_DATA:
      good = OnData(checked.event);
      break;
    case GOTLS_EVENT_CONN:
      good = OnConn(checked.event);
      break;
    case GOTLS_EVENT_CLOSE:
      good = OnClose(checked.event);
      break;
    case GOTLS_EVENT_NOT_SENT:
      good = OnNotSent(checked.event);
      break;
    case GOTLS_EVENT_SECRET:
      good = OnSecret(checked.event);
      break;
    case GOTLS_EVENT_FORK:
      good = OnBirth(checked.event);
      break;
    case GOTLS_EVENT_EXEC:
      good = OnExec(checked.event);
      break;
    case GOTLS_EVENT_EXIT:
      good = OnExit(checked.event);
      break;
    case GOTLS_EVENT_PROCESS:
      good = OnProcessInfo(checked.event);
      break;
    case GOTLS_EVENT_CONTAINER:
      good = OnContainer(checked.event);
      break;
    case GOTLS_EVENT_COUNTERS:
      good = OnCounters(checked.event);
      break;
    case GOTLS_EVENT_TICK:
      break;
    default:
      ++counters_.flow_events_unknown;
  }
  if (!good) ++counters_.flow_events_bad;
}

// ---- connections ----

bool Flow::OnConn(Bytes event) {
  auto conn = ReadConn(event);
  if (!conn) return false;
  if (Find(conn->key) != nullptr) {
    ++counters_.flow_opens_repeated;  // two goroutines were first at the same time: normal, if rare
    return true;
  }
  Open(conn->key, std::move(conn->connection), ReadAt<gotls_event_header>(event, 0)->time);
  return true;
}

bool Flow::OnData(Bytes event) {
  const auto data = ReadData(event);
  if (!data) return false;
  const gotls_data_event& fields = data->fields;
  FlowConnection* connection =
      FindOrOpen({fields.header.pid, fields.conn, fields.generation}, fields.header, fields.goid);
  if (connection == nullptr) {
    counters_.flow_bytes_refused += data->payload.size();
    return true;
  }
  connection->streams[fields.direction].Push(*data, now_, DeliveryFor(*connection));
  if (connection->closing) connection->closing->deadline = SaturatingAdd(now_, kCloseDelayNs);
  SetTimer(*connection);
  return true;
}

bool Flow::OnClose(Bytes event) {
  const auto close = ReadClose(event);
  if (!close) return false;
  const ConnKey key{close->header.pid, close->conn, close->generation};
  FlowConnection* connection = Find(key);
  if (connection == nullptr && close->position[0] == 0 && close->position[1] == 0) {
    ++counters_.flow_closes_unknown;
    return true;
  }
  if (connection != nullptr) {
    if (Behind(*close, *connection)) ++counters_.flow_closes_behind;
    if (connection->closed && !Beyond(*close, *connection)) return true;
  }
  connection = FindOrOpen(key, close->header, 0);  // all its bytes were lost, or some after a close
  if (connection == nullptr) return true;
  MergeClose(*connection, *close);
  if (close->reason == GOTLS_CLOSE_REUSED || close->reason == GOTLS_CLOSE_DETACHED) {
    FinishClose(*connection);
    return true;
  }
  connection->closing->deadline = SaturatingAdd(now_, kCloseDelayNs);
  SetTimer(*connection);
  return true;
}

bool Flow::OnNotSent(Bytes event) {
  const auto not_sent = ReadNotSent(event);
  if (!not_sent) return false;
  FlowConnection* connection =
      FindOrOpen({not_sent->header.pid, not_sent->conn, not_sent->generation}, not_sent->header, 0);
  if (connection == nullptr) return true;
  connection->streams[GOTLS_WRITE].NotSent(*not_sent, DeliveryFor(*connection));
  return true;
}

bool Flow::OnSecret(Bytes event) {
  const auto fields = ReadSecret(event);
  if (!fields) return false;
  const FlowProcess* known = processes_.Find(fields->header.pid);
  Process process;
  process.pid = fields->header.pid;
  if (known != nullptr) Identify(process, *known);
  TlsSecret secret;
  secret.label.assign(fields->label, fields->label_length);
  secret.client_random = std::as_bytes(std::span(fields->client_random));
  secret.secret = std::as_bytes(std::span(fields->secret, fields->secret_length));
  secret.goroutine = fields->goid;
  secret.time = clock_.At(fields->header.time);
  observer_.OnSecret(process, secret);
  return true;
}

std::optional<ConnKey> Flow::KeyOf(ConnId connection) const {
  const auto found = live_.find(connection.value);
  return found == live_.end() ? std::nullopt : std::optional(found->second->key);
}

void Flow::SkipUntil(ConnId connection, Direction direction, StreamPosition end) {
  const auto found = live_.find(connection.value);
  if (found == live_.end()) return;
  found->second->streams[static_cast<std::size_t>(direction)].SkipUntil(end);
}

FlowConnection* Flow::Find(const ConnKey& key) {
  if (last_ != nullptr && last_->key == key) return last_;
  FlowProcess* process = processes_.Find(key.pid);
  if (process == nullptr) return nullptr;
  const auto found = process->connections.find({key.conn, key.generation});
  if (found == process->connections.end()) return nullptr;
  return last_ = found->second.get();
}

FlowConnection* Flow::FindOrOpen(const ConnKey& key, const gotls_event_header& header,
                                 std::uint64_t goroutine) {
  FlowConnection* connection = Find(key);
  if (connection != nullptr) {
    return connection->closed ? Reopen(*connection, header.time) : connection;
  }
  Connection record;
  record.process.pid = key.pid;
  record.tls_conn = key.conn;
  record.goroutine = goroutine;
  connection = Open(key, std::move(record), header.time);
  if (connection != nullptr) ++counters_.flow_opens_lost;
  return connection;
}

FlowConnection* Flow::Open(const ConnKey& key, Connection record, std::uint64_t time) {
  if (live_.size() >= limits_.connections) {
    ++counters_.flow_connections_refused;
    return nullptr;
  }
  FlowProcess& process = processes_.Get(key.pid);
  if (process.exited && time > *process.exited) processes_.Begin(key.pid);  // unannounced
  Identify(record.process, process);
  auto& slot = process.connections[{key.conn, key.generation}];
  slot = std::make_unique<FlowConnection>(key, std::move(record), hold_budget_);
  FlowConnection& connection = *slot;
  EndEarlierGenerations(process, connection, time);
  if (!process.counted) ++summary_.processes;
  process.counted = true;
  Announce(connection, time);
  if (process.exited) EndProcess(process, *process.exited);  // its last events come after its end
  return &connection;
}

FlowConnection* Flow::Reopen(FlowConnection& connection, std::uint64_t time) {
  if (live_.size() >= limits_.connections) {
    ++counters_.flow_connections_refused;
    return nullptr;
  }
  ++counters_.flow_reopened;
  connection.closed = false;
  connection.closing->time = time;
  connection.closing->deadline = SaturatingAdd(now_, kCloseDelayNs);
  for (Stream& stream : connection.streams) stream.ResetTotals();
  Announce(connection, time);
  SetTimer(connection);
  return &connection;
}

void Flow::Announce(FlowConnection& connection, std::uint64_t time) {
  connection.record.id = ConnId{++summary_.connections};
  connection.record.opened = clock_.At(time);
  live_[connection.record.id.value] = &connection;
  observer_.OnOpen(connection.record);
}

void Flow::EndEarlierGenerations(FlowProcess& process, const FlowConnection& opened,
                                 std::uint64_t time) {
  const auto end = process.connections.find({opened.key.conn, opened.key.generation});
  for (auto it = process.connections.lower_bound({opened.key.conn, 0}); it != end; ++it) {
    FlowConnection& earlier = *it->second;
    if (earlier.closed || earlier.closing) continue;
    earlier.closing.emplace();
    earlier.closing->reason = CloseReason::kReused;
    earlier.closing->time = time;
    FinishClose(earlier);
  }
}

void Flow::FinishClose(FlowConnection& connection) {
  const PendingClose& closing = *connection.closing;
  const Delivery to = DeliveryFor(connection);
  for (int i = 0; i < 2; ++i) {
    connection.streams[i].Finish(closing.position[i], closing.loss[i], closing.time, to);
  }
  const Close close{closing.reason, connection.streams[0].totals(), connection.streams[1].totals(),
                    clock_.At(closing.time)};
  Add(summary_.read, close.read);
  Add(summary_.write, close.write);
  connection.closed = true;
  live_.erase(connection.record.id.value);
  SetTimer(connection);
  observer_.OnClose(connection.record, close);
  RememberClosed(connection);
}

void Flow::RememberClosed(const FlowConnection& connection) {
  closed_.emplace_back(connection.key, connection.record.id);
  while (closed_.size() > std::max<std::size_t>(limits_.closed_connections, 1)) {
    const auto [key, id] = closed_.front();
    closed_.pop_front();
    FlowProcess* process = processes_.Find(key.pid);
    if (process == nullptr) continue;
    const auto found = process->connections.find({key.conn, key.generation});
    if (found == process->connections.end()) continue;
    if (!found->second->closed || found->second->record.id != id) continue;  // reopened since
    last_ = nullptr;
    process->connections.erase(found);
  }
}

Delivery Flow::DeliveryFor(const FlowConnection& connection) {
  return {observer_, connection.record, clock_, counters_};
}

// ---- processes ----

bool Flow::OnBirth(Bytes event) {
  const auto birth = ReadProcess(event);
  if (!birth) return false;
  if (birth->parent == birth->header.pid) return true;  // a thread
  const FlowProcess* parent = processes_.Find(birth->parent);
  std::string exe = parent == nullptr ? std::string() : parent->exe;
  Container container = parent == nullptr ? Container() : parent->container;
  FlowProcess& process = processes_.Begin(birth->header.pid);
  process.comm = CommText(birth->comm);
  process.exe = std::move(exe);
  process.container = std::move(container);
  EndProcess(process, birth->header.time);
  return true;
}

bool Flow::OnExec(Bytes event) {
  const auto exec = ReadProcess(event);
  if (!exec) return false;
  FlowProcess& process = processes_.Get(exec->header.pid);
  if (process.exited) processes_.Begin(exec->header.pid);
  process.comm = CommText(exec->comm);
  process.exe.clear();  // a PROCESS event tells the new one
  EndProcess(process, exec->header.time);
  return true;
}

bool Flow::OnExit(Bytes event) {
  const auto exit = ReadProcess(event);
  if (!exit) return false;
  FlowProcess* process = processes_.Find(exit->header.pid);
  if (process == nullptr) return true;
  EndProcess(*process, exit->header.time);
  processes_.Exit(exit->header.pid, exit->header.time, SaturatingAdd(now_, kExitDelayNs));
  return true;
}

bool Flow::OnProcessInfo(Bytes event) {
  auto info = ReadProcessInfo(event);
  if (!info) return false;
  FlowProcess& process = processes_.Get(ReadAt<gotls_event_header>(event, 0)->pid);
  process.comm = std::move(info->comm);
  process.exe = std::move(info->exe);
  process.namespace_pid = 0;  // a CONTAINER event follows if there is more to tell
  process.container = {};
  return true;
}

bool Flow::OnContainer(Bytes event) {
  auto info = ReadContainer(event);
  if (!info) return false;
  FlowProcess& process = processes_.Get(ReadAt<gotls_event_header>(event, 0)->pid);
  process.namespace_pid = info->namespace_pid;
  process.container = std::move(info->container);
  return true;
}

void Flow::EndProcess(FlowProcess& process, std::uint64_t time) {
  for (auto& [key, connection] : process.connections) {
    if (connection->closed || connection->closing) continue;
    connection->closing.emplace();
    connection->closing->reason = CloseReason::kProcessExit;
    connection->closing->time = time;
    connection->closing->deadline = SaturatingAdd(now_, kCloseDelayNs);
    SetTimer(*connection);
  }
}

void Flow::ForgetProcesses() {
  while (const auto pid = processes_.NextExpired(now_)) {
    for (auto& [key, connection] : processes_.Find(*pid)->connections) {
      if (connection->closed) continue;
      FinishClose(*connection);  // data kept coming after the end: a hostile recording
    }
    last_ = nullptr;
    processes_.Forget(*pid);
  }
}

bool Flow::OnCounters(Bytes event) {
  auto counters = ReadCounters(event);
  if (!counters) return false;
  kernel_counters_ = std::move(*counters);
  return true;
}

// ---- time ----

void Flow::SetTimer(FlowConnection& connection) {
  std::optional<std::uint64_t> due;
  if (!connection.closed) {
    for (const Stream& stream : connection.streams) {
      if (const auto deadline = stream.deadline())
        due = std::min(due.value_or(*deadline), *deadline);
    }
    if (connection.closing) {
      const std::uint64_t deadline = connection.closing->deadline;
      due = std::min(due.value_or(deadline), deadline);
    }
  }
  if (connection.timer == due) return;
  const std::uint64_t id = connection.record.id.value;
  if (connection.timer) timers_.erase({*connection.timer, id, &connection});
  if (due) timers_.emplace(*due, id, &connection);
  connection.timer = due;
}

void Flow::RunTimers() {
  while (!timers_.empty() && std::get<0>(*timers_.begin()) <= now_) {
    FlowConnection& connection = *std::get<2>(*timers_.begin());
    if (connection.closing && connection.closing->deadline <= now_) {
      FinishClose(connection);
      continue;
    }
    const Delivery to = DeliveryFor(connection);
    for (Stream& stream : connection.streams) stream.Expire(now_, to);
    SetTimer(connection);
  }
}

Summary Flow::End() {
  while (!live_.empty()) {
    FlowConnection& connection = *live_.begin()->second;
    if (!connection.closing) {
      connection.closing.emplace();
      connection.closing->reason = CloseReason::kDetached;
      connection.closing->time = now_;
    }
    FinishClose(connection);
  }
  summary_.counters = AllCounters(kernel_counters_, counters_);
  summary_.time = clock_.At(now_);
  return summary_;
}

}  // namespace gotls
