// zlib's inflate as an object.
#pragma once

#include <zlib.h>

#include <cstdint>

#include "base/bytes.h"
#include "decode/body/content_decoder.h"

namespace gotls {

class Inflater {
 public:
  enum class Format : std::uint8_t { kRaw, kZlib, kGzip };
  enum class State : std::uint8_t {
    kMore,     // all input is used up
    kEnd,      // the stream ended; input may be left
    kStopped,  // `out` wants no more
    kCorrupt,
  };

  explicit Inflater(Format format);
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Takes what it used off the front of `input`.
  State Run(Bytes& input, const ContentDecoder::Out& out);
  // Begins a new stream. kKeep: it may refer to what the last one put out (raw only).
  enum class Window : bool { kForget, kKeep };
  void Reset(Window window);

 private:
  z_stream stream_{};
  bool usable_;  // false: zlib got no memory
};

}  // namespace gotls
