// Content of a body or a message as lines for eyes.
#pragma once

#include <string>
#include <string_view>

namespace gotls {

// Appends lines begun by `gutter`. Text comes in UTF-8, whatever its charset was, and, when
// `pretty`, JSON laid out; of what is no text one line tells what it is, begun by `note_gutter`.
// Nothing for no content.
void AppendContentLines(std::string& out, std::string_view gutter, std::string_view note_gutter,
                        std::string_view content, std::string_view content_type, bool pretty);

}  // namespace gotls
