#include "sink/held_exchanges.h"

#include <utility>

#include "sink/short_units.h"

namespace gotls {

void HeldExchanges::Hold(ExchangeId id, HeldExchange held) {
  const std::size_t size = SizeOf(held);
  if (held_.emplace(id, std::move(held)).second) bytes_ += size;
}

bool HeldExchanges::AddMessage(ExchangeId id, const Message& message, const std::string& lines) {
  const auto found = held_.find(id);
  if (found == held_.end()) return false;
  bool& seen = message.from_client ? found->second.from_client : found->second.from_server;
  if (std::exchange(seen, true)) return false;
  found->second.messages += lines;
  bytes_ += lines.size();
  return true;
}

std::optional<HeldExchange> HeldExchanges::Take(ExchangeId id) {
  const auto found = held_.find(id);
  if (found == held_.end()) return std::nullopt;
  std::optional<HeldExchange> taken(std::move(found->second));
  held_.erase(found);
  bytes_ -= SizeOf(*taken);
  return taken;
}

std::optional<ExchangeId> HeldExchanges::Overdue() const {
  if (held_.size() <= kMaxCount && bytes_ <= kMaxBytes) return std::nullopt;
  return First();
}

std::optional<ExchangeId> HeldExchanges::Overdue(WallTime now) const {
  for (const auto& [id, held] : held_) {
    if (ElapsedNs(held.since, now) >= kMaxNs) return id;
  }
  return std::nullopt;
}

std::optional<ExchangeId> HeldExchanges::First() const {
  if (held_.empty()) return std::nullopt;
  return held_.begin()->first;
}

}  // namespace gotls
