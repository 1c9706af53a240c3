// Which processes there are, and which connections they have.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "flow/event_reader.h"
#include "flow/stream.h"

namespace gotls {

// The end of a connection, not yet reported.
struct PendingClose {
  CloseReason reason = CloseReason::kClosed;
  std::uint64_t position[2] = {0, 0};
  std::uint8_t loss[2] = {0, 0};
  std::uint64_t time = 0;
  std::uint64_t deadline = 0;  // when to report it
};

// One generation of one tls.Conn.
struct FlowConnection {
  FlowConnection(ConnKey its_key, Connection&& its_record, HoldBudget& budget)
      : key(its_key),
        record(std::move(its_record)),
        streams{{Direction::kRead, budget}, {Direction::kWrite, budget}} {}

  const ConnKey key;
  Connection record;
  Stream streams[2];  // by direction
  std::optional<PendingClose> closing;
  bool closed = false;                 // its close was reported; `closing` still tells how it ended
  std::optional<std::uint64_t> timer;  // as entered in Flow's timers
};

struct FlowProcess {
  std::string comm;
  std::string exe;
  std::uint32_t namespace_pid = 0;
  Container container;
  std::uint64_t life = 0;  // tells two processes apart that had the same pid
  bool counted = false;    // it has had a connection
  std::optional<std::uint64_t> exited;
  // By address, then generation: the generations of one address are neighbours.
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::unique_ptr<FlowConnection>> connections;
};

// Bounded: when there are too many, the older half of those without connections is forgotten.
class ProcessTable {
 public:
  explicit ProcessTable(std::size_t max_processes) : max_processes_(max_processes) {}

  // Made when not known. References stay valid until Forget or the next Get.
  FlowProcess& Get(std::uint32_t pid);
  FlowProcess* Find(std::uint32_t pid);

  // A new process has this pid, whatever was known of it.
  FlowProcess& Begin(std::uint32_t pid);

  // The process is forgotten once `drop_time` has passed.
  void Exit(std::uint32_t pid, std::uint64_t time, std::uint64_t drop_time);

  // The next process to forget by `now`, if any; its connections are the caller's to end before
  // calling Forget.
  std::optional<std::uint32_t> NextExpired(std::uint64_t now);
  void Forget(std::uint32_t pid) { processes_.erase(pid); }

 private:
  struct Departure {
    std::uint64_t drop_time;
    std::uint32_t pid;
    std::uint64_t life;
  };

  void MakeRoom();

  std::size_t max_processes_;
  std::unordered_map<std::uint32_t, FlowProcess> processes_;
  std::deque<Departure> departures_;  // in the order of drop_time
  std::uint64_t lives_ = 0;
};

}  // namespace gotls
