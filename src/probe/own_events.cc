#include "probe/own_events.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace gotls {
namespace {

// A fixed part, and what follows it; the header's size becomes that of both.
template <typename Event>
std::vector<std::byte> Join(Event event, const void* rest, std::size_t size) {
  event.header.size = static_cast<gotls_u32>(sizeof(event) + size);
  std::vector<std::byte> bytes(sizeof(event) + size);
  std::memcpy(bytes.data(), &event, sizeof(event));
  if (size != 0) std::memcpy(bytes.data() + sizeof(event), rest, size);
  return bytes;
}

}  // namespace

std::vector<std::byte> MakeProcessInfo(const gotls_event_header& cause, std::string_view comm,
                                       std::string_view exe) {
  gotls_process_info_event event{};
  event.header = cause;
  event.header.type = GOTLS_EVENT_PROCESS;
  event.exe_length = static_cast<gotls_u32>(exe.size());
  std::memcpy(event.comm, comm.data(), std::min(comm.size(), sizeof(event.comm) - 1));
  return Join(event, exe.data(), exe.size());
}

std::vector<std::byte> MakeContainer(const gotls_event_header& cause, std::uint32_t namespace_pid,
                                     const Container& container) {
  gotls_container_event event{};
  event.header = cause;
  event.header.type = GOTLS_EVENT_CONTAINER;
  event.namespace_pid = namespace_pid;
  std::string texts;
  const auto add = [&](gotls_container_text text, const std::string& value) {
    const std::size_t size = std::min<std::size_t>(value.size(), GOTLS_NAME_BYTES);
    event.length[text] = static_cast<gotls_u16>(size);
    texts.append(value, 0, size);
  };
  add(GOTLS_CONTAINER_ID, container.id);
  add(GOTLS_CONTAINER_RUNTIME, container.runtime);
  add(GOTLS_CONTAINER_NAME, container.name);
  add(GOTLS_CONTAINER_POD, container.pod);
  add(GOTLS_CONTAINER_POD_NAMESPACE, container.pod_namespace);
  add(GOTLS_CONTAINER_POD_UID, container.pod_uid);
  return Join(event, texts.data(), texts.size());
}

gotls_process_event MakeExit(std::uint32_t pid, std::uint64_t time) {
  gotls_process_event event{};
  event.header = {GOTLS_EVENT_EXIT, GOTLS_EVENT_VERSION, sizeof(event), pid, pid, time};
  return event;
}

std::vector<std::byte> MakeCounters(std::span<const std::uint64_t> values, std::uint64_t time) {
  gotls_counters_event event{};
  event.header = {GOTLS_EVENT_COUNTERS, GOTLS_EVENT_VERSION, 0, 0, 0, time};
  event.count = static_cast<gotls_u32>(values.size());
  return Join(event, values.data(), values.size_bytes());
}

}  // namespace gotls
