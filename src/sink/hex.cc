#include "sink/hex.h"

#include <string>

#include "sink/hexdump.h"

namespace gotls {
namespace {

class HexSink final : public Sink {
 public:
  HexSink(OutputFile& out, TextStyle style) : out_(out), clock_(style.utc), lines_(style, clock_) {}

  Result<void> OnOpen(const Connection& connection) override {
    lines_.Open(text_, connection);
    return Send();
  }

  Result<void> OnChunk(const Connection& connection, const Chunk& chunk) override {
    lines_.ChunkHead(text_, connection, chunk);
    AppendHexdump(text_, lines_.Gutter(connection.id, chunk.direction), chunk.position.value,
                  chunk.data);
    return Send();
  }

  Result<void> OnGap(const Connection& connection, const Gap& gap) override {
    lines_.Gap(text_, connection, gap);
    return Send();
  }

  Result<void> OnClose(const Connection& connection, const Close& close) override {
    lines_.Close(text_, connection, close);
    return Send();
  }

  Result<void> OnSummary(const Summary& summary) override {
    lines_.Summary(text_, summary);
    if (auto sent = Send(); !sent) return sent;
    return out_.Finish();
  }

 private:
  Result<void> Send() {
    auto written = out_.Write(text_);
    text_.clear();
    return written;
  }

  OutputFile& out_;
  ClockWriter clock_;
  TextLines lines_;
  std::string text_;
};

}  // namespace

std::unique_ptr<Sink> MakeHexSink(OutputFile& out, TextStyle style) {
  return std::make_unique<HexSink>(out, style);
}

}  // namespace gotls
