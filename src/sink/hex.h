// The format for eyes that want every byte: a hexdump of each chunk.
#pragma once

#include <memory>

#include "gotls/sink.h"
#include "sink/output_file.h"
#include "sink/text_lines.h"

namespace gotls {

// `out` must outlive the sink.
std::unique_ptr<Sink> MakeHexSink(OutputFile& out, TextStyle style);

}  // namespace gotls
