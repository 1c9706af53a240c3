#include "probe/conn_ledger.h"

namespace gotls {
namespace {

// Data after Close is data that another goroutine was already moving. Long enough for that; and
// long after the memory's next use would have begun a new generation.
constexpr std::uint64_t kRemoveAfterNs = 5'000'000'000;

}  // namespace

void ConnLedger::OnConn(const gotls_conn_event& event) {
  Entry& entry = processes_[event.header.pid][event.conn];
  if (event.generation > entry.generation)
    entry = {event.generation, false};  // else announced by two goroutines
}

void ConnLedger::OnClose(const gotls_close_event& event) {
  Entry& entry = processes_[event.header.pid][event.conn];
  if (event.generation < entry.generation) return;
  entry = {event.generation, true};
  const gotls_conn_key key{event.conn, event.header.pid, 0};
  removals_.push_back({event.header.time + kRemoveAfterNs, key, event.generation});
}

void ConnLedger::End(const gotls_conn_key& key, const gotls_conn_state& state,
                     gotls_close_reason reason, std::uint64_t time, const EventHandler& on_event) {
  const auto process = processes_.find(key.pid);
  if (process != processes_.end()) {
    const auto entry = process->second.find(key.conn);
    const bool told = entry != process->second.end() && entry->second.closed &&
                      entry->second.generation == state.generation;
    if (told) return;
  }
  if (state.position[0] == 0 && state.position[1] == 0) return;
  gotls_close_event event{};
  event.header = {GOTLS_EVENT_CLOSE, GOTLS_EVENT_VERSION, sizeof(event), key.pid, key.pid, time};
  event.conn = key.conn;
  event.generation = state.generation;
  for (const int direction : {GOTLS_READ, GOTLS_WRITE}) {
    event.position[direction] = state.position[direction];
    event.loss[direction] = state.loss[direction];
  }
  event.reason = static_cast<gotls_u8>(state.closed != 0 ? GOTLS_CLOSE_CALLED : reason);
  on_event(std::as_bytes(std::span(&event, 1)));
}

void ConnLedger::EndProcess(std::uint32_t pid, std::uint64_t time, const EventHandler& on_event) {
  const auto process = processes_.find(pid);
  if (process == processes_.end()) return;
  for (const auto& [address, entry] : process->second) {
    const gotls_conn_key key{address, pid, 0};
    gotls_conn_state state{};
    // After an exec the heap begins at the same address: the new program may have a connection here
    // already.
    if (!kernel_.GetConn(key, &state) || state.generation > time) continue;
    End(key, state, GOTLS_CLOSE_PROCESS_EXIT, time, on_event);
    kernel_.RemoveConn(key);
  }
  processes_.erase(pid);
}

void ConnLedger::EndAll(std::uint64_t time, const EventHandler& on_event) {
  for (const auto& [key, state] : kernel_.AllConns())
    End(key, state, GOTLS_CLOSE_DETACHED, time, on_event);
  processes_.clear();
  removals_.clear();
}

void ConnLedger::RemoveClosed(std::uint64_t now) {
  for (; !removals_.empty() && removals_.front().due <= now; removals_.pop_front()) {
    const Removal& removal = removals_.front();
    gotls_conn_state state{};
    // The memory may serve a new connection by now. Between this look and the removal it could
    // still come to that; then the new connection would be seen as two, without losing a byte.
    const bool same = kernel_.GetConn(removal.key, &state) && state.closed != 0 &&
                      state.generation == removal.generation;
    if (same) kernel_.RemoveConn(removal.key);
    const auto process = processes_.find(removal.key.pid);
    if (process == processes_.end()) continue;
    const auto entry = process->second.find(removal.key.conn);
    const bool ended =
        entry != process->second.end() && entry->second.generation == removal.generation;
    if (ended) process->second.erase(entry);
    if (process->second.empty()) processes_.erase(process);
  }
}

}  // namespace gotls
