// Protobuf without its schema.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gotls {

// As `protoc --decode_raw` prints it: field numbers, values by wire type, what parses as a message
// as one. Lines end with \n. Never fails: bytes that are not protobuf are told by a last line that
// begins with "# not protobuf"; text beyond `max_text` by "# cut".
std::string ProtobufText(std::string_view content, std::size_t max_text = 1 << 20);

}  // namespace gotls
