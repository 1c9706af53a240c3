// Content of a body or a message as lines for eyes.
#pragma once

#include <string>
#include <string_view>

#include "decode/body/media_type.h"

namespace gotls {

// Appends lines begun by `gutter`. Text of a known charset comes in UTF-8, and, when `pretty`, JSON
// laid out; of what is no text one line tells what it is, begun by `note_gutter`, as does one that
// a charset is not known. Nothing for no content.
void AppendContentLines(std::string& out, std::string_view gutter, std::string_view note_gutter,
                        std::string_view content, const MediaType& media, bool pretty);

}  // namespace gotls
