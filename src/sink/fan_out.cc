#include "sink/fan_out.h"

#include <algorithm>

#include "sink/part_sink.h"

namespace gotls {

void FanOut::Add(std::string name, std::unique_ptr<Sink> sink) {
  Output output;
  output.name = std::move(name);
  output.sink = std::move(sink);
  Add(std::move(output));
}

void FanOut::Add(Output output) {
  output.exchanges = dynamic_cast<ExchangeSink*>(output.sink.get());
  output.secrets = dynamic_cast<SecretSink*>(output.sink.get());
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
  RotateIfDue(connection.opened);
}

void FanOut::OnChunk(const Connection& connection, const Chunk& chunk) {
  ForEachSink([&](Sink& sink) { return sink.OnChunk(connection, chunk); });
  RotateIfDue(chunk.time);
}

void FanOut::OnGap(const Connection& connection, const Gap& gap) {
  ForEachSink([&](Sink& sink) { return sink.OnGap(connection, gap); });
  RotateIfDue(gap.time);
}

void FanOut::OnClose(const Connection& connection, const Close& close) {
  ForEachSink([&](Sink& sink) { return sink.OnClose(connection, close); });
  RotateIfDue(close.time);
}

void FanOut::OnSecret(const Process& process, const TlsSecret& secret) {
  for (Output& output : outputs_) {
    if (output.secrets == nullptr) continue;
    if (auto done = output.secrets->OnSecret(process, secret); !done) Disable(output, done.error());
  }
}

template <typename Call>
void FanOut::ForEachExchangeSink(Call call) {
  for (Output& output : outputs_) {
    if (output.exchanges == nullptr) continue;
    if (Result<void> result = call(*output.exchanges); !result) Disable(output, result.error());
  }
}

void FanOut::OnTick(WallTime now) {
  ForEachExchangeSink([&](ExchangeSink& sink) { return sink.OnTick(now); });
  for (Output& output : outputs_) {
    if (output.sink && output.file && output.file->QuietPartIsOver(now)) Rotate(output);
  }
}

void FanOut::OnExchange(const Connection& connection, const Exchange& exchange) {
  ForEachExchangeSink([&](ExchangeSink& sink) { return sink.OnExchange(connection, exchange); });
}

void FanOut::OnMessage(const Connection& connection, const Exchange& exchange,
                       const Message& message) {
  ForEachExchangeSink(
      [&](ExchangeSink& sink) { return sink.OnMessage(connection, exchange, message); });
}

void FanOut::OnOpaque(const Connection& connection, const Chunk& chunk) {
  ForEachExchangeSink([&](ExchangeSink& sink) { return sink.OnOpaque(connection, chunk); });
}

void FanOut::OnOpaqueGap(const Connection& connection, const Gap& gap) {
  ForEachExchangeSink([&](ExchangeSink& sink) { return sink.OnOpaqueGap(connection, gap); });
}

bool FanOut::wants_exchanges() const {
  return std::ranges::any_of(outputs_, [](const Output& o) { return o.exchanges != nullptr; });
}

bool FanOut::wants_secrets() const {
  return std::ranges::any_of(outputs_, [](const Output& o) { return o.secrets != nullptr; });
}

bool FanOut::rotates() const {
  return std::ranges::any_of(outputs_, [](const Output& o) {
    return o.sink != nullptr && o.file != nullptr && o.file->has_parts();
  });
}

bool FanOut::wants_bytes() const {
  return std::ranges::any_of(outputs_, [](const Output& o) {
    return o.wants_bytes && (o.sink != nullptr || o.recorder != nullptr);
  });
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

namespace {

Result<void> TurnToNextPart(Output& output) {
  auto* const parts = dynamic_cast<PartSink*>(output.sink.get());
  if (parts != nullptr) {
    if (auto ended = parts->EndPart(); !ended) return ended;
  }
  if (auto turned = output.file->NextPart(); !turned) return turned;
  if (parts == nullptr) return {};
  auto begun = parts->BeginPart();
  output.file->EndPreamble();
  return begun;
}

}  // namespace

void FanOut::RotateIfDue(WallTime now) {
  for (Output& output : outputs_) {
    if (output.sink && output.file && output.file->PartIsOver(now)) Rotate(output);
  }
}

void FanOut::Rotate(Output& output) {
  if (auto turned = TurnToNextPart(output); !turned) Disable(output, turned.error());
}

void FanOut::Disable(Output& output, const Error& error) {
  had_error_ = true;
  output.exchanges = nullptr;
  output.secrets = nullptr;
  output.sink.reset();
  output.recorder.reset();
  on_error_(output.name, error);
}

}  // namespace gotls
