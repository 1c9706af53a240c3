// Parsers of messages: the first byte picks the parser, the second the split, the rest is the body.
// However it is split, the same messages must come out; with gaps in it, nothing must break.
#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "decode/message/message_parser.h"

namespace gotls {
namespace {

struct Kind {
  bool from_client;
  int status;
  std::string_view upgrade;
  std::string_view name;  // of a second header
  std::string_view value;
  std::string_view type;
};

constexpr Kind kKinds[] = {
    {true, 200, "", "grpc-encoding", "gzip", "application/grpc"},
    {false, 200, "", "grpc-encoding", "zstd", "application/grpc+proto"},
    {false, 200, "", "grpc-encoding", "deflate", "application/grpc-web"},
    {false, 200, "", "x", "", "application/grpc-web-text"},
    {false, 200, "", "connect-content-encoding", "br", "application/connect+json"},
    {false, 200, "", "x", "", "text/event-stream"},
    {false, 200, "", "content-encoding", "gzip", "text/event-stream"},
    {true, 101, "websocket", "x", "", ""},
    {false, 101, "websocket", "sec-websocket-extensions", "permessage-deflate", ""},
    {false, 101, "websocket", "sec-websocket-extensions",
     "permessage-deflate; server_no_context_takeover", ""},
};

void Require(bool holds) {
  if (!holds) std::abort();
}

class NoObserver final : public DecodeObserver {
 public:
  void OnExchange(Exchange&) override {}
  void OnMessage(Exchange&, Message&) override {}
  void OnOpaque(Direction, Bytes, const ByteOrigin&) override {}
  void OnOpaqueGap(Direction, std::uint64_t, const ByteOrigin&) override {}
};

// What does not depend on the split. A message with a problem may have got further or less far.
std::string Describe(const Message& message) {
  std::string text = fmt::format(
      "{} {} {} {} {} {} {}", message.number, static_cast<int>(message.kind), message.wire_bytes,
      message.missing, message.compressed, message.name, message.event_id);
  if (!message.problem.empty()) return text + " problem";
  return text + fmt::format("{} {} {} {} {}", message.complete, message.decoded_bytes,
                            message.truncated, message.fields, message.content);
}

std::vector<std::string> Parse(const Kind& kind, Bytes bytes, std::size_t piece, bool gaps) {
  Exchange exchange;
  exchange.status = kind.status;
  exchange.upgrade = kind.upgrade;
  exchange.path = "/a.B/C";
  auto& side = kind.from_client ? exchange.request : exchange.response;
  side.headers.push_back({"content-type", std::string(kind.type)});
  side.headers.push_back({std::string(kind.name), std::string(kind.value)});
  RecognizeApplication(exchange);
  DecodeOptions options;
  options.max_body = 1000;
  options.protobuf_fields = true;
  DecodeCounters counters;
  NoObserver observer;
  const Connection connection;
  std::uint64_t last_exchange = 0;
  const DecodeContext context{connection, options, observer, counters, last_exchange, {}};
  std::vector<std::string> lines;
  const auto parser = MakeMessageParser(exchange, kind.from_client, context, [&](Message& message) {
    Require(message.content.size() <= options.max_body);
    Require(message.missing == 0 || !message.complete);
    lines.push_back(Describe(message));
  });
  Require(parser != nullptr);
  while (!bytes.empty()) {
    const std::size_t size = std::min(piece, bytes.size());
    parser->Push(bytes.first(size), {});
    bytes = bytes.subspan(size);
    if (gaps && size % 3 == 0) parser->Gap(size, {});
  }
  parser->End();
  return lines;
}

}  // namespace
}  // namespace gotls

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gotls;
  if (size < 2) return 0;
  const Kind& kind = kKinds[data[0] % std::size(kKinds)];
  const std::size_t piece = 1U + data[1] % 64U;
  const Bytes bytes(reinterpret_cast<const std::byte*>(data) + 2, size - 2);
  Require(Parse(kind, bytes, bytes.size() + 1, false) == Parse(kind, bytes, piece, false));
  Parse(kind, bytes, piece, true);
  return 0;
}
