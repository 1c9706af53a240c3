// Messages of exchanges that go on: an archive has them inside of their entry, which is written at
// the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "gotls/exchange.h"

namespace gotls {

struct HarMessages {
  std::string json;            // objects, with commas between them
  std::uint64_t left_out = 0;  // for which there was no room
};

class HarMessageStore {
 public:
  static constexpr std::size_t kMaxBytesOfOne = 8 << 20;
  static constexpr std::size_t kMaxBytes = 64 << 20;

  void Add(const Exchange& exchange, const Message& message);
  HarMessages Take(ExchangeId id);

 private:
  std::unordered_map<std::uint64_t, HarMessages> messages_;
  std::size_t bytes_ = 0;
};

}  // namespace gotls
