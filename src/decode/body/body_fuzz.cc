// Bodies in every coding: the first byte picks the coding, the second the split, the rest is the
// body. However it is split, the same must come out.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "decode/body/body_collector.h"
#include "decode/body/charset.h"
#include "decode/body/media_type.h"
#include "decode/body/pretty.h"

namespace gotls {
namespace {

constexpr std::size_t kMaxContent = 4096;
constexpr std::string_view kEncodings[] = {
    "", "gzip", "deflate", "br", "zstd", "gzip, gzip", "deflate, br, zstd", "br, gzip, nonsense"};
constexpr Charset kCharsets[] = {Charset::kUtf8, Charset::kWindows1252, Charset::kUtf16,
                                 Charset::kUtf16Be};

void Require(bool holds) {
  if (!holds) std::abort();
}

Body Collect(std::string_view encoding, Bytes bytes, std::size_t piece, bool gap) {
  Body body;
  BodyCollector collector(body, encoding, kMaxContent);
  while (!bytes.empty()) {
    const std::size_t size = std::min(piece, bytes.size());
    collector.Push(bytes.first(size));
    bytes = bytes.subspan(size);
    Require(body.content.size() <= kMaxContent);
    if (gap) collector.Gap(size);
  }
  collector.End(true);
  return body;
}

void ReadAsText(std::string_view text) {
  for (const Charset charset : kCharsets) {
    Require(ToUtf8(text, charset).size() <= 3 * text.size());
  }
  if (const auto pretty = PrettyJson(text, 2)) {
    Require(PrettyJson(*pretty, 2) == pretty);
  }
  Require(!DescribeBinary(text, ParseMediaType(text).type).empty());
}

}  // namespace
}  // namespace gotls

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gotls;
  if (size < 2) return 0;
  const std::string_view encoding = kEncodings[data[0] % std::size(kEncodings)];
  const Bytes bytes(reinterpret_cast<const std::byte*>(data) + 2, size - 2);
  const Body whole = Collect(encoding, bytes, bytes.size() + 1, false);
  const Body split = Collect(encoding, bytes, 1U + data[1] % 64U, false);
  Require(whole.wire_bytes == bytes.size() && split.wire_bytes == bytes.size());
  if (whole.problem.empty() && split.problem.empty()) {
    Require(whole.content == split.content && whole.decoded_bytes == split.decoded_bytes);
    Require(whole.truncated == split.truncated);
    Require(whole.decoded_bytes_exact == split.decoded_bytes_exact);
  } else if (whole.decoded_bytes < BodyCollector::kDecodedLimit) {
    Require(whole.problem.empty() == split.problem.empty());
  }
  Collect(encoding, bytes, 1U + data[1] % 64U, true);
  ReadAsText(AsText(bytes));
  return 0;
}
