// All outputs of a session.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "flow/flow_observer.h"
#include "sink/registry.h"

namespace gotls {

// Passes everything on to each output. One that fails is reported once, and gets nothing more; the
// others go on.
class FanOut final : public FlowObserver {
 public:
  using OnError = std::function<void(const std::string& output, const Error& error)>;

  explicit FanOut(OnError on_error) : on_error_(std::move(on_error)) {}

  void Add(Output output);
  void Add(std::string name, std::unique_ptr<Sink> sink);

  // A raw event, to the recorders; before Flow gets it.
  void Record(Bytes event);

  void OnOpen(const Connection& connection) override;
  void OnChunk(const Connection& connection, const Chunk& chunk) override;
  void OnGap(const Connection& connection, const Gap& gap) override;
  void OnClose(const Connection& connection, const Close& close) override;
  void OnSecret(const Process& process, const TlsSecret& secret) override;
  void OnTick(WallTime now) override;

  // From the decoders, to the outputs that are an ExchangeSink.
  void OnExchange(const Connection& connection, const Exchange& exchange);
  void OnMessage(const Connection& connection, const Exchange& exchange, const Message& message);
  void OnOpaque(const Connection& connection, const Chunk& chunk);
  void OnOpaqueGap(const Connection& connection, const Gap& gap);
  [[nodiscard]] bool wants_exchanges() const;
  [[nodiscard]] bool wants_secrets() const;
  // Some output is written in parts: it wants to know that time passes.
  [[nodiscard]] bool rotates() const;
  // Some output has a use for bytes that no decoder wants.
  [[nodiscard]] bool wants_bytes() const;

  // After each batch of events: what was written becomes visible.
  void Flush();
  // Last call: the summary, then everything is written and closed.
  void Finish(const Summary& summary);

  [[nodiscard]] bool had_error() const { return had_error_; }
  // Nobody is left to listen (`gotls | head`): no use to go on.
  [[nodiscard]] bool all_failed() const;

 private:
  // Runs `call` for each working output that has a sink.
  template <typename Call>
  void ForEachSink(Call call);
  template <typename Call>
  void ForEachExchangeSink(Call call);
  // Between two records, when so much time has passed: outputs whose file is full or old go on in
  // the next one.
  void RotateIfDue(WallTime now);
  void Rotate(Output& output);
  void Disable(Output& output, const Error& error);

  OnError on_error_;
  bool had_error_ = false;
  std::vector<Output> outputs_;  // failed ones have neither sink nor recorder
};

}  // namespace gotls
