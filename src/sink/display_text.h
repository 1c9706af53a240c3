// Text in the columns of a terminal. All of it takes text that is harmless already (safe_text.h).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gotls {

// Columns that a terminal gives to `text`: two for wide characters of East Asia and emoji, none
// for combining marks.
std::size_t DisplayWidth(std::string_view text);

// `text`, or when it is wider than `columns` as much of its beginning as fits, and "…". Returns the
// columns taken.
std::size_t AppendCutEnd(std::string& out, std::string_view text, std::size_t columns);

// The same, but the end stays, behind "…".
std::size_t AppendCutBegin(std::string& out, std::string_view text, std::size_t columns);

// The same, but beginning and end stay, with "…" between them: the end of a path tells more than
// its middle.
std::size_t AppendCutMiddle(std::string& out, std::string_view text, std::size_t columns);

// Cuts the last line of `out`, which ends in a newline and may have colours, at its end.
void CutLastLine(std::string& out, std::size_t columns);

}  // namespace gotls
