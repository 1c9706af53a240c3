// The file that `-o record:FILE` writes; docs/recording.md describes it.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "bpf/event.h"

namespace gotls {

inline constexpr std::array<char, 8> kRecordingMagic = {'g', 'o', 't', 'l', 's', 'r', 'e', 'c'};
inline constexpr std::uint32_t kRecordingByteOrder = 0x01020304;
inline constexpr std::uint16_t kRecordingFormat = 1;

// No honest event is longer; a longer length means that the file is damaged.
inline constexpr std::uint32_t kMaxEventBytes = 64 << 10;

struct RecordingHeader {
  std::array<char, 8> magic;
  std::uint32_t byte_order;     // kRecordingByteOrder, as the writer's machine stores it
  std::uint16_t format;         // kRecordingFormat
  std::uint16_t event_version;  // GOTLS_EVENT_VERSION
  std::uint32_t header_size;    // where the events begin; readers skip what they don't know
  std::uint16_t machine;        // of the writer, as in ELF's e_machine
  std::uint16_t pad;
  std::int64_t wall_offset_ns;         // CLOCK_REALTIME - CLOCK_MONOTONIC
  std::int64_t started_ns;             // CLOCK_REALTIME
  std::array<char, 40> gotls_version;  // NUL-padded
};
static_assert(sizeof(RecordingHeader) == 80);

// What a reader learns from the header.
struct RecordingInfo {
  std::int64_t wall_offset_ns = 0;
  std::int64_t started_ns = 0;
  std::uint16_t machine = 0;
  std::string gotls_version;
};

}  // namespace gotls
