// A tree and an exchange to a truth value.
#pragma once

#include "select/filter.h"
#include "select/filter_ast.h"
#include "select/filter_known.h"

namespace gotls {

Tri Evaluate(const FilterNode& node, const FilterSubject& subject);

}  // namespace gotls
