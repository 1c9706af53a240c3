#include "sink/har_messages.h"

#include <utility>

#include "sink/json_exchange.h"
#include "sink/json_fields.h"
#include "sink/json_text.h"

namespace gotls {
namespace {

// Of a WebSocket frame (RFC 6455); RPCs and events have none.
int Opcode(MessageKind kind) {
  switch (kind) {
    case MessageKind::kText:
      return 1;
    case MessageKind::kBinary:
      return 2;
    case MessageKind::kClose:
      return 8;
    case MessageKind::kPing:
      return 9;
    case MessageKind::kPong:
      return 10;
    case MessageKind::kRpc:
    case MessageKind::kEvent:
      break;
  }
  return 0;
}

// Seconds since 1970, as Chrome has them; to the microsecond, without the errors of a double.
void AppendSeconds(std::string& out, WallTime time) {
  const std::int64_t us = time.time_since_epoch().count() / 1000;
  if (us < 0) {
    out += '0';
  } else {
    AppendMillionth(out, static_cast<std::uint64_t>(us));
  }
}

// Binary is base64, which Chrome expects of opcode 2; elsewhere it is said.
void AppendData(std::string& out, const Message& message) {
  out += ",\"data\":";
  const bool binary = message.kind == MessageKind::kBinary;
  if (!binary && AppendJsonStringIfUtf8(out, message.content)) return;
  out += '"';
  AppendBase64(out, AsBytes(message.content));
  out += '"';
  if (!binary) out += ",\"_encoding\":\"base64\"";
}

void AppendMessage(std::string& out, const Message& message) {
  out += message.from_client ? "{\"type\":\"send\",\"time\":" : "{\"type\":\"receive\",\"time\":";
  AppendSeconds(out, message.first);
  if (const int opcode = Opcode(message.kind); opcode != 0) {
    json::Number(out, ",\"opcode\":", static_cast<std::uint64_t>(opcode));
  }
  AppendData(out, message);
  json::Text(out, ",\"_kind\":", MessageKindName(message.kind));
  json::Number(out, ",\"_size\":", message.decoded_bytes);
  if (!message.name.empty()) json::Text(out, ",\"_name\":", message.name);
  if (!message.event_id.empty()) json::Text(out, ",\"_eventId\":", message.event_id);
  if (message.close_code) json::Number(out, ",\"_closeCode\":", *message.close_code);
  if (!message.fields.empty()) json::Text(out, ",\"_fields\":", message.fields);
  if (message.missing != 0) json::Number(out, ",\"_missing\":", message.missing);
  if (message.truncated) out += ",\"_truncated\":true";
  if (!message.complete) out += ",\"_complete\":false";
  if (!message.problem.empty()) json::Text(out, ",\"_problem\":", message.problem);
  out += '}';
}

}  // namespace

void HarMessageStore::Add(const Exchange& exchange, const Message& message) {
  HarMessages& messages = messages_[exchange.id.value];
  const std::size_t before = messages.json.size();
  if (before != 0) messages.json += ',';
  AppendMessage(messages.json, message);
  const std::size_t added = messages.json.size() - before;
  if (messages.json.size() > kMaxBytesOfOne || bytes_ + added > kMaxBytes) {
    messages.json.resize(before);
    ++messages.left_out;
    return;
  }
  bytes_ += added;
}

HarMessages HarMessageStore::Take(ExchangeId id) {
  const auto found = messages_.find(id.value);
  if (found == messages_.end()) return {};
  HarMessages taken = std::move(found->second);
  messages_.erase(found);
  bytes_ -= taken.json.size();
  return taken;
}

}  // namespace gotls
