// The coding "br".
#pragma once

#include <memory>

#include "decode/body/content_decoder.h"

namespace gotls {

std::unique_ptr<ContentDecoder> MakeBrotliDecoder();

}  // namespace gotls
