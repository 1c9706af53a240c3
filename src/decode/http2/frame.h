// Frames of HTTP/2 (RFC 9113) and what can be said of one by its header alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace gotls {

enum class FrameType : std::uint8_t {
  kData = 0,
  kHeaders = 1,
  kPriority = 2,
  kRstStream = 3,
  kSettings = 4,
  kPushPromise = 5,
  kPing = 6,
  kGoaway = 7,
  kWindowUpdate = 8,
  kContinuation = 9,
  kAltSvc = 10,
  kOrigin = 12,
  kPriorityUpdate = 16,
};

inline constexpr std::uint8_t kFlagEndStream = 0x1;
inline constexpr std::uint8_t kFlagAck = 0x1;
inline constexpr std::uint8_t kFlagEndHeaders = 0x4;
inline constexpr std::uint8_t kFlagPadded = 0x8;
inline constexpr std::uint8_t kFlagPriority = 0x20;

inline constexpr std::size_t kFrameHeaderBytes = 9;
inline constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

struct FrameHeader {
  std::uint32_t length = 0;  // of the payload
  FrameType type = FrameType::kData;
  std::uint8_t flags = 0;
  bool reserved = false;  // the bit beside the stream id, which nobody sets
  std::uint32_t stream = 0;

  bool Has(std::uint8_t flag) const { return (flags & flag) != 0; }
  bool operator==(const FrameHeader&) const = default;
};

inline std::uint32_t BigEndian32(Bytes four) {
  return std::to_integer<std::uint32_t>(four[0]) << 24 |
         std::to_integer<std::uint32_t>(four[1]) << 16 |
         std::to_integer<std::uint32_t>(four[2]) << 8 | std::to_integer<std::uint32_t>(four[3]);
}

// Of kFrameHeaderBytes or more.
inline FrameHeader ParseFrameHeader(Bytes bytes) {
  const std::uint32_t front = BigEndian32(bytes);
  const std::uint32_t stream = BigEndian32(bytes.subspan(5));
  return {.length = front >> 8,
          .type = static_cast<FrameType>(front & 0xff),
          .flags = std::to_integer<std::uint8_t>(bytes[4]),
          .reserved = (stream >> 31) != 0,
          .stream = stream & 0x7fffffff};
}

// False for what no peer may send: the receiver has to close the connection.
bool IsLegal(const FrameHeader& header, bool from_client);

// What peers really send. Stricter than the protocol: it tells frames from other bytes.
bool IsBelievable(const FrameHeader& header, bool from_client);

// Of a frame that IsBelievable: its payload can be meant so. `payload` is all of it.
bool IsBelievablePayload(const FrameHeader& header, Bytes payload);

// "CANCEL"; "0x1f" for one without a name.
std::string ErrorCodeName(std::uint32_t code);

}  // namespace gotls
