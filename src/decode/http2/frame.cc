#include "decode/http2/frame.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace gotls {
namespace {

constexpr std::array<std::string_view, 14> kErrorNames = {"NO_ERROR",
                                                          "PROTOCOL_ERROR",
                                                          "INTERNAL_ERROR",
                                                          "FLOW_CONTROL_ERROR",
                                                          "SETTINGS_TIMEOUT",
                                                          "STREAM_CLOSED",
                                                          "FRAME_SIZE_ERROR",
                                                          "REFUSED_STREAM",
                                                          "CANCEL",
                                                          "COMPRESSION_ERROR",
                                                          "CONNECT_ERROR",
                                                          "ENHANCE_YOUR_CALM",
                                                          "INADEQUATE_SECURITY",
                                                          "HTTP_1_1_REQUIRED"};

// Go's servers let their peers send DATA of 1 MiB; everything else keeps to the default.
constexpr std::uint32_t kBelievableData = 1 << 20;
constexpr std::uint32_t kBelievableLength = 16 << 10;

std::uint8_t DefinedFlags(FrameType type) {
  switch (type) {
    case FrameType::kData:
      return kFlagEndStream | kFlagPadded;
    case FrameType::kHeaders:
      return kFlagEndStream | kFlagEndHeaders | kFlagPadded | kFlagPriority;
    case FrameType::kSettings:
    case FrameType::kPing:
      return kFlagAck;
    case FrameType::kPushPromise:
      return kFlagEndHeaders | kFlagPadded;
    case FrameType::kContinuation:
      return kFlagEndHeaders;
    default:
      return 0;
  }
}

bool IsBelievableSetting(Bytes setting) {
  const std::uint32_t id = BigEndian32(setting) >> 16;
  const std::uint32_t value = BigEndian32(setting.subspan(2));
  switch (id) {
    case 2:  // ENABLE_PUSH
    case 8:  // ENABLE_CONNECT_PROTOCOL
    case 9:  // NO_RFC7540_PRIORITIES
      return value <= 1;
    case 4:  // INITIAL_WINDOW_SIZE
      return value <= 0x7fffffff;
    case 5:  // MAX_FRAME_SIZE
      return value >= 16384 && value <= 0xffffff;
    default:
      return true;
  }
}

}  // namespace

bool IsLegal(const FrameHeader& header, bool from_client) {
  const bool on_stream = header.stream != 0;
  switch (header.type) {
    case FrameType::kData:
    case FrameType::kHeaders:
    case FrameType::kContinuation:
      return on_stream;
    case FrameType::kPriority:
      return on_stream && header.length == 5;
    case FrameType::kRstStream:
      return on_stream && header.length == 4;
    case FrameType::kSettings:
      return !on_stream && header.length % 6 == 0 && (!header.Has(kFlagAck) || header.length == 0);
    case FrameType::kPushPromise:
      return on_stream && !from_client && header.length >= 4;
    case FrameType::kPing:
      return !on_stream && header.length == 8;
    case FrameType::kGoaway:
      return !on_stream && header.length >= 8;
    case FrameType::kWindowUpdate:
      return header.length == 4;
    default:
      return true;
  }
}

bool IsBelievable(const FrameHeader& header, bool from_client) {
  if (header.reserved || !IsLegal(header, from_client)) return false;
  if ((header.flags & ~DefinedFlags(header.type)) != 0) return false;
  switch (header.type) {
    case FrameType::kData:
      return header.stream % 2 == 1 && header.length <= kBelievableData;
    case FrameType::kHeaders:
    case FrameType::kPushPromise:
    case FrameType::kContinuation:
      return header.stream % 2 == 1 && header.length <= kBelievableLength;
    case FrameType::kSettings:
      return header.length <= 32 * 6;
    case FrameType::kPriority:
    case FrameType::kRstStream:
    case FrameType::kPing:
    case FrameType::kWindowUpdate:
      return true;
    case FrameType::kGoaway:
    case FrameType::kAltSvc:
    case FrameType::kOrigin:
    case FrameType::kPriorityUpdate:
      return header.length <= kBelievableLength;
  }
  return false;
}

bool IsBelievablePayload(const FrameHeader& header, Bytes payload) {
  switch (header.type) {
    case FrameType::kRstStream:
      return BigEndian32(payload) < kErrorNames.size();
    case FrameType::kGoaway:
      return BigEndian32(payload) >> 31 == 0 &&
             BigEndian32(payload.subspan(4)) < kErrorNames.size();
    case FrameType::kWindowUpdate: {
      const std::uint32_t increment = BigEndian32(payload);
      return increment != 0 && increment >> 31 == 0;
    }
    case FrameType::kSettings:
      for (std::size_t at = 0; at < payload.size(); at += 6) {
        if (!IsBelievableSetting(payload.subspan(at, 6))) return false;
      }
      return true;
    default:
      return true;
  }
}

std::string ErrorCodeName(std::uint32_t code) {
  if (code < kErrorNames.size()) return std::string(kErrorNames[code]);
  return fmt::format("{:#x}", code);
}

}  // namespace gotls
