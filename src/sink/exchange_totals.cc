#include "sink/exchange_totals.h"

#include <fmt/format.h>

#include <cstddef>
#include <string_view>

namespace gotls {

void ExchangeTotals::Add(const Exchange& exchange) {
  ++count_;
  const int digit = exchange.status / 100;
  ++classes_[digit >= 1 && digit <= 5 ? static_cast<std::size_t>(digit) : 0];
  if (exchange.rpc && exchange.rpc->status)
    ++(*exchange.rpc->status == 0 ? rpcs_ok_ : rpcs_failed_);
  if (exchange.state != ExchangeState::kComplete) ++cut_off_;
}

std::string ExchangeTotals::Text() const {
  if (count_ == 0) return {};
  std::string text = fmt::format("{} {}", count_, count_ == 1 ? "exchange" : "exchanges");
  std::string_view separator = ": ";
  const auto add = [&](std::string_view what, std::uint64_t number) {
    if (number == 0) return;
    text += fmt::format("{}{} {}", separator, what, number);
    separator = ", ";
  };
  constexpr std::string_view kClasses[] = {"no status", "1xx", "2xx", "3xx", "4xx", "5xx"};
  for (std::size_t digit = 1; digit < classes_.size(); ++digit)
    add(kClasses[digit], classes_[digit]);
  add(kClasses[0], classes_[0]);
  separator = "; ";
  add("RPCs OK", rpcs_ok_);
  add("RPCs failed", rpcs_failed_);
  separator = "; ";
  add("not whole", cut_off_);
  return text;
}

}  // namespace gotls
