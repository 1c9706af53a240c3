// How fast HTTP/1 is decoded: small exchanges a second, bytes of bodies a second.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "decode/http1/http1_decoder.h"

namespace gotls {
namespace {

constexpr std::size_t kRun = 16 << 10;  // as chunks come from the kernel

class NullObserver final : public DecodeObserver {
 public:
  void OnExchange(Exchange& exchange) override { benchmark::DoNotOptimize(&exchange); }
  void OnMessage(Exchange&, Message& message) override { benchmark::DoNotOptimize(&message); }
  void OnOpaque(Direction, Bytes, const ByteOrigin&) override {}
  void OnOpaqueGap(Direction, std::uint64_t, const ByteOrigin&) override {}
};

// A connection that feeds a decoder.
class Feeder {
 public:
  void Request(std::string_view bytes) { Feed(Direction::kWrite, bytes); }
  void Response(std::string_view bytes) { Feed(Direction::kRead, bytes); }
  [[nodiscard]] const DecodeCounters& counters() const { return counters_; }

 private:
  void Feed(Direction direction, std::string_view bytes) {
    decoder_->OnData(direction, AsBytes(bytes), {{position_}, {}, 1});
    position_ += bytes.size();
  }

  Connection connection_;
  DecodeOptions options_;
  NullObserver observer_;
  DecodeCounters counters_;
  std::uint64_t exchanges_ = 0;
  std::uint64_t position_ = 0;
  std::unique_ptr<Decoder> decoder_ = MakeHttp1Decoder(
      {connection_, options_, observer_, counters_, exchanges_, Direction::kWrite}, false);
};

void CheckNothingLost(benchmark::State& state, const Feeder& feeder) {
  if (feeder.counters().decode_malformed + feeder.counters().decode_skipped_bytes > 0) {
    state.SkipWithError("bytes were lost");
  }
}

// What Go's client and server say to each other.
constexpr std::string_view kGoRequest =
    "GET /api/v1/items/4711?fields=name,price HTTP/1.1\r\nHost: shop.example.com\r\n"
    "User-Agent: Go-http-client/1.1\r\nAccept-Encoding: gzip\r\n\r\n";
constexpr std::string_view kGoResponse =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    "Date: Sun, 01 Mar 2026 12:04:31 GMT\r\nContent-Length: 27\r\n\r\n"
    "{\"name\":\"tea\",\"price\":4.50}";

void SmallExchanges(benchmark::State& state) {
  Feeder feeder;
  for (auto _ : state) {
    feeder.Request(kGoRequest);
    feeder.Response(kGoResponse);
  }
  state.SetItemsProcessed(state.iterations());
  CheckNothingLost(state, feeder);
}
BENCHMARK(SmallExchanges);

// A browser's, through a proxy.
void ManyFields(benchmark::State& state) {
  const std::string request =
      "GET /static/app.js HTTP/1.1\r\nHost: www.example.com\r\nConnection: keep-alive\r\n"
      "sec-ch-ua: \"Chromium\";v=\"140\", \"Not=A?Brand\";v=\"24\"\r\nsec-ch-ua-mobile: ?0\r\n"
      "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)\r\n"
      "Accept: */*\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: no-cors\r\n"
      "Sec-Fetch-Dest: script\r\nReferer: https://www.example.com/index.html\r\n"
      "Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-US,en;q=0.9\r\n"
      "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark\r\n\r\n";
  const std::string response =
      "HTTP/1.1 304 Not Modified\r\nServer: nginx\r\nDate: Sun, 01 Mar 2026 12:04:31 GMT\r\n"
      "Connection: keep-alive\r\nETag: \"65e1c1f0-1a2b\"\r\nCache-Control: max-age=3600\r\n"
      "Vary: Accept-Encoding\r\nX-Request-Id: 7d0c5e7e-3f5b-4c55-9f0a-1d2c3b4a5e6f\r\n\r\n";
  Feeder feeder;
  for (auto _ : state) {
    feeder.Request(request);
    feeder.Response(response);
  }
  state.SetItemsProcessed(state.iterations());
  CheckNothingLost(state, feeder);
}
BENCHMARK(ManyFields);

// Go's server reads the first byte of a request by itself.
void SplitHeads(benchmark::State& state) {
  Feeder feeder;
  for (auto _ : state) {
    feeder.Request(kGoRequest.substr(0, 1));
    feeder.Request(kGoRequest.substr(1));
    feeder.Response(kGoResponse);
  }
  state.SetItemsProcessed(state.iterations());
  CheckNothingLost(state, feeder);
}
BENCHMARK(SplitHeads);

void KnownLengthBody(benchmark::State& state) {
  const std::string run(kRun, 'x');
  constexpr int kRuns = 1024;
  Feeder feeder;
  for (auto _ : state) {
    feeder.Request("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    feeder.Response("HTTP/1.1 200 OK\r\nContent-Length: 16777216\r\n\r\n");
    for (int i = 0; i < kRuns; ++i) feeder.Response(run);
  }
  state.SetBytesProcessed(state.iterations() * kRuns * static_cast<std::int64_t>(kRun));
  CheckNothingLost(state, feeder);
}
BENCHMARK(KnownLengthBody);

// Chunks of range(0) bytes, several in a run or several runs a chunk.
void ChunkedBody(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  std::string chunks;
  while (chunks.size() < 16 * kRun) {
    char line[24];
    std::snprintf(line, sizeof(line), "%zx\r\n", size);
    chunks += line + std::string(size, 'x') + "\r\n";
  }
  Feeder feeder;
  for (auto _ : state) {
    feeder.Request("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    feeder.Response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (std::size_t at = 0; at < chunks.size(); at += kRun) {
      feeder.Response(std::string_view(chunks).substr(at, kRun));
    }
    feeder.Response("0\r\n\r\n");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(chunks.size()));
  CheckNothingLost(state, feeder);
}
BENCHMARK(ChunkedBody)->Arg(512)->Arg(4096)->Arg(32768);

}  // namespace
}  // namespace gotls
