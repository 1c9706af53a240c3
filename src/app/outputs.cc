#include "app/outputs.h"

#include <fmt/format.h>

namespace gotls {

Outputs::Outputs(std::optional<std::uint64_t> count, NoticeHandler on_notice)
    : chunks_left_(count),
      on_notice_(std::move(on_notice)),
      fan_out_([this](const std::string& output, const Error& error) {
        failed_++;
        if (!on_notice_) return;
        on_notice_(NoticeLevel::kError,
                   fmt::format("output {}: {}; going on without it", output, error.Message()));
      }) {}

Result<std::unique_ptr<Outputs>> Outputs::Open(const std::vector<std::string>& specs,
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
  std::unique_ptr<Outputs> outputs(new Outputs(count, std::move(on_notice)));
  OutputContext context;
  context.color = ColorModeFromEnvironment();
  context.recording = recording;
  for (const OutputSpec& spec : parsed) {
    auto output = OpenOutput(spec, context);
    if (!output) return std::unexpected(output.error());
    outputs->fan_out_.Add(std::move(*output));
  }
  return outputs;
}

Summary Outputs::End(Summary summary) {
  fan_out_.Finish(summary);
  summary.failed_outputs = failed_;
  return summary;
}

void Outputs::OnOpen(const Connection& connection) { fan_out_.OnOpen(connection); }

void Outputs::OnChunk(const Connection& connection, const Chunk& chunk) {
  if (counted_out_) return;
  fan_out_.OnChunk(connection, chunk);
  if (chunks_left_ && --*chunks_left_ == 0) counted_out_ = true;
}

void Outputs::OnGap(const Connection& connection, const Gap& gap) {
  if (!counted_out_) fan_out_.OnGap(connection, gap);
}

void Outputs::OnClose(const Connection& connection, const Close& close) {
  fan_out_.OnClose(connection, close);
}

}  // namespace gotls
