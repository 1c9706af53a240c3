#include <fmt/format.h>

#include "app/outputs.h"
#include "flow/flow.h"
#include "gotls/session.h"
#include "sink/recording_reader.h"

namespace gotls {

Result<Summary> Replay(const std::string& path, const std::vector<std::string>& outputs,
                       std::unique_ptr<Sink> sink, const NoticeHandler& on_notice,
                       const ViewOptions& view) {
  auto recording = RecordingReader::Open(path);
  if (!recording) return std::unexpected(recording.error());
  auto opened = Outputs::Open(outputs, view, recording->info(), std::nullopt, on_notice);
  if (!opened) return std::unexpected(opened.error());
  if (sink) (*opened)->AddSink(std::move(sink));

  Flow flow(**opened, recording->info().wall_offset_ns);
  std::optional<Error> damage;
  while (!(*opened)->finished()) {
    auto event = recording->Next();
    if (!event) damage = event.error();
    if (!event || !*event) break;
    (*opened)->Record(**event);
    flow.Push(**event);
  }
  if (recording->truncated() && on_notice) {
    on_notice(NoticeLevel::kWarning,
              fmt::format("{}: ends in the middle of an event; all before it is shown", path));
  }
  auto summary = (*opened)->End(flow.End());
  if (damage) return std::unexpected(*damage);
  return summary;
}

}  // namespace gotls
