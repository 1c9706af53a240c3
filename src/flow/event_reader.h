// Raw ring events, checked and taken apart. What is malformed comes back as nothing, and the caller
// counts it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "bpf/event.h"
#include "gotls/records.h"

namespace gotls {

// Which connection of which process an event is about. Addresses are reused, so the generation
// belongs to the name.
struct ConnKey {
  std::uint32_t pid = 0;
  std::uint64_t conn = 0;
  std::uint64_t generation = 0;
  auto operator<=>(const ConnKey&) const = default;
};

enum class HeaderDefect { kNone, kShort, kVersion };

struct CheckedHeader {
  HeaderDefect defect = HeaderDefect::kNone;
  gotls_event_header header{};  // valid when there is no defect
  Bytes event;                  // exactly header.size bytes
};

CheckedHeader CheckHeader(Bytes raw);

struct DataEvent {
  gotls_data_event fields;  // position + length does not overflow; direction is 0 or 1
  Bytes payload;            // never empty
};

struct ConnEvent {
  ConnKey key;
  Connection connection;  // without id, process name and opening time
};

struct ProcessInfo {
  std::string comm;
  std::string exe;
};

struct ContainerInfo {
  std::uint32_t namespace_pid = 0;
  Container container;
};

// Each takes what CheckHeader returned, and answers nothing when the event is too short for its
// type or holds values that can't be.
std::optional<DataEvent> ReadData(Bytes event);
std::optional<ConnEvent> ReadConn(Bytes event);
std::optional<gotls_close_event> ReadClose(Bytes event);
std::optional<gotls_not_sent_event> ReadNotSent(Bytes event);
std::optional<gotls_secret_event> ReadSecret(
    Bytes event);  // lengths within fields; label: A-Z 0-9 _
std::optional<gotls_process_event> ReadProcess(Bytes event);
std::optional<ProcessInfo> ReadProcessInfo(Bytes event);
std::optional<ContainerInfo> ReadContainer(Bytes event);
std::optional<std::vector<std::uint64_t>> ReadCounters(Bytes event);

// A NUL-padded name of the kernel.
std::string CommText(const char (&comm)[GOTLS_COMM_BYTES]);

}  // namespace gotls
