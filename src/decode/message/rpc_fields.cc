#include "decode/message/rpc_fields.h"

#include <optional>
#include <string_view>

#include "decode/message/proto_schema.h"
#include "decode/message/protobuf_text.h"

namespace gotls {
namespace {

// Where content was cut off, what is left of a field is no sign of bad data.
void MarkCut(std::string& text) {
  constexpr std::string_view kRest = "# not protobuf";
  const auto newline = text.empty() ? std::string::npos : text.rfind('\n', text.size() - 2);
  const std::size_t last = newline == std::string::npos ? 0 : newline + 1;
  if (std::string_view(text).substr(last).starts_with(kRest)) text.resize(last);
  text += "# cut\n";
}

}  // namespace

void FillRpcFields(Message& message, const Exchange& exchange, const DecodeOptions& options) {
  if (options.proto_schema != nullptr && exchange.rpc) {
    const auto type = options.proto_schema->TypeOf(exchange.rpc->service, exchange.rpc->method,
                                                   message.from_client);
    if (type) message.name = *type;
  }
  if (!options.protobuf_fields || !message.problem.empty()) return;
  if (!message.name.empty() && !message.truncated && message.complete) {
    if (auto text = options.proto_schema->Render(message.name, message.content)) {
      message.fields = std::move(*text);
      return;
    }
  }
  message.fields = ProtobufText(message.content);
  if (message.truncated || !message.complete) MarkCut(message.fields);
}

}  // namespace gotls
