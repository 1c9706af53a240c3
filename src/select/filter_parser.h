// Words to a tree.
//
//   or         = and { ("or" | "||") and }
//   and        = not { ("and" | "&&") not }
//   not        = ("not" | "!") not | "(" or ")" | comparison
//   comparison = field operator value | field ["not"] "in" "(" value { "," value } ")"
//   field      = name | ("request.header" | "response.header") "[" name "]"
#pragma once

#include <string_view>

#include "select/filter_ast.h"
#include "select/filter_error.h"

namespace gotls {

FilterResult<FilterNode> ParseFilter(std::string_view expression);

}  // namespace gotls
