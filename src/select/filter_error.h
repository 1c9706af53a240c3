// What is wrong with an expression, and where.
#pragma once

#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "gotls/error.h"

namespace gotls {

struct FilterError {
  std::size_t offset = 0;  // byte of the expression
  std::string what;
};

template <typename T>
using FilterResult = std::expected<T, FilterError>;

inline std::unexpected<FilterError> FilterFail(std::size_t offset, std::string what) {
  return std::unexpected(FilterError{offset, std::move(what)});
}

// "column 8: unknown field 'hots'", then the expression and a mark below the place. Columns count
// characters, from 1.
Error DescribeFilterError(std::string_view expression, const FilterError& error);

// The candidate that `word` may be a slip of: up to two letters wrong. Empty: none.
std::string_view ClosestWord(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace gotls
