#include "select/redact.h"

#include <utility>

#include "decode/body/ascii.h"
#include "select/redact_fields.h"
#include "select/redact_headers.h"
#include "select/redact_json.h"
#include "select/redact_query.h"

namespace gotls {
namespace {

// The media type without its parameters; empty: not known.
std::string_view MediaType(const HttpMessage& message) {
  for (const HeaderField& field : message.headers) {
    if (!EqualsIgnoreCase(field.name, "content-type") || field.redacted) continue;
    const std::string_view value = field.value;
    return TrimBlanks(value.substr(0, value.find(';')));
  }
  return {};
}

// Bodies that are a row of framed messages, each maybe compressed or base64: a search finds nothing
// in them. The messages themselves come one by one.
bool IsFramed(Application application, std::string_view media_type) {
  switch (application) {
    case Application::kWebSocket:
      return true;
    case Application::kGrpc:
    case Application::kGrpcWeb:
    case Application::kConnect:
      return media_type.empty() || StartsWithIgnoreCase(media_type, "application/grpc") ||
             StartsWithIgnoreCase(media_type, "application/connect+");
    default:
      return false;
  }
}

// Of a body or a message.
template <typename Content>
bool IsCut(const Content& content) {
  return content.truncated || !content.complete || content.missing > 0;
}

// What there is of it are raw bytes, still in a coding that could not be undone.
template <typename Content>
bool IsUndecoded(const Content& content) {
  return !content.problem.empty() && content.decoded_bytes == 0;
}

}  // namespace

Result<Redactor> Redactor::Make(const RedactOptions& options) {
  auto rules = ParseRedactRules(options.rules);
  if (!rules) return std::unexpected(rules.error());
  return Redactor(options.defaults, *std::move(rules));
}

void Redactor::Apply(const Connection& /*connection*/, Exchange& exchange) {
  ApplyTo(exchange, exchange.request);
  ApplyTo(exchange, exchange.response);
  ApplyTo(exchange.path, Place::kTarget);
  for (std::string* text : {&exchange.detail, &exchange.method, &exchange.scheme, &exchange.host,
                            &exchange.upgrade, &exchange.reason}) {
    ApplyTo(*text, Place::kPlain);
  }
  if (!exchange.rpc) return;
  ApplyTo(exchange.rpc->service, Place::kPlain);
  ApplyTo(exchange.rpc->method, Place::kPlain);
  ApplyTo(exchange.rpc->status_message, Place::kPlain);
}

void Redactor::Apply(const Connection& /*connection*/, const Exchange& /*exchange*/,
                     Message& message) {
  const bool cut = IsCut(message);
  if (IsUndecoded(message)) {
    Withhold(message.content);
  } else {
    ApplyTo(message.content, Place::kContent, cut);
  }
  // Field by field, a search finds what it does not in the coded bytes: numbers, names.
  const std::uint64_t before = redacted_;
  ApplyTo(message.fields, Place::kFields, cut);
  if (redacted_ > before) Withhold(message.content);
  ApplyTo(message.problem, Place::kPlain);
  ApplyTo(message.name, Place::kPlain);
  ApplyTo(message.event_id, Place::kPlain);
}

void Redactor::ApplyTo(const Exchange& exchange, HttpMessage& message) {
  const std::string_view type = MediaType(message);
  Body& body = message.body;
  if (IsUndecoded(body) || IsFramed(exchange.application, type)) {
    Withhold(body.content);
  } else {
    const bool form = type.empty() || EqualsIgnoreCase(type, "application/x-www-form-urlencoded");
    ApplyTo(body.content, form ? Place::kForm : Place::kContent, IsCut(body));
  }
  ApplyTo(body.problem, Place::kPlain);
  ApplyTo(body.content_encoding, Place::kPlain);
  for (HeaderField& field : message.headers) ApplyTo(field);
  for (HeaderField& field : message.trailers) ApplyTo(field);
}

void Redactor::ApplyTo(HeaderField& field) {
  if (field.redacted) return;
  std::uint64_t replaced = 0;
  const bool by_rule = rules_.headers && rules_.headers->FullMatch(field.name);
  if (by_rule || (defaults_ && !field.name_known)) {
    replaced += ReplaceSpans(field.value, {{0, field.value.size()}});
  } else if (defaults_ && IsCredentialHeader(field.name)) {
    std::vector<SecretSpan> spans;
    FindCredentials(field.name, field.value, spans);
    replaced += ReplaceSpans(field.value, std::move(spans));
  }
  redacted_ += replaced;
  const std::uint64_t before = redacted_;
  ApplyTo(field.value, Place::kHeader);
  field.redacted = replaced > 0 || redacted_ > before;
  ApplyTo(field.name, Place::kPlain);
}

void Redactor::ApplyTo(std::string& text, Place place, bool cut) {
  // What is replaced can make a new match of what stood around it. This is over at once but for
  // patterns made for it.
  constexpr int kRounds = 4;
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t replaced = ReplaceSpans(text, FindSecrets(text, place, cut));
    if (replaced == 0) return;
    redacted_ += replaced;
  }
  text = kRedacted;
}

std::vector<SecretSpan> Redactor::FindSecrets(std::string_view text, Place place, bool cut) const {
  std::vector<SecretSpan> spans;
  if (text.empty()) return spans;
  if (rules_.json && (place == Place::kContent || place == Place::kForm)) {
    FindJsonValues(text, *rules_.json, spans);
  }
  if (rules_.json && place == Place::kFields) FindFieldValues(text, *rules_.json, spans);
  if (rules_.query && place == Place::kTarget) {
    FindQueryValues(text, QueryPlace::kTarget, *rules_.query, spans);
  }
  if (rules_.query && place == Place::kHeader) {
    FindQueryValues(text, QueryPlace::kText, *rules_.query, spans);
  }
  if (rules_.query && place == Place::kForm) {
    FindQueryValues(text, QueryPlace::kForm, *rules_.query, spans);
  }
  for (const SecretPattern& pattern : rules_.patterns) pattern.Find(text, cut, spans);
  return spans;
}

void Redactor::Withhold(std::string& content) {
  if (!rules_.LookIntoContent() || content.empty() || content == kWithheld) return;
  content = kWithheld;
  ++redacted_;
}

}  // namespace gotls
