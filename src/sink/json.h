// One JSON object a line, for programs. docs/json.md describes every field.
#pragma once

#include <memory>

#include "gotls/sink.h"
#include "sink/output_file.h"

namespace gotls {

// `out` must outlive the sink.
std::unique_ptr<Sink> MakeJsonSink(OutputFile& out);

}  // namespace gotls
