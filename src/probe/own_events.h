// Events of the user half's own making, so that the stream stands alone (see bpf/event.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "bpf/event.h"
#include "gotls/records.h"

namespace gotls {

// What the process of `cause` is: GOTLS_EVENT_PROCESS. `exe` may be empty, `comm` is cut.
std::vector<std::byte> MakeProcessInfo(const gotls_event_header& cause, std::string_view comm,
                                       std::string_view exe);

// Where the process of `cause` lives: GOTLS_EVENT_CONTAINER. Long texts are cut.
std::vector<std::byte> MakeContainer(const gotls_event_header& cause, std::uint32_t namespace_pid,
                                     const Container& container);

// The end of a process that the kernel half told nothing of.
gotls_process_event MakeExit(std::uint32_t pid, std::uint64_t time);

// GOTLS_EVENT_COUNTERS.
std::vector<std::byte> MakeCounters(std::span<const std::uint64_t> values, std::uint64_t time);

}  // namespace gotls
