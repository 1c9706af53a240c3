// A connection and an exchange for tests: a POST that was answered with 404 after 50 ms.
#pragma once

#include <chrono>

#include "gotls/exchange.h"
#include "gotls/records.h"

namespace gotls::testing {

inline WallTime At(int ms) { return WallTime(std::chrono::milliseconds(1'000'000 + ms)); }

inline Connection MakeConnection() {
  Connection connection;
  connection.process = {4711, "api", "/srv/api/bin/api"};
  connection.process.container = {"0123abcd", "containerd", "app", "web-7f9", "shop", {}};
  connection.role = Role::kClient;
  connection.local = {AddressFamily::kIpv4, {10, 0, 0, 5}, 51234, {}};
  connection.remote = {AddressFamily::kIpv4, {93, 184, 216, 34}, 8443, {}};
  connection.server_name = "Example.com";
  connection.alpn = "h2";
  return connection;
}

inline Exchange MakeExchange() {
  Exchange exchange;
  exchange.version = HttpVersion::kHttp2;
  exchange.state = ExchangeState::kComplete;
  exchange.method = "POST";
  exchange.scheme = "https";
  exchange.host = "API.example.com:8443";
  exchange.path = "/v1/users?page=2";
  exchange.status = 404;
  exchange.request.seen = true;
  exchange.request.headers = {{"X-Id", "a1"}, {"x-id", "b2"}};
  exchange.request.first = At(0);
  exchange.request.last = At(1);
  exchange.request.body.wire_bytes = 1000;
  exchange.request.body.missing = 24;
  exchange.request.body.complete = true;
  exchange.response.seen = true;
  exchange.response.headers = {{"content-type", "application/json"}};
  exchange.response.first = At(40);
  exchange.response.last = At(50);
  exchange.response.body.wire_bytes = 2048;
  exchange.response.body.complete = true;
  return exchange;
}

}  // namespace gotls::testing
