// How content is to be read.
#pragma once

#include <cstdint>
#include <string_view>

#include "decode/body/charset.h"
#include "decode/body/media_type.h"

namespace gotls {

struct Reading {
  enum class Kind : std::uint8_t {
    kPlain,         // as it is: UTF-8, or no text at all, as its bytes tell
    kConverted,     // text to be converted from `charset`
    kNotConverted,  // text of a charset that is not known, and more than ASCII
  };
  Kind kind = Kind::kPlain;
  Charset charset = Charset::kUtf8;
};

// A charset counts only for what may be text: servers name one for images, too.
Reading ReadingOf(const MediaType& media, std::string_view content);

}  // namespace gotls
