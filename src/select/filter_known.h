// What is known of a field: of a connection, and of an exchange in any state.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "gotls/exchange.h"
#include "gotls/records.h"
#include "select/filter_ast.h"

namespace gotls {

struct FilterSubject {
  const Connection& connection;
  const Exchange* exchange = nullptr;  // null: nothing is known of exchanges
};

// Bit i: word i of FieldChoices() is true of it, is not true of it; in neither: unknown.
struct KnownChoices {
  std::uint32_t yes = 0;
  std::uint32_t no = 0;
};

// Of a field that is a text, but for headers.
std::optional<std::string_view> KnownText(FilterField field, const FilterSubject& subject);

// Of a field that is a number. A range: what still grows is known from below.
std::optional<NumberRange> KnownNumber(FilterField field, const FilterSubject& subject);

KnownChoices KnownChoice(FilterField field, const FilterSubject& subject);

}  // namespace gotls
