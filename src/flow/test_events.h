// Hand-made events for tests: what the kernel half would have submitted.
#pragma once

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>

#include "flow/make_event.h"

namespace gotls::testing {

inline constexpr std::uint64_t kMs = 1'000'000;

inline gotls_address Ipv4(std::initializer_list<int> ip, std::uint16_t port) {
  gotls_address address{};
  address.kind = GOTLS_ADDRESS_IP;
  address.ip_length = 4;
  std::copy(ip.begin(), ip.end(), address.ip);
  address.port = port;
  return address;
}

inline gotls_address Ipv6(std::initializer_list<int> ip, std::uint16_t port) {
  gotls_address address = Ipv4(ip, port);
  address.ip_length = 16;
  return address;
}

// A tls.Conn of the test's making; its methods are the events about it.
struct TestConn {
  std::uint32_t pid = 4711;
  std::uint64_t conn = 0xc000123000;
  std::uint64_t generation = 1;
  std::uint64_t goid = 18;
  std::uint32_t tid = 4715;

  [[nodiscard]] gotls_conn_event ConnFields(std::uint64_t time) const {
    gotls_conn_event event{};
    event.header = MakeHeader(GOTLS_EVENT_CONN, sizeof(event), {time}, pid, tid);
    event.conn = conn;
    event.generation = generation;
    event.goid = goid;
    event.fd = 7;
    event.tls_version = 0x0304;
    event.cipher_suite = 0x1301;
    event.is_client = 1;
    event.local = Ipv4({10, 0, 0, 5}, 51234);
    event.remote = Ipv4({93, 184, 216, 34}, 443);
    SetName(event.server_name, event.server_name_length, "example.com");
    SetName(event.alpn, event.alpn_length, "http/1.1");
    return event;
  }

  [[nodiscard]] EventBytes Conn(std::uint64_t time) const { return PackEvent(ConnFields(time)); }

  [[nodiscard]] EventBytes Data(std::uint64_t time, gotls_direction direction,
                                std::uint64_t position, std::string_view payload,
                                std::uint8_t loss = 0, std::uint8_t flags = 0) const {
    gotls_data_event event{};
    event.header = MakeHeader(GOTLS_EVENT_DATA, sizeof(event), {time}, pid, tid);
    event.conn = conn;
    event.generation = generation;
    event.goid = goid;
    event.position = position;
    event.op_position = position;
    event.op_length = payload.size();
    event.length = static_cast<gotls_u32>(payload.size());
    event.direction = static_cast<gotls_u8>(direction);
    event.flags = flags;
    event.loss = loss;
    return PackEvent(event, AsBytes(payload));
  }

  [[nodiscard]] EventBytes Unordered(std::uint64_t time, gotls_direction direction,
                                     std::uint64_t position, std::string_view payload,
                                     std::uint8_t loss = 0) const {
    return Data(time, direction, position, payload, loss, GOTLS_DATA_UNORDERED);
  }

  [[nodiscard]] EventBytes Close(std::uint64_t time, std::uint64_t read, std::uint64_t write,
                                 gotls_close_reason reason = GOTLS_CLOSE_CALLED,
                                 std::uint8_t read_loss = 0, std::uint8_t write_loss = 0) const {
    gotls_conn_state state{};
    state.generation = generation;
    state.position[0] = read;
    state.position[1] = write;
    state.loss[0] = read_loss;
    state.loss[1] = write_loss;
    return MakeClose({time}, pid, conn, state, reason);
  }

  [[nodiscard]] EventBytes NotSent(std::uint64_t time, std::uint64_t position,
                                   std::uint64_t length) const {
    gotls_not_sent_event event{};
    event.header = MakeHeader(GOTLS_EVENT_NOT_SENT, sizeof(event), {time}, pid, tid);
    event.conn = conn;
    event.generation = generation;
    event.position = position;
    event.length = length;
    return PackEvent(event);
  }

  template <typename Length>
  static void SetName(char (&field)[GOTLS_NAME_BYTES], Length& length, std::string_view name) {
    length = static_cast<Length>(name.size());
    std::memcpy(field, name.data(), std::min(name.size(), sizeof(field)));
  }
};

inline EventBytes MakeProcessEvent(gotls_event_type type, std::uint64_t time, std::uint32_t pid,
                                   std::uint32_t parent, std::string_view comm) {
  gotls_process_event event{};
  event.header = MakeHeader(type, sizeof(event), {time}, pid, pid);
  event.parent = parent;
  std::memcpy(event.comm, comm.data(), std::min(comm.size(), sizeof(event.comm)));
  return PackEvent(event);
}

// The container's id and name are `id` and `name`.
inline EventBytes MakeContainerEvent(std::uint64_t time, std::uint32_t pid,
                                     std::uint32_t namespace_pid, std::string_view id,
                                     std::string_view name) {
  gotls_container_event event{};
  event.header = MakeHeader(GOTLS_EVENT_CONTAINER, sizeof(event), {time}, pid, pid);
  event.namespace_pid = namespace_pid;
  event.length[GOTLS_CONTAINER_ID] = static_cast<gotls_u16>(id.size());
  event.length[GOTLS_CONTAINER_NAME] = static_cast<gotls_u16>(name.size());
  std::string texts(id);
  texts += name;
  return PackEvent(event, AsBytes(texts));
}

}  // namespace gotls::testing
