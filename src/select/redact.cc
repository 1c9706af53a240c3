#include "select/redact.h"

#include <utility>

#include "decode/body/ascii.h"
#include "decode/body/charset.h"
#include "decode/body/reading.h"
#include "select/redact_fields.h"
#include "select/redact_headers.h"
#include "select/redact_json.h"
#include "select/redact_query.h"

namespace gotls {
namespace {

using namespace std::string_view_literals;

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

// In UTF-16 or UTF-32, as a byte order mark tells, or two characters of ASCII at the start: other
// text never begins so, and other content hardly ever.
bool IsWideText(std::string_view content) {
  if (content.starts_with("\xFF\xFE") || content.starts_with("\xFE\xFF") ||
      content.starts_with("\0\0\xFE\xFF"sv)) {
    return true;
  }
  if (content.size() < 4) return false;
  const auto ascii = [content](std::size_t at) {
    const char c = content[at];
    return (c >= ' ' && c < 0x7f) || c == '\t' || c == '\n' || c == '\r';
  };
  const auto null = [content](std::size_t at) { return content[at] == '\0'; };
  const bool little = ascii(0) && null(1) && (ascii(2) || null(2)) && null(3);
  const bool big = null(0) && (ascii(1) || null(1)) && null(2) && ascii(3);
  return little || big;
}

// A character that is cut off at the end counts, too.
bool IsUtf8(std::string_view text, bool cut) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = Utf8SequenceAt(text, at);
    if (length == 0) return cut && text.size() - at < 4;
    at += length;
  }
  return true;
}

// Rules look for characters as UTF-8 has them. A peer that reads the content goes by the charset
// that is named, and takes JSON for UTF-16 without one.
bool IsSearchable(const MediaType& media, std::string_view content, bool cut) {
  const bool named = media.charset != "binary";
  const auto charset = named ? FindCharset(media.charset) : Charset::kUtf8;
  if (!charset || *charset == Charset::kUtf16 || *charset == Charset::kUtf16Be) return false;
  if (IsWideText(content)) return false;
  if (IsTextual(media.type) && content.contains('\0')) return false;
  return !IsJson(media.type) || *charset != Charset::kUtf8 || IsUtf8(content, cut);
}

// A WebSocket's text is UTF-8, as server-sent events are; an RPC's messages are of the body's type.
MediaType MediaTypeOf(const Exchange& exchange, const Message& message) {
  switch (message.kind) {
    case MessageKind::kText:
    case MessageKind::kEvent:
      return {"text/plain", {}, {}};
    case MessageKind::kRpc:
      return MediaTypeOf(message.from_client ? exchange.request : exchange.response);
    default:
      return {};
  }
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
  if (!rules_.LookIntoTexts()) return;  // nearly always: the defaults look into headers alone
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

void Redactor::Apply(const Connection& /*connection*/, const Exchange& exchange, Message& message) {
  if (!rules_.LookIntoTexts()) return;
  const bool cut = IsCut(message);
  if (IsUndecoded(message) || !IsSearchable(MediaTypeOf(exchange, message), message.content, cut)) {
    Withhold(message.content);
  } else if (message.content != kWithheld) {
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
  Body& body = message.body;
  if (rules_.LookIntoTexts()) {
    ApplyTo(body, MediaTypeOf(message), exchange.application);
    ApplyTo(body.problem, Place::kPlain);
    ApplyTo(body.content_encoding, Place::kPlain);
  }
  for (HeaderField& field : message.headers) ApplyTo(field);
  for (HeaderField& field : message.trailers) ApplyTo(field);
}

void Redactor::ApplyTo(Body& body, const MediaType& media, Application application) {
  if (body.content == kWithheld) return;
  const bool cut = IsCut(body);
  if (IsUndecoded(body) || IsFramed(application, media.type) ||
      !IsSearchable(media, body.content, cut)) {
    Withhold(body.content);
    body.in_utf8 = true;
    return;
  }
  const Reading reading = ReadingOf(media, body.content);
  if (reading.kind == Reading::Kind::kConverted) {
    body.content = ToUtf8(body.content, reading.charset);
    body.in_utf8 = true;
  }
  const bool form = media.type.empty() || media.type == "application/x-www-form-urlencoded";
  ApplyTo(body.content, form ? Place::kForm : Place::kContent, cut);
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
  field.redacted = replaced > 0;
  if (!rules_.LookIntoTexts()) return;
  const std::uint64_t before = redacted_;
  ApplyTo(field.value, Place::kHeader);
  field.redacted = field.redacted || redacted_ > before;
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
  if (content.empty() || content == kWithheld) return;
  content = kWithheld;
  ++redacted_;
}

}  // namespace gotls
