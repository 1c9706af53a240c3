// The coding "zstd".
#pragma once

#include <memory>

#include "decode/body/content_decoder.h"

namespace gotls {

// Windows up to 8 MiB, the most that the web's standard allows (RFC 9659).
std::unique_ptr<ContentDecoder> MakeZstdDecoder();

}  // namespace gotls
