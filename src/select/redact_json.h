// Values of keys in JSON that may be cut off, broken, deep, inside other text or inside JSON
// strings.
#pragma once

#include <string_view>
#include <vector>

#include "select/regex.h"
#include "select/spans.h"

namespace gotls {

// Adds the values of the keys that `keys` matches as a whole. Not a parser, and on purpose:
// whatever looks like a key and a colon counts, so that what stands before it can't hide it.
// Linear.
void FindJsonValues(std::string_view text, const Regex& keys, std::vector<SecretSpan>& spans);

}  // namespace gotls
