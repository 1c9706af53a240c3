#include "sink/text.h"

#include "sink/chunk_lines_sink.h"
#include "sink/chunk_text.h"

namespace gotls {
namespace {

class TextSink final : public ChunkLinesSink {
  using ChunkLinesSink::ChunkLinesSink;

  void AppendChunk(std::string& text, TextLines& lines, const Connection& connection,
                   const Chunk& chunk) override {
    AppendChunkText(text, lines, connection, chunk);
  }
};

}  // namespace

std::unique_ptr<Sink> MakeTextSink(OutputFile& out, TextStyle style) {
  return std::make_unique<TextSink>(out, style);
}

}  // namespace gotls
