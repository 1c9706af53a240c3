#include "select/regex.h"

#include <re2/re2.h>

namespace gotls {
namespace {

// Program and automaton cache of one expression. An automaton that outgrows it is built anew, or
// the search goes on without one: slower, and still linear.
constexpr std::int64_t kMaxMemory = 2 << 20;

}  // namespace

std::expected<Regex, std::string> Regex::Compile(std::string_view pattern, LetterCase letter_case) {
  re2::RE2::Options options;
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  options.set_log_errors(false);
  options.set_max_mem(kMaxMemory);
  options.set_case_sensitive(letter_case == LetterCase::kMatters);
  auto re =
      std::make_shared<const re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!re->ok()) return std::unexpected(re->error());
  return Regex(std::move(re));
}

bool Regex::Search(std::string_view text) const {
  return re_->Match(text, 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

bool Regex::FullMatch(std::string_view text) const {
  return re_->Match(text, 0, text.size(), re2::RE2::ANCHOR_BOTH, nullptr, 0);
}

std::optional<TextRange> Regex::Find(std::string_view text, std::size_t from) const {
  re2::StringPiece match;
  if (!re_->Match(text, from, text.size(), re2::RE2::UNANCHORED, &match, 1)) return std::nullopt;
  const auto begin = static_cast<std::size_t>(match.data() - text.data());
  return TextRange{begin, begin + match.size()};
}

std::string GlobPattern(std::string_view glob) {
  std::string pattern = "(?s:";
  for (const char c : glob) {
    if (c == '*') {
      pattern += ".*";
    } else if (c == '?') {
      pattern += '.';
    } else {
      pattern += re2::RE2::QuoteMeta(re2::StringPiece(&c, 1));
    }
  }
  return pattern + ")";
}

}  // namespace gotls
