// The values in an expression, as their field wants them.
#pragma once

#include <string_view>

#include "select/filter_ast.h"
#include "select/filter_error.h"
#include "select/filter_fields.h"
#include "select/filter_lexer.h"

namespace gotls {

// Adds the value to `comparison`, whose field and operator are set.
FilterResult<void> AddFilterValue(const FieldInfo& info, const Token& token,
                                  FilterComparison& comparison);

}  // namespace gotls
