// An expression to words, texts and signs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "select/filter_error.h"

namespace gotls {

enum class TokenKind : std::uint8_t {
  kWord,      // bare: a field, a value, and, or, not, in
  kText,      // in quotes
  kOperator,  // == != < <= > >= ~ !~
  kAnd,       // &&
  kOr,        // ||
  kNot,       // !
  kOpen,
  kClose,
  kOpenBracket,
  kCloseBracket,
  kComma,
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;  // kText: without the quotes
  std::size_t offset = 0;
};

// The last token is kEnd.
FilterResult<std::vector<Token>> LexFilter(std::string_view expression);

}  // namespace gotls
