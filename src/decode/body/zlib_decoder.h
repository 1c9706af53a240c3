// The codings "gzip" and "deflate".
#pragma once

#include <memory>

#include "decode/body/content_decoder.h"

namespace gotls {

// Several members one after the other, as the format allows; other bytes behind a member are
// ignored, as everybody does.
std::unique_ptr<ContentDecoder> MakeGzipDecoder();

// The standard says zlib's format, but raw deflate is sent too: the first two bytes tell.
std::unique_ptr<ContentDecoder> MakeDeflateDecoder();

}  // namespace gotls
