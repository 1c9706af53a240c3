#include "decode/body/brotli_decoder.h"

#include <brotli/decode.h>
#include <fmt/format.h>

#include <cstdint>

namespace gotls {
namespace {

class BrotliDecoder final : public ContentDecoder {
 public:
  std::expected<void, std::string> Push(Bytes bytes, const Out& out) override {
    if (!state_) return std::unexpected("no memory");
    const auto* next = reinterpret_cast<const std::uint8_t*>(bytes.data());
    std::size_t left = bytes.size();
    while (!done_) {
      std::size_t no_room = 0;  // the output is taken out of the decoder's own window
      const BrotliDecoderResult result =
          BrotliDecoderDecompressStream(state_.get(), &left, &next, &no_room, nullptr, nullptr);
      if (result == BROTLI_DECODER_RESULT_ERROR) {
        done_ = true;
        return std::unexpected(fmt::format("corrupt at {}", used_ + bytes.size() - left));
      }
      while (!done_ && BrotliDecoderHasMoreOutput(state_.get()) != BROTLI_FALSE) {
        std::size_t size = 0;  // any
        const auto* piece = BrotliDecoderTakeOutput(state_.get(), &size);
        if (!out({reinterpret_cast<const std::byte*>(piece), size})) done_ = true;
      }
      if (result == BROTLI_DECODER_RESULT_SUCCESS) done_ = true;
      if (result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT) break;
    }
    used_ += bytes.size() - left;
    return {};
  }

  bool AtEnd() const override { return done_; }

 private:
  struct Destroy {
    void operator()(BrotliDecoderState* state) const { BrotliDecoderDestroyInstance(state); }
  };

  std::unique_ptr<BrotliDecoderState, Destroy> state_{
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)};
  bool done_ = false;
  std::uint64_t used_ = 0;
};

}  // namespace

std::unique_ptr<ContentDecoder> MakeBrotliDecoder() { return std::make_unique<BrotliDecoder>(); }

}  // namespace gotls
