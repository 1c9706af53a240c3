// Ring events in, connections out.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "base/bytes.h"
#include "flow/event_reader.h"
#include "flow/flow_counters.h"
#include "flow/flow_observer.h"
#include "flow/process_table.h"
#include "flow/stream.h"

namespace gotls {

// How long after its event a close is reported, if no more data comes.
inline constexpr std::uint64_t kCloseDelayNs = 100'000'000;
// How long a process is remembered after it ended.
inline constexpr std::uint64_t kExitDelayNs = 1'000'000'000;

// What a session of honest events never reaches; a hostile recording may try.
struct FlowLimits {
  std::size_t connections = 1 << 18;         // open at the same time
  std::size_t closed_connections = 1 << 12;  // remembered, in case more data comes
  std::size_t processes = 1 << 16;
  HoldLimits hold;
};

// Turns raw events, in the order of the ring buffer, into connections with two streams of bytes
// each.
//
// Deterministic: time is the latest header.time seen, so that a replay gives what the live session
// gave. Events are untrusted: what is malformed is counted and ignored.
//
// The rules:
// - A connection is {pid, address, generation}. Opened by its CONN event, or by its data when that
// event was lost.
// - Bytes missing before a chunk are one gap, with the event's loss mask as reasons.
// - A chunk ahead of its predecessors waits for them if it says GOTLS_DATA_UNORDERED: kHoldNs at
// most, within
//   HoldLimits, and not beyond the connection's end. Then what is still missing is a gap.
// - Bytes that were delivered before are never delivered again (flow_overlaps).
// - A close by the program, or of its process, is reported kCloseDelayNs later, each later chunk
// starting the wait anew:
//   Go hands out buffered data after Close. The close's positions become trailing gaps then. Data
//   that comes still later is delivered as a new connection (same tls_conn, new ConnId), whose
//   positions go on where the old one's ended.
// - Other ends (memory reused, detached) are reported at once.
// - EXIT, EXEC and the birth of a process with the same pid end all connections of the pid.
class Flow {
 public:
  // `wall_offset_ns` is CLOCK_REALTIME - CLOCK_MONOTONIC. The observer must outlive the flow.
  Flow(FlowObserver& observer, std::int64_t wall_offset_ns, FlowLimits limits = {});
  Flow(const Flow&) = delete;
  Flow& operator=(const Flow&) = delete;

  // One event; `event` may be longer than its header says.
  void Push(Bytes event);

  // Something waits for time to pass: push a TICK at least every 50 ms.
  [[nodiscard]] bool HasPending() const { return !timers_.empty(); }

  // How events name an open connection; nothing when it is unknown or closed.
  [[nodiscard]] std::optional<ConnKey> KeyOf(ConnId connection) const;

  // Nobody wants a direction's bytes below `end`: what the kernel half cuts off there was not
  // wanted, rather than lost. May be called by the observer.
  void SkipUntil(ConnId connection, Direction direction, StreamPosition end);

  // Closes all connections and sums up. The last call.
  Summary End();

 private:
  // Deadline, then ConnId for a stable order.
  using Timer = std::tuple<std::uint64_t, std::uint64_t, FlowConnection*>;

  void Dispatch(const CheckedHeader& checked);
  // Each returns whether the event made sense.
  bool OnConn(Bytes event);
  bool OnData(Bytes event);
  bool OnClose(Bytes event);
  bool OnNotSent(Bytes event);
  bool OnSecret(Bytes event);
  bool OnBirth(Bytes event);
  bool OnExec(Bytes event);
  bool OnExit(Bytes event);
  bool OnProcessInfo(Bytes event);
  bool OnContainer(Bytes event);
  bool OnCounters(Bytes event);

  FlowConnection* Find(const ConnKey& key);
  // What the event is about, opened or reopened as needed; null when there are too many.
  FlowConnection* FindOrOpen(const ConnKey& key, const gotls_event_header& header,
                             std::uint64_t goroutine);
  FlowConnection* Open(const ConnKey& key, Connection record, std::uint64_t time);
  FlowConnection* Reopen(FlowConnection& connection, std::uint64_t time);
  void Announce(FlowConnection& connection, std::uint64_t time);
  // Ends what an earlier connection left open at the address of `opened`.
  void EndEarlierGenerations(FlowProcess& process, const FlowConnection& opened,
                             std::uint64_t time);
  void EndProcess(FlowProcess& process, std::uint64_t time);
  void FinishClose(FlowConnection& connection);
  void RememberClosed(const FlowConnection& connection);
  void SetTimer(FlowConnection& connection);
  void RunTimers();
  void ForgetProcesses();
  [[nodiscard]] Delivery DeliveryFor(const FlowConnection& connection);

  FlowObserver& observer_;
  const WallClock clock_;
  const FlowLimits limits_;
  HoldBudget hold_budget_;  // outlives the streams in processes_
  FlowCounters counters_;
  Summary summary_;
  ProcessTable processes_;
  std::map<std::uint64_t, FlowConnection*> live_;  // reported as open and not as closed, by ConnId
  std::set<Timer> timers_;
  std::deque<std::pair<ConnKey, ConnId>> closed_;  // oldest first
  std::vector<std::uint64_t> kernel_counters_;
  std::uint64_t now_ = 0;
  FlowConnection* last_ = nullptr;  // found last: data comes in runs
};

}  // namespace gotls
