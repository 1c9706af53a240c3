#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace gotls {

// Like `hexdump -C`: lines of 16 bytes, begun by `gutter` and the stream position of their first
// byte.
void AppendHexdump(std::string& out, std::string_view gutter, std::uint64_t position, Bytes bytes);

}  // namespace gotls
