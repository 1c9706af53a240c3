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
      ZSTD_outBuffer output{buffer.data(), buffer.size(), 0};
      const std::size_t left = ZSTD_decompressStream(stream_.get(), &output, &input);
      if (ZSTD_isError(left) != 0) {
        done_ = true;
        return std::unexpected(Describe(left, used_ + input.pos));
      }
      if (output.pos > 0 && !out(Bytes(buffer).first(output.pos))) done_ = true;
      full = output.pos == buffer.size();
      // A call without input between two frames would announce the next one.
      frame_ended_ = left == 0;
      if (frame_ended_) full = false;
    }
    used_ += input.pos;
    return {};
  }

  bool AtEnd() const override { return done_ || frame_ended_; }

 private:
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
  bool frame_ended_ = false;
  std::uint64_t used_ = 0;
};

}  // namespace

std::unique_ptr<ContentDecoder> MakeZstdDecoder() { return std::make_unique<ZstdDecoder>(); }

}  // namespace gotls
