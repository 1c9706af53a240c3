#include "decode/http2/exchange_builder.h"

#include <algorithm>
#include <utility>

#include "decode/http2/block_role.h"

namespace gotls {
namespace {

bool HasMessages(Application application) {
  return application != Application::kHttp && application != Application::kTunnel;
}

bool IsConnect(const Exchange& exchange) { return exchange.method == "CONNECT"; }

// Nothing when no such field is known.
std::string FieldValue(const HttpMessage& message, std::string_view name) {
  std::string value;
  for (const HeaderField& field : message.headers) {
    if (field.name != name || !field.value_known) continue;
    if (!value.empty()) value += ", ";
    value += field.value;
  }
  return value;
}

}  // namespace

void ExchangeBuilder::Begin(Stream& stream) {
  Exchange& exchange = stream.exchange;
  exchange.id.value = ++context_.last_exchange;
  exchange.connection = context_.connection.id;
  exchange.version = HttpVersion::kHttp2;
  exchange.stream = stream.id;
}

bool ExchangeBuilder::OnFields(Stream& stream, bool from_client, const HeaderBlock& block,
                               HeaderList& fields) {
  StreamSide& side = stream.Side(from_client);
  side.moved = block.last;
  switch (RoleOf(side, stream.exchange, from_client, block.end_stream, fields)) {
    case BlockRole::kHead:
      side.in_doubt = false;
      side.coding_unknown = fields.unknown > 0;
      CountHead(stream, from_client, block);
      from_client ? TakeRequestHead(stream, fields) : TakeResponseHead(stream, fields);
      return true;
    case BlockRole::kInformational:
      if (fields.status != 101) stream.exchange.informational.push_back(fields.status);
      return true;
    case BlockRole::kTrailers:
      if (side.in_doubt) Hurt(stream, from_client);
      CountBlock(stream, from_client, block);
      TakeTrailers(stream, from_client, fields);
      return true;
    case BlockRole::kUnclear:
      ForgetHead(stream, from_client);
      OnLostFields(stream, from_client, block);
      return true;
    case BlockRole::kWrong:
      break;
  }
  return false;
}

void ExchangeBuilder::CountBlock(Stream& stream, bool from_client, const HeaderBlock& block) {
  HttpMessage& message = stream.Message(from_client);
  message.wire_bytes += block.wire_bytes;
  message.last = block.last;
}

// A message begins with its head.
void ExchangeBuilder::CountHead(Stream& stream, bool from_client, const HeaderBlock& block) {
  HttpMessage& message = stream.Message(from_client);
  CountBlock(stream, from_client, block);
  message.first = block.first.time;
  message.goroutine = block.first.goroutine;
}

void ExchangeBuilder::OnPromise(Stream& stream, const HeaderBlock& block, HeaderList& fields) {
  CountHead(stream, true, block);
  stream.exchange.pushed = true;
  TakeRequestHead(stream, fields);
  EndSide(stream, true);
}

void ExchangeBuilder::TakeFields(HttpMessage& message, HeaderList& fields,
                                 std::vector<HeaderField>& spare) {
  if (message.headers.capacity() == 0) message.headers = std::move(spare);
  std::swap(message.headers, fields.fields);
  message.seen = true;
  message.head_complete = !fields.cut;
}

void ExchangeBuilder::TakeRequestHead(Stream& stream, HeaderList& fields) {
  Exchange& exchange = stream.exchange;
  exchange.method.swap(fields.method);
  exchange.scheme.swap(fields.scheme);
  exchange.host.swap(fields.authority);
  exchange.path.swap(fields.path);
  TakeFields(exchange.request, fields, stream.spare_request);
  if (exchange.host.empty()) exchange.host = FieldValue(exchange.request, "host");
  if (IsConnect(exchange)) exchange.upgrade.swap(fields.protocol);
  Recognize(stream);
}

void ExchangeBuilder::TakeResponseHead(Stream& stream, HeaderList& fields) {
  Exchange& exchange = stream.exchange;
  exchange.status = fields.status;
  TakeFields(exchange.response, fields, stream.spare_response);
  Recognize(stream);
}

void ExchangeBuilder::Recognize(Stream& stream) {
  Exchange& exchange = stream.exchange;
  if (!IsConnect(exchange)) {
    RecognizeApplication(exchange);
  } else if (exchange.status / 100 > 2) {
    exchange.application = Application::kHttp;  // refused: the body says why
  } else {
    exchange.application =
        exchange.upgrade == "websocket" ? Application::kWebSocket : Application::kTunnel;
  }
  if (exchange.response.seen && HasMessages(exchange.application)) ReportOpen(stream);
}

void ExchangeBuilder::TakeTrailers(Stream& stream, bool from_client, HeaderList& fields) {
  HttpMessage& message = stream.Message(from_client);
  message.trailers.assign(std::make_move_iterator(fields.fields.begin()),
                          std::make_move_iterator(fields.fields.end()));
  if (!from_client && !IsConnect(stream.exchange)) RecognizeApplication(stream.exchange);
}

void ExchangeBuilder::OnLostFields(Stream& stream, bool from_client, const HeaderBlock& block) {
  HttpMessage& message = stream.Message(from_client);
  StreamSide& side = stream.Side(from_client);
  if (!message.seen && side.starts_seen) {
    CountHead(stream, from_client, block);
    message.seen = true;
    message.head_complete = false;
  } else {
    CountBlock(stream, from_client, block);
  }
  Hurt(stream, from_client);
}

void ExchangeBuilder::OnData(Stream& stream, bool from_client, const DataPiece& piece) {
  StreamSide& side = stream.Side(from_client);
  HttpMessage& message = stream.Message(from_client);
  side.moved = piece.origin.time;
  message.last = piece.origin.time;
  message.wire_bytes += piece.wire_bytes;
  if (piece.bytes.empty() && piece.missing == 0 && piece.skipped == 0) return;
  if (side.in_doubt) Hurt(stream, from_client);
  MessageParser* parser = Parser(stream, from_client);
  CountBody(stream, from_client, piece);
  side.data_seen = true;
  if (parser == nullptr) return;
  if (piece.missing + piece.skipped != 0) {
    parser->Gap(piece.missing + piece.skipped, piece.origin);
  } else {
    parser->Push(piece.bytes, piece.origin);
  }
}

bool ExchangeBuilder::WantsBody(Stream& stream, bool from_client) {
  const StreamSide& side = stream.Side(from_client);
  return side.parser != nullptr || (side.body && side.body->wants_more());
}

void ExchangeBuilder::CountBody(Stream& stream, bool from_client, const DataPiece& piece) {
  StreamSide& side = stream.Side(from_client);
  HttpMessage& message = stream.Message(from_client);
  if (!message.seen || side.hurt) {
    // Where in the body these bytes are is not known.
    message.body.wire_bytes += piece.bytes.size() + piece.skipped;
    message.body.skipped += piece.skipped;
    message.body.missing += piece.missing;
    message.body.truncated = true;
    message.body.decoded_bytes_exact = false;
    return;
  }
  if (!side.body) {
    const bool counted_only = stream.exchange.application == Application::kTunnel ||
                              stream.exchange.application == Application::kWebSocket;
    const std::string coding = FieldValue(message, "content-encoding");
    if (coding.empty() && side.coding_unknown) {
      message.body.problem = "content-encoding is not known";
      message.body.decoded_bytes_exact = false;
    }
    side.body.emplace(message.body, coding, counted_only ? 0 : context_.options.max_body);
  }
  if (piece.missing != 0) {
    side.body->Gap(piece.missing);
  } else if (piece.skipped != 0) {
    side.body->Skip(piece.skipped);
  } else {
    side.body->Push(piece.bytes);
  }
}

// Made when the first bytes come, since only these are known to begin a message.
MessageParser* ExchangeBuilder::Parser(Stream& stream, bool from_client) {
  StreamSide& side = stream.Side(from_client);
  if (side.parser_made) return side.parser.get();
  side.parser_made = true;
  const bool usable = stream.Message(from_client).seen && !side.hurt && !side.data_seen;
  if (!usable || !HasMessages(stream.exchange.application)) return nullptr;
  side.parser =
      MakeMessageParser(stream.exchange, from_client, context_, [this, &stream](Message& message) {
        ReportOpen(stream);
        context_.observer.OnMessage(stream.exchange, message);
      });
  return side.parser.get();
}

void ExchangeBuilder::ReportOpen(Stream& stream) {
  if (std::exchange(stream.reported, true)) return;
  context_.observer.OnExchange(stream.exchange);
}

void ExchangeBuilder::EndSide(Stream& stream, bool from_client) {
  stream.Side(from_client).ended = true;
  EndBody(stream, from_client, true);
  // gRPC-Web has its status in the body.
  if (!from_client && stream.exchange.application == Application::kGrpcWeb) {
    RecognizeApplication(stream.exchange);
  }
}

void ExchangeBuilder::EndBody(Stream& stream, bool from_client, bool complete) {
  StreamSide& side = stream.Side(from_client);
  HttpMessage& message = stream.Message(from_client);
  if (side.parser) {
    side.parser->End();
    side.parser.reset();
  }
  if (side.body) {
    side.body->End(complete);
    side.body.reset();
  } else if (!side.data_seen && !side.hurt && message.seen) {
    message.body.content_encoding = FieldValue(message, "content-encoding");
    message.body.complete = complete;
  }
}

void ExchangeBuilder::OnLoss(Stream& stream, bool from_client, const FrameLoss& loss) {
  StreamSide& side = stream.Side(from_client);
  side.starts_seen = false;
  if (side.ended || side.hurt) return;
  side.loss = loss;
  side.in_doubt = true;
  ForgetHead(stream, from_client);
  const HttpMessage& message = stream.Message(from_client);
  const bool head_may_come = !message.seen && !side.data_seen;
  if (!head_may_come) Hurt(stream, from_client);
}

// What was taken for the head may have been an informational one.
void ExchangeBuilder::ForgetHead(Stream& stream, bool from_client) {
  if (HeadIsFinal(stream.Side(from_client), stream.exchange, from_client)) return;
  HttpMessage& message = stream.Message(from_client);
  message.seen = false;
  message.headers.clear();
}

void ExchangeBuilder::Hurt(Stream& stream, bool from_client) {
  StreamSide& side = stream.Side(from_client);
  if (side.hurt) return;
  EndBody(stream, from_client, false);
  side.in_doubt = false;
  side.hurt = true;
  side.parser_made = true;
  Body& body = stream.Message(from_client).body;
  body.truncated = true;
  body.decoded_bytes_exact = false;
}

void ExchangeBuilder::End(Stream& stream, ExchangeState state, std::string_view detail) {
  for (const bool from_client : {true, false}) {
    if (stream.Side(from_client).ended) continue;
    ForgetHead(stream, from_client);
    EndBody(stream, from_client, false);
  }
  Exchange& exchange = stream.exchange;
  exchange.state = state;
  exchange.detail = detail;
  context_.observer.OnExchange(exchange);
}

}  // namespace gotls
