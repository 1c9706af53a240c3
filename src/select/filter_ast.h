// An expression, parsed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "select/filter_fields.h"
#include "select/regex.h"

namespace gotls {

enum class FilterOp : std::uint8_t {
  kEqual,  // to one of the values; also `in`
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kMatches,
  kNotMatches,
};

// Whole numbers from `low` to `high`, both included: one number, a status class (4xx), or what is
// known of a number that still grows.
struct NumberRange {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

struct FilterComparison {
  FilterField field = FilterField::kHost;
  FieldKind kind = FieldKind::kName;  // of the field
  std::string header;                 // kRequestHeader, kResponseHeader: its name
  FilterOp op = FilterOp::kEqual;
  std::vector<NumberRange> numbers;  // of a number; the order operators have exactly one
  std::vector<std::string> texts;    // of a text, for == and !=
  std::uint32_t choices = 0;         // of a choice: a bit for each that was named
  std::optional<Regex> regex;        // of a text, for ~ and !~
};

struct FilterNode {
  enum class Kind : std::uint8_t { kAnd, kOr, kNot, kComparison };

  Kind kind = Kind::kComparison;
  std::vector<FilterNode> children;  // kNot: one; kAnd, kOr: two or more
  FilterComparison comparison;
};

}  // namespace gotls
