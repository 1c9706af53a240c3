// One JSON object a line, for programs. docs/json.md describes every field.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "gotls/sink.h"
#include "sink/output_file.h"

namespace gotls {

// Which records are written. Summary always is; what opens and closes connections with either.
struct JsonRecords {
  bool chunks = true;     // open, chunk, gap, not_sent, close
  bool exchanges = true;  // open, exchange, message, close
};

// "all", "chunks", "exchanges", or these joined by '+'; none for anything else.
std::optional<JsonRecords> ParseJsonRecords(std::string_view text);

// `out` must outlive the sink, which implements ExchangeSink too when it writes exchanges.
std::unique_ptr<Sink> MakeJsonSink(OutputFile& out, JsonRecords records);

}  // namespace gotls
