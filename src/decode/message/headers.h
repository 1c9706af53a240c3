// Looking things up in header fields.
#pragma once

#include <string_view>
#include <vector>

#include "decode/body/ascii.h"
#include "gotls/exchange.h"

namespace gotls {

// The first field of that name (case does not count); null: none. A field whose value is not known
// counts as one with an empty value: check `value_known` where that matters.
inline const HeaderField* FindHeader(const std::vector<HeaderField>& fields,
                                     std::string_view name) {
  for (const HeaderField& field : fields) {
    if (EqualsIgnoreCase(field.name, name)) return &field;
  }
  return nullptr;
}

// Its value; "" when there is none.
inline std::string_view HeaderValue(const std::vector<HeaderField>& fields, std::string_view name) {
  const HeaderField* field = FindHeader(fields, name);
  return field == nullptr ? std::string_view() : TrimBlanks(field->value);
}

// The list of comma-separated tokens `value` has `token` in it.
inline bool HasToken(std::string_view value, std::string_view token) {
  for (;;) {
    const auto comma = value.find(',');
    if (EqualsIgnoreCase(TrimBlanks(value.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) return false;
    value.remove_prefix(comma + 1);
  }
}

}  // namespace gotls
