#pragma once

#include <cstdint>

namespace gotls {

// How sure the first bytes of a direction make us that they are of a protocol.
enum class Guess : std::uint8_t { kNo, kNeedMore, kYes };

}  // namespace gotls
