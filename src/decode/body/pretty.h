// Content as people like to read it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gotls {

// Re-indents JSON: `indent` spaces a level. Tokens, numbers, the order of keys and duplicates stay
// as they are. None when it isn't JSON, when it is cut off, and when its nesting would unfold to
// far more text than there was.
std::optional<std::string> PrettyJson(std::string_view content, std::size_t indent);

// Its first bytes are those of a format that is no text.
bool IsKnownBinary(std::string_view content);

// One line about content that isn't text: "PNG image, 640x480", told by its first bytes.
// `media_type` (as in MediaType, may be empty) is said when the bytes tell nothing:
// "application/x-tar"; else "binary".
std::string DescribeBinary(std::string_view content, std::string_view media_type);

}  // namespace gotls
