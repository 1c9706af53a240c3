// The outputs of one run, and all that lies between the flow and them: decoding, redaction, filter.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "decode/decode_stage.h"
#include "decode/message/proto_schema.h"
#include "flow/flow_observer.h"
#include "gotls/options.h"
#include "gotls/sink.h"
#include "select/filter.h"
#include "select/redact.h"
#include "sink/fan_out.h"

namespace gotls {

// Bytes go to the sinks as they come, and to the decoders if anybody wants exchanges; what these
// find is redacted, filtered, counted and handed on. A connection that can't match the filter,
// whatever comes, is kept from all sinks.
class Outputs final : public FlowObserver, ExchangeHandler {
 public:
  // Opens all of `specs`, or none and kUsage. Ends itself after `count` exchanges, or chunks where
  // no output shows exchanges.
  static Result<std::unique_ptr<Outputs>> Open(const std::vector<std::string>& specs,
                                               const ViewOptions& view,
                                               const RecordingInfo& recording,
                                               std::optional<std::uint64_t> count,
                                               NoticeHandler on_notice);

  void AddSink(std::unique_ptr<Sink> sink) { fan_out_.Add("sink", std::move(sink)); }

  void Record(Bytes event) { fan_out_.Record(event); }
  void Flush() { fan_out_.Flush(); }

  // No use to go on: all that was asked for is out, or nobody is left to listen.
  [[nodiscard]] bool finished() const { return counted_out_ || fan_out_.all_failed(); }
  [[nodiscard]] bool wants_secrets() const { return fan_out_.wants_secrets(); }
  // Nobody else may write to standard output.
  [[nodiscard]] bool needs_stdout_alone() const { return needs_stdout_alone_; }
  // Bytes that decoders have no use for need not come: say so by `skip`, which is told of them from
  // then on.
  [[nodiscard]] bool can_skip() const {
    return fan_out_.wants_exchanges() && !fan_out_.wants_bytes();
  }
  using Skip = std::function<void(ConnId, Direction, StreamPosition end)>;
  void SetSkip(Skip skip) { skip_ = std::move(skip); }
  // Somebody waits to be told that time passes.
  [[nodiscard]] bool wants_ticks() const { return decode_ != nullptr || fan_out_.rotates(); }

  // Last call.
  Summary End(Summary summary);

  void OnOpen(const Connection& connection) override;
  void OnChunk(const Connection& connection, const Chunk& chunk) override;
  void OnGap(const Connection& connection, const Gap& gap) override;
  void OnClose(const Connection& connection, const Close& close) override;
  void OnSecret(const Process& process, const TlsSecret& secret) override;
  void OnTick(WallTime now) override;

 private:
  Outputs(const ViewOptions& view, std::optional<std::uint64_t> count, NoticeHandler on_notice);

  void OnExchange(const Connection& connection, Exchange& exchange) override;
  void OnMessage(const Connection& connection, Exchange& exchange, Message& message) override;
  void OnOpaque(const Connection& connection, const Chunk& chunk) override;
  void OnOpaqueGap(const Connection& connection, const Gap& gap) override;
  void OnUnwanted(const Connection& connection, Direction direction, StreamPosition end) override;

  void SayWhatTheFilterLeaves(const Output& output) const;
  Result<void> Prepare(const ViewOptions& view);
  const Exchange& Shown(const Connection& connection, Exchange& exchange);
  [[nodiscard]] bool Hidden(const Connection& connection) const;
  [[nodiscard]] bool ShowsOpaque(const Connection& connection) const;
  void CountDown();

  std::optional<std::uint64_t> left_;  // chunks or exchanges
  bool counted_out_ = false;
  bool needs_stdout_alone_ = false;
  NoticeHandler on_notice_;
  Skip skip_;  // may be empty
  std::uint32_t failed_ = 0;
  FanOut fan_out_;
  DecodeOptions decode_options_;
  std::unique_ptr<ProtoSchema> schema_;
  std::unique_ptr<DecodeStage>
      decode_;  // made with the first connection, if anybody wants exchanges
  std::optional<Filter> filter_;
  std::optional<Redactor> redactor_;
  bool redacts_ = true;                       // well-known secrets
  Exchange shown_;                            // redacted
  std::unordered_set<std::uint64_t> hidden_;  // connections that the filter excludes
  std::uint64_t filtered_ = 0;                // exchanges
};

}  // namespace gotls
