// A sink that writes lines for every chunk: what the outputs text and hex have in common.
#pragma once

#include <string>

#include "gotls/sink.h"
#include "sink/output_file.h"
#include "sink/text_lines.h"

namespace gotls {

class ChunkLinesSink : public Sink {
 public:
  ChunkLinesSink(OutputFile& out, TextStyle style)
      : out_(out), clock_(style.utc), lines_(style, clock_) {}

  Result<void> OnOpen(const Connection& connection) override {
    lines_.Open(text_, connection);
    return Send();
  }

  Result<void> OnChunk(const Connection& connection, const Chunk& chunk) override {
    AppendChunk(text_, lines_, connection, chunk);
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
  virtual void AppendChunk(std::string& text, TextLines& lines, const Connection& connection,
                           const Chunk& chunk) = 0;

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

}  // namespace gotls
