// Whole start lines of HTTP/1: surer than a guess from the first bytes.
#pragma once

#include "base/bytes.h"
#include "decode/guess.h"

namespace gotls {

// `bytes` begin with "METHOD target HTTP/1.x" and a line end, whatever the method.
Guess LooksLikeRequestLine(Bytes bytes);
// `bytes` begin with "HTTP/1.x NNN reason" and a line end, all of it there.
bool StartsWithStatusLine(Bytes bytes);

}  // namespace gotls
