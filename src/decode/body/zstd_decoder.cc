#include "decode/body/zstd_decoder.h"

#include <fmt/format.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <array>
#include <cstdint>

namespace gotls {
namespace {

constexpr int kMaxWindowLog = 23;

class ZstdDecoder final : public ContentDecoder {
 public:
  ZstdDecoder() {
    if (stream_) ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
  }

  std::expected<void, std::string> Push(Bytes bytes, const Out& out) override {
    if (!stream_) return std::unexpected("no memory");
    std::array<std::byte, 16 << 10> buffer;
    ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
    bool full = false;
    while (!done_ && (input.pos < input.size || full)) {
      if (at_frame_start_ && !BeginsFrame(bytes[input.pos])) {
        done_ = true;
        return std::unexpected(fmt::format("corrupt at {}", used_ + input.pos));
      }
      ZSTD_outBuffer output{buffer.data(), buffer.size(), 0};
      const std::size_t left = ZSTD_decompressStream(stream_.get(), &output, &input);
      if (ZSTD_isError(left) != 0) {
        done_ = true;
        return std::unexpected(Describe(left, used_ + input.pos));
      }
      if (output.pos > 0 && !out(Bytes(buffer).first(output.pos))) done_ = true;
      full = output.pos == buffer.size();
      // A call without input between two frames would announce the next one.
      at_frame_start_ = left == 0;
      if (at_frame_start_) full = false;
    }
    used_ += input.pos;
    return {};
  }

  bool AtEnd() const override { return done_ || (at_frame_start_ && used_ > 0); }

 private:
  // The magic numbers' first byte (RFC 8878, 3.1). libzstd may be built to read the formats of
  // before it too (0.1 to 0.7), whose magic numbers differ in that byte alone; what it makes of
  // those depends on how they are split.
  static bool BeginsFrame(std::byte first) {
    constexpr std::byte kFrame{0x28}, kSkippable{0x50};
    return first == kFrame || (first & std::byte{0xF0}) == kSkippable;
  }

  static std::string Describe(std::size_t error, std::uint64_t at) {
    if (ZSTD_getErrorCode(error) == ZSTD_error_frameParameter_windowTooLarge) {
      return "window over 8 MiB";
    }
    return fmt::format("corrupt at {}", at);
  }

  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };

  std::unique_ptr<ZSTD_DStream, Free> stream_{ZSTD_createDStream()};
  bool done_ = false;
  bool at_frame_start_ = true;
  std::uint64_t used_ = 0;
};

}  // namespace

std::unique_ptr<ContentDecoder> MakeZstdDecoder() { return std::make_unique<ZstdDecoder>(); }

}  // namespace gotls
