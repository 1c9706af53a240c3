// How fast outputs are written: small exchanges a second, bytes of a packet capture a second.
#include <benchmark/benchmark.h>

#include <chrono>
#include <string>

#include "sink/fan_out.h"

namespace gotls {
namespace {

Connection MakeConnection() {
  Connection connection;
  connection.id = {1};
  connection.process = {4711, "shop", "/srv/shop"};
  connection.role = Role::kServer;
  connection.local = {AddressFamily::kIpv4, {10, 0, 0, 5}, 443, {}};
  connection.remote = {AddressFamily::kIpv4, {192, 0, 2, 7}, 51234, {}};
  connection.tls_version = 0x0304;
  connection.server_name = "shop.example.com";
  connection.opened = WallTime{std::chrono::seconds(1'772'366'671)};
  return connection;
}

// What Go's client and server say to each other.
Exchange MakeExchange() {
  Exchange exchange;
  exchange.version = HttpVersion::kHttp11;
  exchange.state = ExchangeState::kComplete;
  exchange.method = "GET";
  exchange.scheme = "https";
  exchange.host = "shop.example.com";
  exchange.path = "/api/v1/items/4711?fields=name,price";
  exchange.status = 200;
  exchange.reason = "OK";
  exchange.request.seen = exchange.response.seen = true;
  exchange.request.headers = {{"Host", "shop.example.com"},
                              {"User-Agent", "Go-http-client/1.1"},
                              {"Accept-Encoding", "gzip"}};
  exchange.response.headers = {{"Content-Type", "application/json"},
                               {"Date", "Sun, 01 Mar 2026 12:04:31 GMT"},
                               {"Content-Length", "27"}};
  Body& body = exchange.response.body;
  body.content = R"({"name":"tea","price":4.50})";
  body.wire_bytes = body.decoded_bytes = body.content.size();
  body.complete = exchange.request.body.complete = true;
  return exchange;
}

void Exchanges(benchmark::State& state, const char* format, const char* options, int detail) {
  OutputContext context;
  context.detail = detail;
  OutputSpec spec{format, "/dev/null"};
  if (*options != '\0') spec.options = {{"what", options}};
  auto output = OpenOutput(spec, context);
  if (!output) return state.SkipWithError("no output");
  FanOut fan_out([&state](const std::string&, const Error&) { state.SkipWithError("failed"); });
  fan_out.Add(std::move(*output));
  const Connection connection = MakeConnection();
  fan_out.OnOpen(connection);
  Exchange exchange = MakeExchange();
  WallTime time = connection.opened;
  for (auto _ : state) {
    ++exchange.id.value;
    ++exchange.stream;
    time += std::chrono::microseconds(300);
    exchange.request.first = exchange.request.last = time;
    exchange.response.first = exchange.response.last = time + std::chrono::microseconds(200);
    fan_out.OnExchange(connection, exchange);
  }
  fan_out.Finish({});
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(Exchanges, text, "text", "", 0);
BENCHMARK_CAPTURE(Exchanges, text_headers, "text", "", 1);
BENCHMARK_CAPTURE(Exchanges, text_bodies, "text", "", 2);
BENCHMARK_CAPTURE(Exchanges, json, "json", "exchanges", 0);
BENCHMARK_CAPTURE(Exchanges, har, "har", "", 0);

// Chunks of range(0) bytes, as they pass.
void Chunks(benchmark::State& state, const char* format) {
  auto output = OpenOutput({format, "/dev/null"}, {});
  if (!output) return state.SkipWithError("no output");
  FanOut fan_out([&state](const std::string&, const Error&) { state.SkipWithError("failed"); });
  fan_out.Add(std::move(*output));
  const Connection connection = MakeConnection();
  fan_out.OnOpen(connection);
  std::string bytes(static_cast<std::size_t>(state.range(0)), 'x');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>('a' + i * 7 % 26);
  Chunk chunk{Direction::kWrite, {0}, AsBytes(bytes), 1, 2, connection.opened};
  for (auto _ : state) {
    fan_out.OnChunk(connection, chunk);
    chunk.position.value += bytes.size();
    chunk.time += std::chrono::microseconds(100);
  }
  fan_out.OnClose(connection, {});
  fan_out.Finish({});
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK_CAPTURE(Chunks, pcapng, "pcapng")->Arg(100)->Arg(16 << 10);
BENCHMARK_CAPTURE(Chunks, json, "json")->Arg(100)->Arg(16 << 10);
BENCHMARK_CAPTURE(Chunks, hex, "hex")->Arg(16 << 10);

}  // namespace
}  // namespace gotls
