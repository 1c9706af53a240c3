// A chunk of bytes as lines for eyes.
#pragma once

#include <string>

#include "gotls/records.h"
#include "sink/text_lines.h"

namespace gotls {

// Text is shown whole; of a chunk that is no text, the first 64 bytes as a hexdump.
void AppendChunkText(std::string& out, TextLines& lines, const Connection& connection,
                     const Chunk& chunk);

}  // namespace gotls
