// Whole start lines of HTTP/1: surer than a guess from the first bytes.
#pragma once

#include "base/bytes.h"

namespace gotls {

// `bytes` begin with "METHOD target HTTP/1.x" and a line end, all of it there.
bool StartsWithRequestLine(Bytes bytes);
// The same for "HTTP/1.x NNN reason".
bool StartsWithStatusLine(Bytes bytes);

}  // namespace gotls
