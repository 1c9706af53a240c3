// HTTP/2 on one connection.
#pragma once

#include <memory>

#include "decode/decoder.h"
#include "decode/guess.h"

namespace gotls {

// The client's preface, "PRI * HTTP/2.0...". Decides within 24 bytes.
Guess LooksLikeHttp2Preface(Bytes start);
// A believable chain of frame headers begins here (for connections joined in the middle, and for
// a server's first SETTINGS). Decides within kHttp2GuessBytes.
inline constexpr std::size_t kHttp2GuessBytes = 64;
Guess LooksLikeHttp2Frames(Bytes start);

// `joined`: the beginning was not seen: each direction starts at a frame boundary that has to be
// found, with a header table full of placeholders.
std::unique_ptr<Decoder> MakeHttp2Decoder(const DecodeContext& context, bool joined);

}  // namespace gotls
