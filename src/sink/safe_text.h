// Text that others chose, made harmless to a terminal and to the eye: escape sequences, control
// characters, invalid UTF-8, characters that reorder or hide text come out as \x1b, \xff, \u202e.
#pragma once

#include <string>
#include <string_view>

namespace gotls {

// One line: a line break or tab comes out as \n, \r, \t.
void AppendSafe(std::string& out, std::string_view text);

// Lines, each begun by `gutter` and ended by a newline: \n and \r\n break lines, tabs stay. When
// more than 15 % of `text` would have to be escaped it is no text: nothing is appended, and false
// returned. `gutter` ends in a space, which empty lines go without.
bool AppendSafeLines(std::string& out, std::string_view gutter, std::string_view text);

}  // namespace gotls
