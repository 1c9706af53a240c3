// A packet capture for Wireshark, and all that reads pcapng: the plaintext of each connection in a
// TCP connection of its own, and the TLS secrets in a Decryption Secrets Block.
#pragma once

#include <memory>
#include <string>

#include "gotls/sink.h"
#include "sink/output_file.h"

namespace gotls {

struct PcapngOptions {
  bool hints = true;        // tell Wireshark which connections are HTTP; see decode_hint.h
  std::string application;  // that writes: "gotls 0.1.0"
};

// Writes the file's beginning at once. `out` must outlive the sink.
Result<std::unique_ptr<Sink>> MakePcapngSink(OutputFile& out, PcapngOptions options);

}  // namespace gotls
