// A session made by hand that shows everything a sink has to show: the events behind
// tests/recordings/exchange.rec.
#pragma once

#include <string>
#include <vector>

#include "flow/test_events.h"

namespace gotls::testing {

inline constexpr std::int64_t kExchangeWallOffset =
    1'772'366'671'000'000'000;  // 2026-03-01 12:04:31

// An HTTP/1.1 exchange of a client; the last of its Writes fails half-way.
inline void AddHttpClient(std::vector<EventBytes>& events) {
  const TestConn client;
  events.push_back(MakeProcessInfo({1 * kMs}, client.pid, "fetch", "/usr/local/bin/fetch"));
  events.push_back(client.Conn(508'112'000));
  events.push_back(client.Data(508'201'000, GOTLS_WRITE, 0,
                               "GET /hello HTTP/1.1\r\nHost: example.com\r\n"
                               "User-Agent: Go-http-client/1.1\r\n\r\n"));
  TestConn reader = client;
  reader.goid = 19;
  events.push_back(reader.Data(545'001'000, GOTLS_READ, 0,
                               "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n"
                               "Content-Type: text/plain\r\n\r\nHello, w\xc3\xb6rld"));
  events.push_back(client.Data(600'000'000, GOTLS_WRITE, 74, "POST / HTTP/1.1\r\n\r\nnever read"));
  events.push_back(client.NotSent(601'000'000, 93, 10));
  events.push_back(client.Close(700'000'000, 78, 103));
}

// A server on an IPv6 socket, with losses and payload that is no text or means harm.
inline void AddLossyServer(std::vector<EventBytes>& events) {
  TestConn server;
  server.pid = 801;
  server.tid = 807;
  server.conn = 0xc000456000;
  server.goid = 0;
  events.push_back(MakeProcessInfo({2 * kMs}, server.pid, "web\x1b[31m", "/srv/web"));
  gotls_conn_event conn = server.ConnFields(520 * kMs);
  conn.is_client = 0;
  conn.resumed = 1;
  conn.tls_version = 0x0303;
  conn.cipher_suite = 0xc02f;
  conn.local = Ipv6({0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 443);
  conn.remote = Ipv6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7}, 40000);
  TestConn::SetName(conn.alpn, conn.alpn_length, "h2");
  events.push_back(PackEvent(conn));
  std::string binary;
  for (int i = 0; i < 100; ++i) binary += static_cast<char>(i * 37);
  events.push_back(server.Data(521 * kMs, GOTLS_READ, 0, binary));
  events.push_back(server.Data(522 * kMs, GOTLS_WRITE, 40000,
                               "\x1b]0;owned\x07 and \xe2\x80\xae"
                               "desrever, a \"quote\", a \\,\n"
                               "then a line of plain text so that all of it counts as text\n"
                               "\n\ttab\n",
                               GOTLS_LOSS_RING_FULL | GOTLS_LOSS_CAPPED));
  events.push_back(server.Close(530 * kMs, 101, 40110, GOTLS_CLOSE_REUSED, GOTLS_LOSS_UNREADABLE));
}

// Transports without an address of the usual kind, and ends of every kind.
inline void AddOddTransports(std::vector<EventBytes>& events) {
  TestConn odd;
  odd.pid = 802;
  odd.conn = 0xc000789000;
  gotls_conn_event unix_socket = odd.ConnFields(540 * kMs);
  unix_socket.local = {};
  unix_socket.local.kind = GOTLS_ADDRESS_UNIX;
  unix_socket.remote = unix_socket.local;
  TestConn::SetName(unix_socket.remote_path, unix_socket.remote.path_length, "/run/api.sock");
  events.push_back(PackEvent(unix_socket));
  events.push_back(odd.Data(541 * kMs, GOTLS_WRITE, 0, "\xff"));
  events.push_back(MakeProcessEvent(GOTLS_EVENT_EXIT, 550 * kMs, odd.pid, 1, "x"));
  TestConn pipe;
  pipe.pid = 803;
  gotls_conn_event piped = pipe.ConnFields(560 * kMs);
  piped.local = piped.remote = {};
  piped.fd = -1;
  piped.is_client = 0xff;
  piped.nested = 1;
  piped.server_name_length = piped.alpn_length = 0;
  TestConn::SetName(piped.transport_name, piped.transport_name_length, "*net.pipe");
  events.push_back(PackEvent(piped));
  TestConn unknown;
  unknown.pid = 804;
  unknown.goid = 0;
  events.push_back(unknown.Data(570 * kMs, GOTLS_READ, 0, "{\"announced\": false}\n"));
}

inline std::vector<EventBytes> ExchangeEvents() {
  std::vector<EventBytes> events;
  AddHttpClient(events);
  AddLossyServer(events);
  AddOddTransports(events);
  std::stable_sort(events.begin(), events.end(), [](const EventBytes& a, const EventBytes& b) {
    return ReadAt<gotls_event_header>(a, 0)->time < ReadAt<gotls_event_header>(b, 0)->time;
  });
  events.push_back(MakeTick({900 * kMs}));
  std::vector<std::uint64_t> counters(GOTLS_COUNTER_COUNT);
  counters[GOTLS_COUNTER_hits] = 9;
  events.push_back(MakeCounters({901 * kMs}, counters));
  return events;
}

}  // namespace gotls::testing
