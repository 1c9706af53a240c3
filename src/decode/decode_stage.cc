#include "decode/decode_stage.h"

#include <chrono>

namespace gotls {
namespace {

// Nothing that waits for time to pass is in a hurry, and there can be many connections.
constexpr std::chrono::seconds kTickEvery(1);

}  // namespace

void DecodeStage::OnOpen(const Connection& connection) {
  if (connections_.size() >= kMaxConnections) {
    ++session_.counters.decode_limits;
    return;
  }
  connections_.emplace(connection.id.value,
                       std::make_unique<ConnectionDecoder>(connection, session_));
}

void DecodeStage::OnChunk(const Connection& connection, const Chunk& chunk) {
  if (auto* decoder = Find(connection.id)) return decoder->OnChunk(chunk);
  session_.handler.OnOpaque(connection, chunk);
}

void DecodeStage::OnGap(const Connection& connection, const Gap& gap) {
  if (auto* decoder = Find(connection.id)) return decoder->OnGap(gap);
  session_.handler.OnOpaqueGap(connection, gap);
}

void DecodeStage::OnClose(const Connection& connection, const Close& close) {
  if (auto* decoder = Find(connection.id)) decoder->OnClose(close.time, close.reason);
  connections_.erase(connection.id.value);
  last_ = nullptr;
}

void DecodeStage::OnTick(WallTime now) {
  if (now < ticked_ + kTickEvery) return;
  ticked_ = now;
  for (const auto& [id, decoder] : connections_) decoder->OnTick(now);
}

ConnectionDecoder* DecodeStage::Find(ConnId id) {
  if (last_ != nullptr && last_id_ == id.value) return last_;
  const auto found = connections_.find(id.value);
  if (found == connections_.end()) return nullptr;
  last_id_ = id.value;
  last_ = found->second.get();
  return last_;
}

std::vector<Counter> DecodeStage::Counters() const {
  std::vector<Counter> counters;
#define X(name, meaning) counters.push_back({#name, session_.counters.name, meaning});
  GOTLS_DECODE_COUNTERS(X)
#undef X
  return counters;
}

}  // namespace gotls
