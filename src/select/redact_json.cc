#include "select/redact_json.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <optional>

namespace gotls {
namespace {

constexpr auto kNone = std::string_view::npos;

// Levels of JSON within strings of JSON. Level n's quotes have 2^n - 1 backslashes; what is deeper
// than any program nests it counts as the deepest.
constexpr int kMaxLevel = 8;

// A quote, and how deep it lies: a string of level n ends at the next quote of level n or less.
// Backslashes before the quote's own are escaped ones of the string's text: "a\\" ends at its
// quote.
struct Quote {
  std::size_t at = kNone;  // of the quote itself
  int level = 0;
  [[nodiscard]] std::size_t begin() const {  // of the quote's own backslashes
    return at - ((std::size_t{1} << level) - 1);
  }
};

// Finds quotes from left to right.
class QuoteReader {
 public:
  QuoteReader(std::string_view text, std::size_t from) : text_(text), at_(from) {}

  std::optional<Quote> Next() {
    const std::size_t from = at_;
    const std::size_t quote = text_.find('"', from);
    if (quote == kNone) return std::nullopt;
    at_ = quote + 1;
    std::size_t slashes = 0;
    while (quote - slashes > from && text_[quote - slashes - 1] == '\\') ++slashes;
    return Quote{quote, std::min(std::countr_one(slashes), kMaxLevel)};
  }

 private:
  std::string_view text_;
  std::size_t at_;
};

std::size_t SkipBlanks(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(" \t\r\n", at), text.size());
}

void AppendUtf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xe0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

// Undoes the escapes of a key, of any level: backslashes go, \u0070 becomes p.
std::string DecodeKey(std::string_view raw) {
  std::string key;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\') {
      key += raw[i];
      continue;
    }
    if (i + 5 >= raw.size() || raw[i + 1] != 'u') continue;
    std::uint32_t code = 0;
    const char* const digits = raw.data() + i + 2;
    if (std::from_chars(digits, digits + 4, code, 16).ptr != digits + 4) continue;
    AppendUtf8(key, code);
    i += 5;
  }
  return key;
}

bool KeyMatches(std::string_view raw, const Regex& keys) {
  return raw.contains('\\') ? keys.FullMatch(DecodeKey(raw)) : keys.FullMatch(raw);
}

// The end of the object or array at `begin`, whose strings are of `level`. It ends with the text,
// or with the string around it.
std::size_t EndOfNested(std::string_view text, std::size_t begin, int level) {
  QuoteReader quotes(text, begin);
  std::optional<Quote> quote = quotes.Next();
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t at = begin; at < text.size(); ++at) {
    if (quote && at == quote->at) {
      if (quote->level < level) return quote->begin();
      if (quote->level == level) in_string = !in_string;
      quote = quotes.Next();
    } else if (!in_string && (text[at] == '{' || text[at] == '[')) {
      ++depth;
    } else if (!in_string && (text[at] == '}' || text[at] == ']') && --depth == 0) {
      return at + 1;
    }
  }
  return text.size();
}

// The value at `at`, behind a key and its colon.
SecretSpan ValueSpan(std::string_view text, std::size_t at, int level) {
  at = SkipBlanks(text, at);
  if (at == text.size()) return {at, at};
  QuoteReader quotes(text, at);
  auto quote = quotes.Next();
  if (quote && text.find_first_not_of('\\', at) == quote->at) {
    const std::size_t begin = quote->at + 1;
    const int opening = quote->level;
    do {
      quote = quotes.Next();
    } while (quote && quote->level > opening);
    return {begin, quote ? quote->begin() : text.size()};
  }
  if (text[at] == '{' || text[at] == '[') return {at, EndOfNested(text, at, level), level};
  const std::size_t end = std::min(text.find_first_of(",}] \t\r\n\"\\", at), text.size());
  return {at, end, level};
}

}  // namespace

void FindJsonValues(std::string_view text, const Regex& keys, std::vector<SecretSpan>& spans) {
  // Where the text begins that the next quote of a level may end, as a string. Quotes pair up with
  // both of their neighbours: which of them open and which close is not to be relied on.
  std::array<std::size_t, kMaxLevel + 1> opened;
  opened.fill(kNone);
  QuoteReader quotes(text, 0);
  while (const auto quote = quotes.Next()) {
    const auto level = static_cast<std::size_t>(quote->level);
    std::fill(opened.begin() + quote->level + 1, opened.end(), kNone);
    const std::size_t key = opened[level];
    opened[level] = quote->at + 1;
    const std::size_t colon = SkipBlanks(text, quote->at + 1);
    if (key == kNone || colon == text.size() || text[colon] != ':') continue;
    if (!KeyMatches(text.substr(key, quote->begin() - key), keys)) continue;
    const SecretSpan span = ValueSpan(text, colon + 1, quote->level);
    spans.push_back(span);
    opened.fill(kNone);
    quotes = QuoteReader(text, std::max(span.end, colon + 1));
  }
}

}  // namespace gotls
