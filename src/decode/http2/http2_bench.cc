// How fast HTTP/2 is decoded on one core.
#include <benchmark/benchmark.h>
#include <nghttp2/nghttp2.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "decode/http2/frame.h"
#include "decode/http2/http2_decoder.h"

namespace gotls {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string Big32(std::uint32_t value) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift & 0xff);
  return text;
}

std::string Frame(FrameType type, std::uint8_t flags, std::uint32_t stream,
                  std::string_view payload) {
  std::string frame = Big32(static_cast<std::uint32_t>(payload.size())).substr(1);
  frame += static_cast<char>(type);
  frame += static_cast<char>(flags);
  return frame + Big32(stream) + std::string(payload);
}

// Header blocks of one peer.
class Encoder {
 public:
  Encoder() { nghttp2_hd_deflate_new(&deflater_, 4096); }
  ~Encoder() { nghttp2_hd_deflate_del(deflater_); }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  std::string Block(const Fields& fields) {
    std::vector<nghttp2_nv> pairs;
    for (const auto& [name, value] : fields) {
      pairs.push_back({Data(name), Data(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    std::string block(nghttp2_hd_deflate_bound(deflater_, pairs.data(), pairs.size()), '\0');
    const auto size =
        nghttp2_hd_deflate_hd(deflater_, Data(block), block.size(), pairs.data(), pairs.size());
    block.resize(static_cast<std::size_t>(size));
    return block;
  }

 private:
  static std::uint8_t* Data(const std::string& text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  }

  nghttp2_hd_deflater* deflater_ = nullptr;
};

class Nobody final : public DecodeObserver {
 public:
  void OnExchange(Exchange&) override { ++exchanges; }
  void OnMessage(Exchange&, Message&) override {}
  void OnOpaque(Direction, Bytes, const ByteOrigin&) override {}
  void OnOpaqueGap(Direction, std::uint64_t, const ByteOrigin&) override {}

  std::uint64_t exchanges = 0;
};

struct Setup {
  Connection connection;
  DecodeOptions options;
  DecodeCounters counters;
  std::uint64_t last_exchange = 0;
  Nobody nobody;
  std::unique_ptr<Decoder> decoder = MakeHttp2Decoder({.connection = connection,
                                                       .options = options,
                                                       .observer = nobody,
                                                       .counters = counters,
                                                       .last_exchange = last_exchange},
                                                      false);

  Setup() { decoder->OnData(Direction::kWrite, AsBytes(kHttp2Preface), {}); }
};

const Fields kRequest = {{":method", "GET"},
                         {":scheme", "https"},
                         {":authority", "example.com"},
                         {":path", "/api/items"},
                         {"user-agent", "Go-http-client/2.0"},
                         {"accept-encoding", "gzip"}};
const Fields kResponse = {{":status", "200"},
                          {"content-type", "application/json"},
                          {"content-length", "2"},
                          {"date", "Mon, 01 Jan 2024 00:00:00 GMT"}};

void Body(benchmark::State& state) {
  Setup setup;
  Encoder client;
  Encoder server;
  setup.decoder->OnData(Direction::kWrite,
                        AsBytes(Frame(FrameType::kHeaders, kFlagEndHeaders | kFlagEndStream, 1,
                                      client.Block(kRequest))),
                        {});
  setup.decoder->OnData(
      Direction::kRead,
      AsBytes(Frame(FrameType::kHeaders, kFlagEndHeaders, 1, server.Block(kResponse))), {});
  const std::string frame = Frame(FrameType::kData, 0, 1, std::string(16384, 'x'));
  const auto run = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    for (std::size_t at = 0; at < frame.size(); at += run) {
      setup.decoder->OnData(Direction::kRead, AsBytes(std::string_view(frame).substr(at, run)), {});
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * 16384));
}
BENCHMARK(Body)->Arg(1 << 20)->Arg(4096)->Arg(1024);

// A GET and its answer of two bytes, each in one run.
void SmallExchanges(benchmark::State& state) {
  Setup setup;
  Encoder client;
  Encoder server;
  client.Block(kRequest);
  server.Block(kResponse);
  // The first blocks fill the tables; then the same ones come again and again.
  Encoder first_client;
  Encoder first_server;
  const auto heads = [](std::uint8_t flags, const std::string& block) {
    return Frame(FrameType::kHeaders, flags, 1, block);
  };
  constexpr std::uint8_t kBoth = kFlagEndHeaders | kFlagEndStream;
  const std::string body = Frame(FrameType::kData, kFlagEndStream, 1, "{}");
  const auto pass = [&](Direction direction, const std::string& frames) {
    setup.decoder->OnData(direction, AsBytes(frames), {});
  };
  pass(Direction::kWrite, heads(kBoth, first_client.Block(kRequest)));
  pass(Direction::kRead, heads(kFlagEndHeaders, first_server.Block(kResponse)) + body);
  std::string request = heads(kBoth, client.Block(kRequest));
  std::string response = heads(kFlagEndHeaders, server.Block(kResponse)) + body;
  const std::size_t second = response.size() - body.size();
  std::uint32_t id = 1;
  for (auto _ : state) {
    id += 2;
    const std::string text = Big32(id);
    text.copy(request.data() + 5, 4);
    text.copy(response.data() + 5, 4);
    text.copy(response.data() + second + 5, 4);
    pass(Direction::kWrite, request);
    pass(Direction::kRead, response);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(setup.nobody.exchanges));
}
BENCHMARK(SmallExchanges);

// A joined connection on which no frame is found.
void Search(benchmark::State& state) {
  Connection connection;
  DecodeOptions options;
  DecodeCounters counters;
  std::uint64_t last_exchange = 0;
  Nobody nobody;
  const auto decoder = MakeHttp2Decoder({.connection = connection,
                                         .options = options,
                                         .observer = nobody,
                                         .counters = counters,
                                         .last_exchange = last_exchange},
                                        true);
  std::string noise;
  std::mt19937 random(1);
  for (int i = 0; i < 16384; ++i) noise += static_cast<char>(random() % 12);
  for (auto _ : state) decoder->OnData(Direction::kRead, AsBytes(noise), {});
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * 16384));
}
BENCHMARK(Search);

}  // namespace
}  // namespace gotls
