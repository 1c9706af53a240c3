#include "select/filter_lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace gotls {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kSigns = " \t\r\n()[],\"'=!<>~&|";  // what ends a bare word

// Longer signs stand before those that they begin with.
constexpr auto kTokens = std::to_array<std::pair<std::string_view, TokenKind>>({
    {"==", TokenKind::kOperator},
    {"!=", TokenKind::kOperator},
    {"<=", TokenKind::kOperator},
    {">=", TokenKind::kOperator},
    {"!~", TokenKind::kOperator},
    {"<", TokenKind::kOperator},
    {">", TokenKind::kOperator},
    {"~", TokenKind::kOperator},
    {"&&", TokenKind::kAnd},
    {"||", TokenKind::kOr},
    {"!", TokenKind::kNot},
    {"(", TokenKind::kOpen},
    {")", TokenKind::kClose},
    {"[", TokenKind::kOpenBracket},
    {"]", TokenKind::kCloseBracket},
    {",", TokenKind::kComma},
});

// A backslash escapes the quote, and stays before everything else: regular expressions are full of
// them.
FilterResult<Token> LexText(std::string_view expression, std::size_t begin, std::size_t& at) {
  const char quote = expression[begin];
  Token token{TokenKind::kText, {}, begin};
  for (at = begin + 1; at < expression.size(); ++at) {
    if (expression[at] == quote) {
      ++at;
      return token;
    }
    if (expression[at] == '\\' && at + 1 < expression.size()) {
      if (expression[at + 1] != quote) token.text += '\\';
      ++at;
    }
    token.text += expression[at];
  }
  return FilterFail(begin, fmt::format("the closing {} is missing", quote));
}

FilterResult<Token> LexSign(std::string_view expression, std::size_t begin, std::size_t& at) {
  const std::string_view rest = expression.substr(begin);
  for (const auto& [text, kind] : kTokens) {
    if (!rest.starts_with(text)) continue;
    at = begin + text.size();
    return Token{kind, std::string(text), begin};
  }
  // What is left: a single =, & or |.
  return FilterFail(
      begin, fmt::format("'{}' is no operator; did you mean '{}{}'?", rest[0], rest[0], rest[0]));
}

}  // namespace

FilterResult<std::vector<Token>> LexFilter(std::string_view expression) {
  std::vector<Token> tokens;
  std::size_t at = 0;
  while ((at = expression.find_first_not_of(kBlanks, at)) != std::string_view::npos) {
    const std::size_t begin = at;
    const char c = expression[begin];
    if (c == '"' || c == '\'') {
      auto token = LexText(expression, begin, at);
      if (!token) return std::unexpected(token.error());
      tokens.push_back(*std::move(token));
    } else if (kSigns.contains(c)) {
      auto token = LexSign(expression, begin, at);
      if (!token) return std::unexpected(token.error());
      tokens.push_back(*std::move(token));
    } else {
      at = std::min(expression.find_first_of(kSigns, begin), expression.size());
      tokens.push_back(
          {TokenKind::kWord, std::string(expression.substr(begin, at - begin)), begin});
    }
  }
  tokens.push_back({TokenKind::kEnd, {}, expression.size()});
  return tokens;
}

}  // namespace gotls
