// The site at which a TLS session's secrets pass.
#pragma once

#include "binary/facts.h"
#include "plan/decoder.h"
#include "plan/plan.h"

namespace gotls {

// At the head of (*Config).writeKeyLog(label string, clientRandom, secret []byte): every handshake
// of Go 1.15 to 1.27 calls it, and only inside is asked whether there is a KeyLogWriter. It is
// never inlined: it is too large.
SecretsPlan PlanSecrets(const Decoder& decoder, const TlsPackage& package, Abi abi);

}  // namespace gotls
