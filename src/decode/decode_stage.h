// Connections' bytes in, exchanges out: between the flow and the sinks.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "decode/connection_decoder.h"
#include "flow/flow_observer.h"

namespace gotls {

class DecodeStage final : public FlowObserver {
 public:
  // Connections that are decoded at the same time; more are opaque. A recording may be hostile.
  static constexpr std::size_t kMaxConnections = 1 << 16;

  // `handler` outlives the stage.
  DecodeStage(ExchangeHandler& handler, const DecodeOptions& options)
      : session_{options, handler, {}, 0} {}

  void OnOpen(const Connection& connection) override;
  void OnChunk(const Connection& connection, const Chunk& chunk) override;
  void OnGap(const Connection& connection, const Gap& gap) override;
  void OnClose(const Connection& connection, const Close& close) override;
  void OnTick(WallTime now) override;

  // For the summary.
  [[nodiscard]] std::vector<Counter> Counters() const;

 private:
  ConnectionDecoder* Find(ConnId id);

  DecodeSession session_;
  WallTime ticked_;  // when the decoders were told the time
  std::unordered_map<std::uint64_t, std::unique_ptr<ConnectionDecoder>> connections_;
  std::uint64_t last_id_ = 0;  // found last: data comes in runs
  ConnectionDecoder* last_ = nullptr;
};

}  // namespace gotls
