#include "sink/chunk_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "sink/hexdump.h"
#include "sink/safe_text.h"

namespace gotls {
namespace {

constexpr std::size_t kBinaryBytesShown = 64;

void AppendBinary(std::string& out, const std::string& gutter, const Chunk& chunk) {
  const std::size_t shown = std::min(chunk.data.size(), kBinaryBytesShown);
  AppendHexdump(out, gutter, chunk.position.value, chunk.data.first(shown));
  const std::size_t more = chunk.data.size() - shown;
  if (more == 0) return;
  out += gutter;
  out += fmt::format("... {} more {} (-o hex shows all)\n", more, more == 1 ? "byte" : "bytes");
}

}  // namespace

void AppendChunkText(std::string& out, TextLines& lines, const Connection& connection,
                     const Chunk& chunk) {
  lines.ChunkHead(out, connection, chunk);
  const std::string gutter = lines.Gutter(connection.id, chunk.direction);
  if (!AppendSafeLines(out, gutter, AsText(chunk.data))) AppendBinary(out, gutter, chunk);
}

}  // namespace gotls
