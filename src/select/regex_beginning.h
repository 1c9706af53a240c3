// What a match may begin with, for text that was cut off.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gotls {

// A pattern that matches, at the very end of a text, all that a match of `pattern` can begin with:
// for "ab+c" a, ab, abb, abbc, ... It may match more, never less. `pattern` is one that RE2
// compiles. Nothing for the rare syntax that is not understood here (\Q, flags in the middle), or
// when it would be too large; the result, too, may be more than RE2 takes.
std::optional<std::string> BeginningPattern(std::string_view pattern);

}  // namespace gotls
