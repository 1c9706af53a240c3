// HTTP/1.0 and 1.1 on one connection.
#pragma once

#include <memory>

#include "decode/decoder.h"
#include "decode/guess.h"

namespace gotls {

// A request line or a status line begins here. Decides within kHttp1GuessBytes bytes.
inline constexpr std::size_t kHttp1GuessBytes = 32;
Guess LooksLikeHttp1Request(Bytes start);
Guess LooksLikeHttp1Response(Bytes start);

// `joined`: the connection's first bytes may be in the middle of something; bytes before the first
// sure boundary are skipped (and counted), a response without its request is an exchange of its
// own.
std::unique_ptr<Decoder> MakeHttp1Decoder(const DecodeContext& context, bool joined);

}  // namespace gotls
