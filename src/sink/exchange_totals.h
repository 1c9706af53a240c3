// How many exchanges there were and how they went, for the end of a session.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "gotls/exchange.h"

namespace gotls {

class ExchangeTotals {
 public:
  // Of one that has ended.
  void Add(const Exchange& exchange);

  // "12 exchanges: 2xx 8, 4xx 2, no status 2; RPCs OK 3, RPCs failed 1; not whole 2"; "" when there
  // were none.
  [[nodiscard]] std::string Text() const;

 private:
  std::uint64_t count_ = 0;
  std::array<std::uint64_t, 6> classes_{};  // by the status's first digit; 0: none
  std::uint64_t rpcs_ok_ = 0;
  std::uint64_t rpcs_failed_ = 0;
  std::uint64_t cut_off_ = 0;
};

}  // namespace gotls
