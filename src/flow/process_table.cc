#include "flow/process_table.h"

#include <algorithm>
#include <vector>

namespace gotls {

FlowProcess& ProcessTable::Get(std::uint32_t pid) {
  if (FlowProcess* known = Find(pid)) return *known;
  if (processes_.size() >= max_processes_) MakeRoom();
  FlowProcess& process = processes_[pid];
  process.life = ++lives_;
  return process;
}

FlowProcess* ProcessTable::Find(std::uint32_t pid) {
  const auto found = processes_.find(pid);
  return found == processes_.end() ? nullptr : &found->second;
}

FlowProcess& ProcessTable::Begin(std::uint32_t pid) {
  FlowProcess& process = Get(pid);
  process.life = ++lives_;
  process.counted = false;
  process.exited.reset();
  process.comm.clear();
  process.exe.clear();
  process.namespace_pid = 0;
  process.container = {};
  return process;
}

void ProcessTable::Exit(std::uint32_t pid, std::uint64_t time, std::uint64_t drop_time) {
  FlowProcess* process = Find(pid);
  if (process == nullptr || process->exited) return;
  process->exited = time;
  departures_.push_back({drop_time, pid, process->life});
}

std::optional<std::uint32_t> ProcessTable::NextExpired(std::uint64_t now) {
  while (!departures_.empty() && departures_.front().drop_time <= now) {
    const Departure departure = departures_.front();
    departures_.pop_front();
    const FlowProcess* process = Find(departure.pid);
    if (process != nullptr && process->exited && process->life == departure.life) {
      return departure.pid;
    }
  }
  return std::nullopt;
}

void ProcessTable::MakeRoom() {
  std::vector<std::uint64_t> lives;
  for (const auto& [pid, process] : processes_) {
    if (process.connections.empty()) lives.push_back(process.life);
  }
  if (lives.empty()) return;  // bounded by the connections then
  const auto middle = lives.begin() + static_cast<std::ptrdiff_t>(lives.size() / 2);
  std::nth_element(lives.begin(), middle, lives.end());
  std::erase_if(processes_, [last = *middle](const auto& entry) {
    return entry.second.connections.empty() && entry.second.life <= last;
  });
}

}  // namespace gotls
