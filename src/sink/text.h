// The raw view for eyes: chunks as they come, payload as text.
#pragma once

#include <memory>

#include "gotls/sink.h"
#include "sink/output_file.h"
#include "sink/text_lines.h"

namespace gotls {

// Text is shown whole; of a chunk that is no text, the first 64 bytes as a hexdump. `out` must
// outlive the sink.
std::unique_ptr<Sink> MakeTextSink(OutputFile& out, TextStyle style);

}  // namespace gotls
