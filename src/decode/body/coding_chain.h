// The codings of a Content-Encoding header, undone one after the other.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "decode/body/content_decoder.h"

namespace gotls {

// Null when there is no coding to undo ("", "identity"). An unknown coding, or more of them than
// anybody uses, is an error. Errors of the decoder have the coding's name in front.
// `max_between`: bytes that may pass from one coding to the next; small bodies that unfold to much
// and then to little again are an attack.
std::expected<std::unique_ptr<ContentDecoder>, std::string> MakeCodingChain(
    std::string_view content_encoding, std::uint64_t max_between);

}  // namespace gotls
