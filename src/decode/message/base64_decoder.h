// Base64 as a content coding: the text form of gRPC-Web.
#pragma once

#include <memory>

#include "decode/body/content_decoder.h"

namespace gotls {

// Padding may come in the middle: each part that a sender flushed is padded for itself.
std::unique_ptr<ContentDecoder> MakeBase64Decoder();

}  // namespace gotls
