#include "decode/body/inflater.h"

#include <algorithm>
#include <array>
#include <limits>

namespace gotls {
namespace {

constexpr int kWindowBits = 15;

int BitsOf(Inflater::Format format) {
  switch (format) {
    case Inflater::Format::kRaw:
      return -kWindowBits;
    case Inflater::Format::kGzip:
      return kWindowBits + 16;
    case Inflater::Format::kZlib:
      break;
  }
  return kWindowBits;
}

}  // namespace

Inflater::Inflater(Format format) : usable_(inflateInit2(&stream_, BitsOf(format)) == Z_OK) {}

Inflater::~Inflater() {
  if (usable_) inflateEnd(&stream_);
}

Inflater::State Inflater::Run(Bytes& input, const ContentDecoder::Out& out) {
  if (!usable_) return State::kCorrupt;
  std::array<std::byte, 16 << 10> buffer;
  for (;;) {
    const auto size =
        static_cast<uInt>(std::min<std::size_t>(input.size(), std::numeric_limits<uInt>::max()));
    // zlib's interface has no const; it does not write there.
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(input.data()));
    stream_.avail_in = size;
    stream_.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream_.avail_out = buffer.size();
    const int status = inflate(&stream_, Z_SYNC_FLUSH);
    input = input.subspan(size - stream_.avail_in);
    const std::size_t made = buffer.size() - stream_.avail_out;
    if (made > 0 && !out(Bytes(buffer).first(made))) return State::kStopped;
    if (status == Z_STREAM_END) return State::kEnd;
    // Z_BUF_ERROR only says that there was nothing to do.
    if (status != Z_OK && status != Z_BUF_ERROR) return State::kCorrupt;
    if (input.empty() && made < buffer.size()) return State::kMore;
  }
}

void Inflater::Reset(Window window) {
  if (!usable_) return;
  if (window == Window::kForget) {
    inflateReset(&stream_);
    return;
  }
  std::array<Bytef, 1U << kWindowBits> last;
  uInt size = last.size();
  const bool known = inflateGetDictionary(&stream_, last.data(), &size) == Z_OK;
  inflateReset(&stream_);
  if (known && size > 0) inflateSetDictionary(&stream_, last.data(), size);
}

}  // namespace gotls
