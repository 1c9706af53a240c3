// Values of named fields in protobuf's text form, one field a line: `name: value`, `name {`, `}`.
#pragma once

#include <string_view>
#include <vector>

#include "select/regex.h"
#include "select/spans.h"

namespace gotls {

// Adds the values of the fields whose name `keys` matches as a whole; of a message, all in its
// braces. Linear.
void FindFieldValues(std::string_view text, const Regex& keys, std::vector<SecretSpan>& spans);

}  // namespace gotls
