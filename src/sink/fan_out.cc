#include "sink/fan_out.h"

#include <algorithm>

namespace gotls {

void FanOut::Add(std::string name, std::unique_ptr<Sink> sink) {
  Output output;
  output.name = std::move(name);
  output.sink = std::move(sink);
  outputs_.push_back(std::move(output));
}

void FanOut::Record(Bytes event) {
  for (Output& output : outputs_) {
    if (!output.recorder) continue;
    if (auto written = output.recorder->Write(event); !written) Disable(output, written.error());
  }
}

template <typename Call>
void FanOut::ForEachSink(Call call) {
  for (Output& output : outputs_) {
    if (!output.sink) continue;
    if (Result<void> result = call(*output.sink); !result) Disable(output, result.error());
  }
}

void FanOut::OnOpen(const Connection& connection) {
  ForEachSink([&](Sink& sink) { return sink.OnOpen(connection); });
}

void FanOut::OnChunk(const Connection& connection, const Chunk& chunk) {
  ForEachSink([&](Sink& sink) { return sink.OnChunk(connection, chunk); });
}

void FanOut::OnGap(const Connection& connection, const Gap& gap) {
  ForEachSink([&](Sink& sink) { return sink.OnGap(connection, gap); });
}

void FanOut::OnClose(const Connection& connection, const Close& close) {
  ForEachSink([&](Sink& sink) { return sink.OnClose(connection, close); });
}

void FanOut::Flush() {
  for (Output& output : outputs_) {
    if (!output.file) continue;
    if (auto flushed = output.file->Flush(); !flushed) Disable(output, flushed.error());
  }
}

void FanOut::Finish(const Summary& summary) {
  ForEachSink([&](Sink& sink) { return sink.OnSummary(summary); });
  for (Output& output : outputs_) {
    if (!output.recorder) continue;
    if (auto finished = output.recorder->Finish(); !finished) Disable(output, finished.error());
  }
}

bool FanOut::all_failed() const {
  return !outputs_.empty() && std::ranges::none_of(outputs_, [](const Output& output) {
    return output.sink != nullptr || output.recorder != nullptr;
  });
}

void FanOut::Disable(Output& output, const Error& error) {
  had_error_ = true;
  output.sink.reset();
  output.recorder.reset();
  on_error_(output.name, error);
}

}  // namespace gotls
