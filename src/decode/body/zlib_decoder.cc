#include "decode/body/zlib_decoder.h"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "decode/body/inflater.h"

namespace gotls {
namespace {

using Pushed = std::expected<void, std::string>;

class GzipDecoder final : public ContentDecoder {
 public:
  Pushed Push(Bytes bytes, const Out& out) override {
    while (!bytes.empty() && state_ != State::kDone) {
      if (state_ == State::kBetween && !NextMember(bytes.front())) return {};
      const std::size_t before = bytes.size();
      const Inflater::State ran = inflater_.Run(bytes, out);
      used_ += before - bytes.size();
      if (ran == Inflater::State::kStopped) state_ = State::kDone;
      if (ran == Inflater::State::kEnd) state_ = State::kBetween;
      if (ran == Inflater::State::kCorrupt) {
        state_ = State::kDone;
        return std::unexpected(fmt::format("corrupt at {}", used_));
      }
    }
    return {};
  }

  bool AtEnd() const override { return state_ != State::kMember; }

 private:
  enum class State : std::uint8_t { kMember, kBetween, kDone };

  bool NextMember(std::byte first) {
    state_ = first == std::byte{0x1f} ? State::kMember : State::kDone;
    if (state_ == State::kDone) return false;
    inflater_.Reset(Inflater::Window::kForget);
    return true;
  }

  Inflater inflater_{Inflater::Format::kGzip};
  State state_ = State::kMember;
  std::uint64_t used_ = 0;
};

class DeflateDecoder final : public ContentDecoder {
 public:
  Pushed Push(Bytes bytes, const Out& out) override {
    if (done_) return {};
    if (!inflater_) {
      while (head_size_ < head_.size() && !bytes.empty()) {
        head_[head_size_++] = bytes.front();
        bytes = bytes.subspan(1);
      }
      if (head_size_ < head_.size()) return {};
      inflater_.emplace(FormatOf());
      if (const Pushed pushed = Run(head_, out); !pushed) return pushed;
    }
    return Run(bytes, out);
  }

  bool AtEnd() const override { return done_; }

 private:
  // A raw stream can't look like zlib's head unless its encoder wrote rubbish as padding: 8 in the
  // low bits would be a stored block with padding that isn't zero.
  Inflater::Format FormatOf() const {
    const auto method = std::to_integer<unsigned>(head_[0]);
    const auto flags = std::to_integer<unsigned>(head_[1]);
    const bool zlib =
        (method & 0x0fU) == 8 && (method >> 4U) <= 7 && (method * 256 + flags) % 31 == 0;
    return zlib ? Inflater::Format::kZlib : Inflater::Format::kRaw;
  }

  Pushed Run(Bytes bytes, const Out& out) {
    if (done_ || bytes.empty()) return {};
    const std::size_t before = bytes.size();
    const Inflater::State ran = inflater_->Run(bytes, out);
    used_ += before - bytes.size();
    done_ = ran != Inflater::State::kMore;
    if (ran != Inflater::State::kCorrupt) return {};
    return std::unexpected(fmt::format("corrupt at {}", used_));
  }

  std::array<std::byte, 2> head_{};
  std::size_t head_size_ = 0;
  std::optional<Inflater> inflater_;
  bool done_ = false;
  std::uint64_t used_ = 0;
};

}  // namespace

std::unique_ptr<ContentDecoder> MakeGzipDecoder() { return std::make_unique<GzipDecoder>(); }

std::unique_ptr<ContentDecoder> MakeDeflateDecoder() { return std::make_unique<DeflateDecoder>(); }

}  // namespace gotls
