#include "decode/http1/http1_syntax.h"

#include <array>

#include "decode/body/ascii.h"
#include "decode/http1/http1_decoder.h"

namespace gotls {
namespace {

constexpr std::string_view kVersionPrefix = "HTTP/1.";
constexpr std::size_t kVersionLength = 8;
constexpr std::size_t kMaxMethod = 32;

constexpr std::array<bool, 256> kTokenChars = [] {
  std::array<bool, 256> table{};
  for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

std::size_t TokenLength(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && kTokenChars[static_cast<unsigned char>(text[length])]) ++length;
  return length;
}

bool IsToken(std::string_view text) { return !text.empty() && TokenLength(text) == text.size(); }

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// HTTP/1.2 and later would be read like 1.1.
HttpVersion ParseVersion(std::string_view text) {
  if (text.size() != kVersionLength || !text.starts_with(kVersionPrefix)) {
    return HttpVersion::kUnknown;
  }
  if (!IsDigit(text.back())) return HttpVersion::kUnknown;
  return text.back() == '0' ? HttpVersion::kHttp10 : HttpVersion::kHttp11;
}

// Writes fields over those of the message before.
class FieldWriter {
 public:
  explicit FieldWriter(std::vector<HeaderField>& fields) : fields_(fields) {}
  ~FieldWriter() { fields_.resize(count_); }
  FieldWriter(const FieldWriter&) = delete;
  FieldWriter& operator=(const FieldWriter&) = delete;

  void Add(std::string_view name, std::string_view value) {
    if (count_ == fields_.size()) fields_.emplace_back();
    HeaderField& field = fields_[count_++];
    field.name.assign(name);
    field.value.assign(value);
    field.name_known = true;
    field.value_known = true;
    field.redacted = false;
  }

  // RFC 9112, 5.2: a folded line is the same as one behind a space.
  void Fold(std::string_view more) {
    std::string& value = fields_[count_ - 1].value;
    if (more.empty()) return;
    if (!value.empty()) value += ' ';
    value += more;
  }

  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  std::vector<HeaderField>& fields_;
  std::size_t count_ = 0;
};

}  // namespace

std::optional<RequestLine> ParseRequestLine(std::string_view line) {
  const std::size_t method_end = line.find(' ');
  const std::size_t target_end = line.rfind(' ');
  if (method_end == std::string_view::npos || target_end <= method_end + 1) return std::nullopt;
  const RequestLine parsed{line.substr(0, method_end),
                           line.substr(method_end + 1, target_end - method_end - 1),
                           ParseVersion(line.substr(target_end + 1))};
  if (parsed.version == HttpVersion::kUnknown || parsed.method.size() > kMaxMethod) {
    return std::nullopt;
  }
  if (!IsToken(parsed.method)) return std::nullopt;
  return parsed;
}

std::optional<StatusLine> ParseStatusLine(std::string_view line) {
  constexpr std::size_t kCodeEnd = kVersionLength + 4;
  if (line.size() < kCodeEnd || line[kVersionLength] != ' ') return std::nullopt;
  StatusLine parsed{ParseVersion(line.substr(0, kVersionLength)), 0, {}};
  if (parsed.version == HttpVersion::kUnknown) return std::nullopt;
  for (std::size_t i = kVersionLength + 1; i < kCodeEnd; ++i) {
    if (!IsDigit(line[i])) return std::nullopt;
    parsed.status = parsed.status * 10 + (line[i] - '0');
  }
  if (parsed.status < 100) return std::nullopt;
  if (line.size() == kCodeEnd) return parsed;
  if (line[kCodeEnd] != ' ') return std::nullopt;
  parsed.reason = line.substr(kCodeEnd + 1);
  return parsed;
}

std::string_view TakeLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::expected<void, HeadError> ParseFields(std::string_view lines,
                                           std::vector<HeaderField>& fields) {
  FieldWriter writer(fields);
  while (!lines.empty()) {
    const std::string_view line = TakeLine(lines);
    if (line.empty()) break;
    if (IsBlank(line.front())) {
      if (writer.count() == 0) return std::unexpected(HeadError{"a folded line folds nothing"});
      writer.Fold(TrimBlanks(line));
      continue;
    }
    const std::size_t colon = TokenLength(line);
    if (colon == 0 || colon == line.size() || line[colon] != ':') {
      const bool has_colon = line.contains(':');
      return std::unexpected(
          HeadError{has_colon ? "a field's name is no token" : "a field has no colon"});
    }
    const std::string_view name = line.substr(0, colon);
    if (writer.count() == kMaxFields) {
      return std::unexpected(HeadError{"more than 1000 fields", true});
    }
    writer.Add(name, TrimBlanks(line.substr(colon + 1)));
  }
  return {};
}

Guess LooksLikeAnyRequest(std::string_view start) {
  const std::size_t end = start.substr(0, kMaxMethod + 1).find(' ');
  if (end != std::string_view::npos)
    return IsToken(start.substr(0, end)) ? Guess::kYes : Guess::kNo;
  return start.size() <= kMaxMethod && IsToken(start) ? Guess::kNeedMore : Guess::kNo;
}

Guess StartsWithSureRequest(std::string_view start) {
  start = start.substr(0, kMaxStartLine);
  const Guess guess = LooksLikeHttp1Request(AsBytes(start));
  if (guess != Guess::kYes) return guess;
  const std::size_t end = start.find('\n');
  if (end == std::string_view::npos) {
    return start.size() < kMaxStartLine ? Guess::kNeedMore : Guess::kNo;
  }
  const auto line = ParseRequestLine(TakeLine(start));
  const bool sure = line && line->target.find(' ') == std::string_view::npos;
  return sure ? Guess::kYes : Guess::kNo;
}

}  // namespace gotls
