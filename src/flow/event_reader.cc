#include "flow/event_reader.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <string_view>

namespace gotls {
namespace {

constexpr std::uint32_t kMaxExeBytes = 4096;  // PATH_MAX

bool Overflows(std::uint64_t position, std::uint64_t length) {
  return length > std::numeric_limits<std::uint64_t>::max() - position;
}

// Names longer than their field were cut by the kernel half; the length may still be the whole one.
std::string Name(const char (&bytes)[GOTLS_NAME_BYTES], std::uint64_t length) {
  return {bytes, static_cast<std::size_t>(std::min<std::uint64_t>(length, GOTLS_NAME_BYTES))};
}

// Labels become the first word of a line of a key log.
bool IsLabel(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool IsIpv4Mapped(const std::uint8_t* ip) {
  return std::all_of(ip, ip + 10, [](std::uint8_t byte) { return byte == 0; }) && ip[10] == 0xff &&
         ip[11] == 0xff;
}

// Go keeps IPv4 addresses in either form, depending on the socket; they are the same address to a
// user.
Endpoint IpEndpoint(const gotls_address& address) {
  Endpoint endpoint;
  endpoint.port = address.port;
  if (address.ip_length == 4 || IsIpv4Mapped(address.ip)) {
    endpoint.family = AddressFamily::kIpv4;
    const std::uint8_t* first = address.ip_length == 4 ? address.ip : address.ip + 12;
    std::copy_n(first, 4, endpoint.ip.begin());
  } else {
    endpoint.family = AddressFamily::kIpv6;
    std::copy_n(address.ip, 16, endpoint.ip.begin());
  }
  return endpoint;
}

Endpoint ReadEndpoint(const gotls_address& address, const char (&path)[GOTLS_NAME_BYTES]) {
  if (address.kind == GOTLS_ADDRESS_IP && (address.ip_length == 4 || address.ip_length == 16)) {
    return IpEndpoint(address);
  }
  Endpoint endpoint;
  if (address.kind != GOTLS_ADDRESS_UNIX) return endpoint;
  endpoint.family = AddressFamily::kUnix;
  endpoint.path = Name(path, address.path_length);
  if (!endpoint.path.empty() && endpoint.path[0] == '\0') endpoint.path[0] = '@';
  return endpoint;
}

Role ReadRole(std::uint8_t is_client) {
  if (is_client == 0) return Role::kServer;
  return is_client == 1 ? Role::kClient : Role::kUnknown;
}

// Recordings of versions that knew no streams hold shorter events.
std::optional<gotls_conn_event> ReadConnFields(Bytes event) {
  constexpr std::size_t kWithoutStream = offsetof(gotls_conn_event, stream_id);
  const std::size_t size = std::min(event.size(), sizeof(gotls_conn_event));
  if (size != kWithoutStream && size != sizeof(gotls_conn_event)) return std::nullopt;
  gotls_conn_event fields{};
  fields.stream_id = GOTLS_NO_STREAM;
  std::memcpy(&fields, event.data(), size);
  return fields;
}

}  // namespace

CheckedHeader CheckHeader(Bytes raw) {
  CheckedHeader checked;
  const auto header = ReadAt<gotls_event_header>(raw, 0);
  if (!header || header->size < sizeof(gotls_event_header) || header->size > raw.size()) {
    checked.defect = HeaderDefect::kShort;
    return checked;
  }
  if (header->version != GOTLS_EVENT_VERSION) {
    checked.defect = HeaderDefect::kVersion;
    return checked;
  }
  checked.header = *header;
  checked.event = raw.first(header->size);
  return checked;
}

std::optional<DataEvent> ReadData(Bytes event) {
  const auto fields = ReadAt<gotls_data_event>(event, 0);
  if (!fields || fields->length == 0 || fields->length > GOTLS_CHUNK_BYTES) return std::nullopt;
  if (fields->direction > GOTLS_WRITE) return std::nullopt;
  if (Overflows(fields->position, fields->length)) return std::nullopt;
  const auto payload = SubBytes(event, sizeof(gotls_data_event), fields->length);
  if (!payload) return std::nullopt;
  return DataEvent{*fields, *payload};
}

std::optional<ConnEvent> ReadConn(Bytes event) {
  const auto fields = ReadConnFields(event);
  if (!fields) return std::nullopt;
  ConnEvent conn;
  conn.key = {fields->header.pid, fields->conn, fields->generation};
  Connection& connection = conn.connection;
  connection.process.pid = fields->header.pid;
  connection.tls_conn = fields->conn;
  connection.role = ReadRole(fields->is_client);
  connection.local = ReadEndpoint(fields->local, fields->local_path);
  connection.remote = ReadEndpoint(fields->remote, fields->remote_path);
  connection.fd = std::max(fields->fd, -1);
  connection.tls_version = fields->tls_version;
  connection.cipher_suite = fields->cipher_suite;
  connection.resumed = fields->resumed != 0;
  connection.nested = fields->nested != 0;
  connection.server_name = Name(fields->server_name, fields->server_name_length);
  connection.alpn = Name(fields->alpn, fields->alpn_length);
  connection.transport = Name(fields->transport_name, fields->transport_name_length);
  connection.goroutine = fields->goid;
  if (fields->kind == GOTLS_CONN_QUIC_STREAM) {
    connection.transport = "quic";
    if (fields->stream_id != GOTLS_NO_STREAM) connection.stream_id = fields->stream_id;
  }
  return conn;
}

std::optional<gotls_close_event> ReadClose(Bytes event) {
  const auto fields = ReadAt<gotls_close_event>(event, 0);
  if (!fields || fields->reason > GOTLS_CLOSE_DETACHED) return std::nullopt;
  return fields;
}

std::optional<gotls_not_sent_event> ReadNotSent(Bytes event) {
  const auto fields = ReadAt<gotls_not_sent_event>(event, 0);
  if (!fields || fields->length == 0 || Overflows(fields->position, fields->length)) {
    return std::nullopt;
  }
  return fields;
}

std::optional<gotls_secret_event> ReadSecret(Bytes event) {
  const auto fields = ReadAt<gotls_secret_event>(event, 0);
  if (!fields || fields->label_length > GOTLS_SECRET_LABEL_BYTES ||
      !IsLabel({fields->label, fields->label_length}) || fields->secret_length == 0 ||
      fields->secret_length > GOTLS_SECRET_BYTES) {
    return std::nullopt;
  }
  return fields;
}

std::optional<gotls_process_event> ReadProcess(Bytes event) {
  return ReadAt<gotls_process_event>(event, 0);
}

std::optional<ProcessInfo> ReadProcessInfo(Bytes event) {
  const auto fields = ReadAt<gotls_process_info_event>(event, 0);
  if (!fields || fields->exe_length > kMaxExeBytes) return std::nullopt;
  const auto exe = SubBytes(event, sizeof(gotls_process_info_event), fields->exe_length);
  if (!exe) return std::nullopt;
  return ProcessInfo{CommText(fields->comm), std::string(AsText(*exe))};
}

std::optional<ContainerInfo> ReadContainer(Bytes event) {
  const auto fields = ReadAt<gotls_container_event>(event, 0);
  if (!fields) return std::nullopt;
  ContainerInfo info;
  info.namespace_pid = fields->namespace_pid;
  // In the order of gotls_container_text.
  Container& container = info.container;
  std::string* const texts[GOTLS_CONTAINER_TEXTS] = {
      &container.id,  &container.runtime,       &container.name,
      &container.pod, &container.pod_namespace, &container.pod_uid};
  std::uint64_t at = sizeof(gotls_container_event);
  for (std::size_t i = 0; i < GOTLS_CONTAINER_TEXTS; i++) {
    if (fields->length[i] > GOTLS_NAME_BYTES) return std::nullopt;
    const auto text = SubBytes(event, at, fields->length[i]);
    if (!text) return std::nullopt;
    *texts[i] = AsText(*text);
    at += fields->length[i];
  }
  return info;
}

std::optional<std::vector<std::uint64_t>> ReadCounters(Bytes event) {
  const auto fields = ReadAt<gotls_counters_event>(event, 0);
  if (!fields) return std::nullopt;
  const auto values =
      SubBytes(event, sizeof(gotls_counters_event), std::uint64_t{8} * fields->count);
  if (!values) return std::nullopt;
  // More than we know come from a newer version, fewer from an older one.
  std::vector<std::uint64_t> counters(GOTLS_COUNTER_COUNT);
  const auto known = std::min<std::size_t>(fields->count, GOTLS_COUNTER_COUNT);
  for (std::size_t i = 0; i < known; ++i) counters[i] = *ReadAt<std::uint64_t>(*values, 8 * i);
  return counters;
}

std::string CommText(const char (&comm)[GOTLS_COMM_BYTES]) {
  return {comm, static_cast<std::size_t>(std::find(comm, comm + GOTLS_COMM_BYTES, '\0') - comm)};
}

}  // namespace gotls
