#include "flow/make_event.h"

#include <algorithm>
#include <cstring>

namespace gotls {

gotls_event_header MakeHeader(gotls_event_type type, std::size_t size, KernelTime time,
                              std::uint32_t pid, std::uint32_t tid) {
  gotls_event_header header{};
  header.type = static_cast<gotls_u16>(type);
  header.version = GOTLS_EVENT_VERSION;
  header.size = static_cast<gotls_u32>(size);
  header.pid = pid;
  header.tid = tid;
  header.time = time.ns;
  return header;
}

EventBytes MakeTick(KernelTime time) {
  const gotls_event_header header = MakeHeader(GOTLS_EVENT_TICK, sizeof(header), time);
  const Bytes bytes = std::as_bytes(std::span(&header, 1));
  return {bytes.begin(), bytes.end()};
}

EventBytes MakeProcessInfo(KernelTime time, std::uint32_t pid, std::string_view comm,
                           std::string_view exe) {
  exe = exe.substr(0, 4096);
  gotls_process_info_event event{};
  event.header = MakeHeader(GOTLS_EVENT_PROCESS, sizeof(event), time, pid, pid);
  std::memcpy(event.comm, comm.data(), std::min(comm.size(), sizeof(event.comm) - 1));
  event.exe_length = static_cast<gotls_u32>(exe.size());
  return PackEvent(event, AsBytes(exe));
}

EventBytes MakeCounters(KernelTime time, std::span<const std::uint64_t> counters) {
  gotls_counters_event event{};
  event.header = MakeHeader(GOTLS_EVENT_COUNTERS, sizeof(event), time);
  event.count = static_cast<gotls_u32>(counters.size());
  return PackEvent(event, std::as_bytes(counters));
}

EventBytes MakeClose(KernelTime time, std::uint32_t pid, std::uint64_t conn,
                     const gotls_conn_state& state, gotls_close_reason reason) {
  gotls_close_event event{};
  event.header = MakeHeader(GOTLS_EVENT_CLOSE, sizeof(event), time, pid, pid);
  event.conn = conn;
  event.generation = state.generation;
  std::copy_n(state.position, 2, event.position);
  std::copy_n(state.loss, 2, event.loss);
  event.reason = static_cast<gotls_u8>(reason);
  return PackEvent(event);
}

}  // namespace gotls
