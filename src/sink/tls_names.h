// Names of what a handshake agreed on.
#pragma once

#include <cstdint>
#include <string>

namespace gotls {

// "TLS 1.3"; "0x7f1c" for what has no name; "" for 0, unknown.
std::string TlsVersionName(std::uint16_t version);

// The IANA name, "TLS_AES_128_GCM_SHA256"; "0x1399" for what has no name; "" for 0, unknown.
std::string CipherSuiteName(std::uint16_t cipher_suite);

}  // namespace gotls
