#include "decode/body/content_decoder.h"

#include "decode/body/ascii.h"
#include "decode/body/brotli_decoder.h"
#include "decode/body/zlib_decoder.h"
#include "decode/body/zstd_decoder.h"

namespace gotls {

std::unique_ptr<ContentDecoder> MakeContentDecoder(std::string_view coding) {
  if (EqualsIgnoreCase(coding, "gzip") || EqualsIgnoreCase(coding, "x-gzip")) {
    return MakeGzipDecoder();
  }
  if (EqualsIgnoreCase(coding, "deflate")) return MakeDeflateDecoder();
  if (EqualsIgnoreCase(coding, "br")) return MakeBrotliDecoder();
  if (EqualsIgnoreCase(coding, "zstd")) return MakeZstdDecoder();
  return nullptr;
}

}  // namespace gotls
