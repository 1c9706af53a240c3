// The outputs of one run: between the flow and the sinks, it counts chunks and keeps the errors.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "flow/flow_observer.h"
#include "gotls/options.h"
#include "gotls/sink.h"
#include "sink/fan_out.h"

namespace gotls {

class Outputs final : public FlowObserver {
 public:
  // Opens all of `specs`, or none and kUsage. Ends itself after `count` chunks.
  static Result<std::unique_ptr<Outputs>> Open(const std::vector<std::string>& specs,
                                               const RecordingInfo& recording,
                                               std::optional<std::uint64_t> count,
                                               NoticeHandler on_notice);

  void AddSink(std::unique_ptr<Sink> sink) { fan_out_.Add("sink", std::move(sink)); }

  void Record(Bytes event) { fan_out_.Record(event); }
  void Flush() { fan_out_.Flush(); }

  // No use to go on: all chunks that were asked for are out, or nobody is left to listen.
  [[nodiscard]] bool finished() const { return counted_out_ || fan_out_.all_failed(); }

  // Last call.
  Summary End(Summary summary);

  void OnOpen(const Connection& connection) override;
  void OnChunk(const Connection& connection, const Chunk& chunk) override;
  void OnGap(const Connection& connection, const Gap& gap) override;
  void OnClose(const Connection& connection, const Close& close) override;

 private:
  Outputs(std::optional<std::uint64_t> count, NoticeHandler on_notice);

  std::optional<std::uint64_t> chunks_left_;
  bool counted_out_ = false;
  NoticeHandler on_notice_;
  std::uint32_t failed_ = 0;
  FanOut fan_out_;
};

}  // namespace gotls
