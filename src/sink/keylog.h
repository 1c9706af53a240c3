// TLS session secrets in the NSS key log format, as SSLKEYLOGFILE has it: for Wireshark, curl and
// others that decrypt a packet capture taken beside.
#pragma once

#include <memory>

#include "gotls/sink.h"
#include "sink/output_file.h"

namespace gotls {

// `out` must outlive the sink.
std::unique_ptr<Sink> MakeKeyLogSink(OutputFile& out);

}  // namespace gotls
