// Times in nanoseconds. The clock of events is CLOCK_MONOTONIC, as bpf_ktime_get_ns() tells it.
#pragma once

#include <time.h>

#include <cstdint>

namespace gotls {

constexpr std::uint64_t kMillisecond = 1'000'000;  // ns

inline std::int64_t Nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

inline std::uint64_t MonotonicNow() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(Nanoseconds(time));
}

}  // namespace gotls
