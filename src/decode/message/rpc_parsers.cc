#include <optional>

#include "decode/message/envelope_parser.h"
#include "decode/message/headers.h"
#include "decode/message/rpc_text.h"

namespace gotls {
namespace {

class GrpcParser final : public EnvelopeParser {
 public:
  using EnvelopeParser::EnvelopeParser;

 private:
  void OnEnd(std::string_view) override {}  // gRPC has no such envelope
};

class GrpcWebParser final : public EnvelopeParser {
 public:
  using EnvelopeParser::EnvelopeParser;

 private:
  // Lines as HTTP/1 has them.
  void OnEnd(std::string_view lines) override {
    while (!lines.empty()) {
      const auto end = lines.find('\n');
      std::string_view line = lines.substr(0, end);
      lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
      if (line.ends_with('\r')) line.remove_suffix(1);
      const auto colon = line.find(':');
      if (colon == std::string_view::npos) continue;
      exchange().response.trailers.push_back({std::string(TrimBlanks(line.substr(0, colon))),
                                              std::string(TrimBlanks(line.substr(colon + 1)))});
    }
    RecognizeApplication(exchange());
  }
};

class ConnectParser final : public EnvelopeParser {
 public:
  using EnvelopeParser::EnvelopeParser;

 private:
  void OnEnd(std::string_view json) override {
    auto end = ParseConnectEndOfStream(json);
    if (!end || !exchange().rpc) return;
    exchange().rpc->status = end->status;
    exchange().rpc->status_message = std::move(end->message);
    for (HeaderField& field : end->metadata) {
      exchange().response.trailers.push_back(std::move(field));
    }
  }
};

}  // namespace

std::unique_ptr<MessageParser> MakeGrpcParser(EnvelopeFormat format, MessageOutput output) {
  format.flags = 0x01;
  return std::make_unique<GrpcParser>(std::move(format), std::move(output));
}

std::unique_ptr<MessageParser> MakeGrpcWebParser(EnvelopeFormat format, MessageOutput output) {
  format.flags = 0x81;
  format.end_flag = 0x80;
  return std::make_unique<GrpcWebParser>(std::move(format), std::move(output));
}

std::unique_ptr<MessageParser> MakeConnectParser(EnvelopeFormat format, MessageOutput output) {
  format.flags = 0x03;
  format.end_flag = 0x02;
  return std::make_unique<ConnectParser>(std::move(format), std::move(output));
}

}  // namespace gotls
