#include "decode/message/message_parser.h"

#include <utility>

#include "decode/body/coding_chain.h"
#include "decode/body/media_type.h"
#include "decode/message/base64_decoder.h"
#include "decode/message/decoding_parser.h"
#include "decode/message/envelope_parser.h"
#include "decode/message/event_stream_parser.h"
#include "decode/message/headers.h"
#include "decode/message/websocket_parser.h"

namespace gotls {
namespace {

constexpr std::uint64_t kMaxBetweenCodings = 64 << 20;

const std::vector<HeaderField>& HeadersOf(const Exchange& exchange, bool from_client) {
  return from_client ? exchange.request.headers : exchange.response.headers;
}

// Of this side, or of the other one when this side does not say.
std::string TypeOf(const Exchange& exchange, bool from_client) {
  std::string_view header = HeaderValue(HeadersOf(exchange, from_client), "content-type");
  if (header.empty()) header = HeaderValue(HeadersOf(exchange, !from_client), "content-type");
  return ParseMediaType(header).type;
}

EnvelopeFormat FormatOf(const Exchange& exchange, bool from_client, std::string_view coding_field) {
  EnvelopeFormat format;
  const auto& headers = HeadersOf(exchange, from_client);
  if (const HeaderField* field = FindHeader(headers, coding_field)) {
    format.coding = TrimBlanks(field->value);
    format.coding_known = field->value_known;
    if (EqualsIgnoreCase(format.coding, "identity")) format.coding.clear();
  } else {
    // A field whose very name is not known may have been it.
    for (const HeaderField& header : headers) format.coding_known &= header.name_known;
  }
  const std::string type = TypeOf(exchange, from_client);
  format.protobuf = type.ends_with("+proto") || !type.contains('+');
  return format;
}

std::unique_ptr<MessageParser> MakeEnvelopeParser(const MessageOutput& output) {
  const Exchange& exchange = output.exchange();
  const std::string type = TypeOf(exchange, output.from_client());
  switch (exchange.application) {
    case Application::kGrpc:
      if (!type.starts_with("application/grpc")) return nullptr;
      return MakeGrpcParser(FormatOf(exchange, output.from_client(), "grpc-encoding"), output);
    case Application::kGrpcWeb: {
      if (!type.starts_with("application/grpc-web")) return nullptr;
      auto parser =
          MakeGrpcWebParser(FormatOf(exchange, output.from_client(), "grpc-encoding"), output);
      if (!type.starts_with("application/grpc-web-text")) return parser;
      return MakeDecodingParser("base64", MakeBase64Decoder(), MessageKind::kRpc, output,
                                std::move(parser));
    }
    default:
      if (!type.starts_with("application/connect+")) return nullptr;
      return MakeConnectParser(FormatOf(exchange, output.from_client(), "connect-content-encoding"),
                               output);
  }
}

// Undoes the Content-Encoding of the whole body, if there is one.
std::unique_ptr<MessageParser> Decoded(std::unique_ptr<MessageParser> parser, MessageKind kind,
                                       const MessageOutput& output) {
  if (!parser) return nullptr;
  const auto& headers = HeadersOf(output.exchange(), output.from_client());
  auto chain = MakeCodingChain(HeaderValue(headers, "content-encoding"), kMaxBetweenCodings);
  if (!chain) return nullptr;  // the body as a whole says why
  if (!*chain) return parser;
  return MakeDecodingParser("", std::move(*chain), kind, output, std::move(parser));
}

}  // namespace

std::unique_ptr<MessageParser> MakeMessageParser(Exchange& exchange, bool from_client,
                                                 const DecodeContext& context,
                                                 OnMessage on_message) {
  const MessageOutput output(exchange, from_client, context, std::move(on_message));
  switch (exchange.application) {
    case Application::kGrpc:
    case Application::kGrpcWeb:
    case Application::kConnect:
      return Decoded(MakeEnvelopeParser(output), MessageKind::kRpc, output);
    case Application::kServerSentEvents:
      if (from_client) return nullptr;
      return Decoded(MakeEventStreamParser(output), MessageKind::kEvent, output);
    case Application::kWebSocket:
      return MakeWebSocketParser(output);
    case Application::kHttp:
    case Application::kTunnel:
      break;
  }
  return nullptr;
}

}  // namespace gotls
