#include "app/outputs.h"

#include <fmt/format.h>

#include <utility>

namespace gotls {

Outputs::Outputs(const ViewOptions& view, std::optional<std::uint64_t> count,
                 NoticeHandler on_notice)
    : left_(count),
      on_notice_(std::move(on_notice)),
      fan_out_([this](const std::string& output, const Error& error) {
        failed_++;
        if (!on_notice_) return;
        on_notice_(NoticeLevel::kError,
                   fmt::format("output {}: {}; going on without it", output, error.Message()));
      }) {
  decode_options_.max_body = view.headers_only ? 0 : view.max_body;
  decode_options_.protobuf_fields = !view.headers_only;
}

Result<std::unique_ptr<Outputs>> Outputs::Open(const std::vector<std::string>& specs,
                                               const ViewOptions& view,
                                               const RecordingInfo& recording,
                                               std::optional<std::uint64_t> count,
                                               NoticeHandler on_notice) {
  std::vector<OutputSpec> parsed;
  for (const std::string& spec : specs) {
    auto output = ParseOutputSpec(spec);
    if (!output) return std::unexpected(output.error());
    parsed.push_back(std::move(*output));
  }
  if (auto checked = CheckOutputSpecs(parsed); !checked) return std::unexpected(checked.error());
  std::unique_ptr<Outputs> outputs(new Outputs(view, count, std::move(on_notice)));
  if (auto ready = outputs->Prepare(view); !ready) return std::unexpected(ready.error());
  outputs->needs_stdout_alone_ = NeedStdoutAlone(parsed);
  OutputContext context;
  context.color = ColorModeFromEnvironment();
  context.recording = recording;
  context.detail = view.detail;
  context.raw = view.raw;
  context.pretty = view.pretty;
  if (!view.rotate.empty()) {
    auto rotate = ParseRotate(view.rotate);
    if (!rotate) return std::unexpected(rotate.error());
    if (auto checked = CheckRotation(parsed); !checked) return std::unexpected(checked.error());
    context.rotate = *rotate;
  }
  for (const OutputSpec& spec : parsed) {
    auto output = OpenOutput(spec, context);
    if (!output) return std::unexpected(output.error());
    outputs->SayWhatTheFilterLeaves(*output);
    outputs->fan_out_.Add(std::move(*output));
  }
  return outputs;
}

void Outputs::SayWhatTheFilterLeaves(const Output& output) const {
  if (!filter_ || !on_notice_) return;
  const auto say = [&](std::string_view what) {
    on_notice_(NoticeLevel::kWarning, fmt::format("--filter: {}: {}", output.name, what));
  };
  if (output.recorder) return say("a recording holds everything");
  if (output.wants_bytes && filter_->IsAboutExchanges())
    say("bytes are kept back by connection, not by exchange");
  const bool secrets = dynamic_cast<const SecretSink*>(output.sink.get()) != nullptr;
  if (secrets && filter_->IsAboutMoreThanProcesses())
    say("TLS secrets are kept back by process, not by connection");
}

Result<void> Outputs::Prepare(const ViewOptions& view) {
  redacts_ = view.redact;
  if (!view.filter.empty()) {
    auto filter = Filter::Parse(view.filter);
    if (!filter) return std::unexpected(filter.error());
    filter_ = std::move(*filter);
  }
  if (view.redact || !view.redact_rules.empty()) {
    auto redactor = Redactor::Make({.defaults = view.redact, .rules = view.redact_rules});
    if (!redactor) return std::unexpected(redactor.error());
    redactor_ = std::move(*redactor);
  }
  if (!view.proto_file.empty()) {
    auto schema = LoadProtoSchema(view.proto_file);
    if (!schema) return std::unexpected(schema.error());
    schema_ = std::move(*schema);
    decode_options_.proto_schema = schema_.get();
  }
  return {};
}

Summary Outputs::End(Summary summary) {
  if (decode_) {
    for (Counter& counter : decode_->Counters()) summary.counters.push_back(std::move(counter));
  }
  if (filter_) {
    summary.counters.push_back(
        {"exchanges_filtered", filtered_, "exchanges that the filter kept back"});
  }
  if (redactor_) {
    summary.counters.push_back({"values_redacted", redactor_->redacted(), "secrets hidden"});
  }
  summary.shows_secrets = !redacts_ && (decode_ || fan_out_.wants_exchanges());
  fan_out_.Finish(summary);
  summary.failed_outputs = failed_;
  return summary;
}

void Outputs::OnOpen(const Connection& connection) {
  if (filter_ && filter_->MatchConnection(connection) == Tri::kFalse) {
    hidden_.insert(connection.id.value);
    return;
  }
  if (!decode_ && fan_out_.wants_exchanges()) {
    decode_ = std::make_unique<DecodeStage>(static_cast<ExchangeHandler&>(*this), decode_options_);
  }
  fan_out_.OnOpen(connection);
  if (decode_) decode_->OnOpen(connection);
}

void Outputs::OnChunk(const Connection& connection, const Chunk& chunk) {
  if (counted_out_ || Hidden(connection)) return;
  fan_out_.OnChunk(connection, chunk);
  if (decode_) {
    decode_->OnChunk(connection, chunk);
  } else {
    CountDown();
  }
}

void Outputs::OnGap(const Connection& connection, const Gap& gap) {
  if (counted_out_ || Hidden(connection)) return;
  fan_out_.OnGap(connection, gap);
  if (decode_) decode_->OnGap(connection, gap);
}

void Outputs::OnClose(const Connection& connection, const Close& close) {
  if (hidden_.erase(connection.id.value) != 0) return;
  if (decode_) decode_->OnClose(connection, close);
  fan_out_.OnClose(connection, close);
}

void Outputs::OnSecret(const Process& process, const TlsSecret& secret) {
  // Before its connection, of which nothing else is known.
  Connection connection;
  connection.process = process;
  if (filter_ && filter_->MatchConnection(connection) == Tri::kFalse) return;
  fan_out_.OnSecret(process, secret);
}

void Outputs::OnTick(WallTime now) { fan_out_.OnTick(now); }

void Outputs::OnExchange(const Connection& connection, Exchange& exchange) {
  if (counted_out_) return;
  const bool ended = exchange.state != ExchangeState::kOpen;
  if (filter_ && !filter_->Accepts(connection, exchange)) {
    if (ended) ++filtered_;
    return;
  }
  if (!ended) {
    fan_out_.OnExchange(connection, Shown(connection, exchange));
    return;
  }
  if (redactor_) redactor_->Apply(connection, exchange);
  fan_out_.OnExchange(connection, exchange);
  CountDown();
}

void Outputs::OnMessage(const Connection& connection, Exchange& exchange, Message& message) {
  if (counted_out_ || (filter_ && !filter_->Accepts(connection, exchange))) return;
  if (redactor_) redactor_->Apply(connection, exchange, message);
  fan_out_.OnMessage(connection, Shown(connection, exchange), message);
}

// What sinks get of an exchange that goes on: its decoder still needs it as it is. Without the
// bodies' content, which comes at the end.
const Exchange& Outputs::Shown(const Connection& connection, Exchange& exchange) {
  if (!redactor_) return exchange;
  std::string request = std::exchange(exchange.request.body.content, {});
  std::string response = std::exchange(exchange.response.body.content, {});
  shown_ = exchange;
  exchange.request.body.content = std::move(request);
  exchange.response.body.content = std::move(response);
  redactor_->Apply(connection, shown_);
  return shown_;
}

void Outputs::OnOpaque(const Connection& connection, const Chunk& chunk) {
  if (ShowsOpaque(connection)) fan_out_.OnOpaque(connection, chunk);
}

void Outputs::OnOpaqueGap(const Connection& connection, const Gap& gap) {
  if (ShowsOpaque(connection)) fan_out_.OnOpaqueGap(connection, gap);
}

void Outputs::OnUnwanted(const Connection& connection, Direction direction, StreamPosition end) {
  if (skip_ && can_skip()) skip_(connection.id, direction, end);
}

// What is no exchange has none of its fields: only the connection's can match.
bool Outputs::ShowsOpaque(const Connection& connection) const {
  return !counted_out_ && (!filter_ || filter_->MatchConnection(connection) == Tri::kTrue);
}

bool Outputs::Hidden(const Connection& connection) const {
  return !hidden_.empty() && hidden_.contains(connection.id.value);
}

void Outputs::CountDown() {
  if (left_ && --*left_ == 0) counted_out_ = true;
}

}  // namespace gotls
