// Exchanges whose opening line waits: most RPCs have one message each way, and look best as one
// line with their messages below.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "gotls/exchange.h"
#include "gotls/records.h"

namespace gotls {

// What waits for the end of an exchange.
struct HeldExchange {
  std::string opening;   // lines that are shown should it turn out to be more than one call
  std::string messages;  // lines of its messages so far
  WallTime first;        // of `opening`
  WallTime since;
  bool from_client = false;  // had a message
  bool from_server = false;
};

class HeldExchanges {
 public:
  static constexpr std::size_t kMaxCount = 1024;
  static constexpr std::size_t kMaxBytes = 1 << 20;
  static constexpr std::uint64_t kMaxNs = 300'000'000;

  void Hold(ExchangeId id, HeldExchange held);

  // A message came, and its lines are `lines`. False: it is not held, or can't be any longer.
  bool AddMessage(ExchangeId id, const Message& message, const std::string& lines);

  // Takes it out; none when it isn't held.
  std::optional<HeldExchange> Take(ExchangeId id);

  // The one that has to be let go: the oldest when there are too many, any that waited too long.
  [[nodiscard]] std::optional<ExchangeId> Overdue() const;
  [[nodiscard]] std::optional<ExchangeId> Overdue(WallTime now) const;
  [[nodiscard]] std::optional<ExchangeId> First() const;

 private:
  static std::size_t SizeOf(const HeldExchange& held) {
    return held.opening.size() + held.messages.size();
  }

  std::map<ExchangeId, HeldExchange> held_;
  std::size_t bytes_ = 0;
};

}  // namespace gotls
