#include "sink/hex.h"

#include "sink/chunk_lines_sink.h"
#include "sink/hexdump.h"

namespace gotls {
namespace {

class HexSink final : public ChunkLinesSink {
  using ChunkLinesSink::ChunkLinesSink;

  void AppendChunk(std::string& text, TextLines& lines, const Connection& connection,
                   const Chunk& chunk) override {
    lines.ChunkHead(text, connection, chunk);
    AppendHexdump(text, lines.Gutter(connection.id, chunk.direction), chunk.position.value,
                  chunk.data);
  }
};

}  // namespace

std::unique_ptr<Sink> MakeHexSink(OutputFile& out, TextStyle style) {
  return std::make_unique<HexSink>(out, style);
}

}  // namespace gotls
