// The connections that the kernel half has announced, so that each gets exactly one end.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "bpf/event.h"
#include "probe/kernel.h"

namespace gotls {

// Keeps the kernel's connection table small, and turns the ends that the kernel can't report (the
// process died, the tracer goes) into close events with the final positions. Those lie only in the
// kernel's table, so that even what the ring buffer lost is counted.
class ConnLedger {
 public:
  using EventHandler = std::function<void(Bytes)>;

  explicit ConnLedger(Kernel& kernel) : kernel_(kernel) {}

  void OnConn(const gotls_conn_event& event);
  void OnClose(const gotls_close_event& event);

  // Ends all connections that a process had at `time`.
  void EndProcess(std::uint32_t pid, std::uint64_t time, const EventHandler& on_event);

  // Ends all that is left.
  void EndAll(std::uint64_t time, const EventHandler& on_event);

  // Removes closed connections from the kernel's table, once late data has become unlikely.
  void RemoveClosed(std::uint64_t now);

 private:
  struct Entry {
    std::uint64_t generation = 0;
    bool closed = false;
  };
  struct Removal {
    std::uint64_t due;
    gotls_conn_key key;
    std::uint64_t generation;
  };

  void End(const gotls_conn_key& key, const gotls_conn_state& state, gotls_close_reason reason,
           std::uint64_t time, const EventHandler& on_event);

  Kernel& kernel_;
  std::unordered_map<std::uint32_t, std::map<std::uint64_t, Entry>>
      processes_;  // by pid, then address
  std::deque<Removal> removals_;
};

}  // namespace gotls
