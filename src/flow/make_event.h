// Events that the user half adds to those of the kernel, so that a recording replays without the
// host it was made on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "bpf/event.h"
#include "gotls/records.h"

namespace gotls {

using EventBytes = std::vector<std::byte>;

// Header of an event of `size` bytes.
gotls_event_header MakeHeader(gotls_event_type type, std::size_t size, KernelTime time,
                              std::uint32_t pid = 0, std::uint32_t tid = 0);

// `fields` (a struct of bpf/event.h that begins with its header), then `tail`; sets header.size.
template <typename T>
EventBytes PackEvent(T fields, Bytes tail = {}) {
  fields.header.size = static_cast<gotls_u32>(sizeof(T) + tail.size());
  const Bytes head = std::as_bytes(std::span(&fields, 1));
  EventBytes bytes(head.begin(), head.end());
  bytes.insert(bytes.end(), tail.begin(), tail.end());
  return bytes;
}

EventBytes MakeTick(KernelTime time);

// `exe` longer than 4096 bytes is cut.
EventBytes MakeProcessInfo(KernelTime time, std::uint32_t pid, std::string_view comm,
                           std::string_view exe);

// `counters` in the order of gotls_counter.
EventBytes MakeCounters(KernelTime time, std::span<const std::uint64_t> counters);

// The end of a connection as the connection table shows it, when the kernel half could not tell
// (the process went, the ring was full, tracing ends).
EventBytes MakeClose(KernelTime time, std::uint32_t pid, std::uint64_t conn,
                     const gotls_conn_state& state, gotls_close_reason reason);

}  // namespace gotls
