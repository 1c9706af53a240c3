#include "sink/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/bytes.h"
#include "sink/hexdump.h"
#include "sink/safe_text.h"

namespace gotls {
namespace {

constexpr std::size_t kBinaryBytesShown = 64;

class TextSink final : public Sink {
 public:
  TextSink(OutputFile& out, TextStyle style) : out_(out), lines_(style) {}

  Result<void> OnOpen(const Connection& connection) override {
    lines_.Open(text_, connection);
    return Send();
  }

  Result<void> OnChunk(const Connection& connection, const Chunk& chunk) override {
    lines_.ChunkHead(text_, connection, chunk);
    const std::string gutter = lines_.Gutter(connection.id, chunk.direction);
    if (!AppendSafeLines(text_, gutter, AsText(chunk.data))) AppendBinary(gutter, chunk);
    return Send();
  }

  Result<void> OnGap(const Connection& connection, const Gap& gap) override {
    lines_.Gap(text_, connection, gap);
    return Send();
  }

  Result<void> OnClose(const Connection& connection, const Close& close) override {
    lines_.Close(text_, connection, close);
    return Send();
  }

  Result<void> OnSummary(const Summary& summary) override {
    lines_.Summary(text_, summary);
    if (auto sent = Send(); !sent) return sent;
    return out_.Finish();
  }

 private:
  void AppendBinary(const std::string& gutter, const Chunk& chunk) {
    const std::size_t shown = std::min(chunk.data.size(), kBinaryBytesShown);
    AppendHexdump(text_, gutter, chunk.position.value, chunk.data.first(shown));
    const std::size_t more = chunk.data.size() - shown;
    if (more == 0) return;
    text_ += gutter;
    text_ += fmt::format("... {} more {} (-o hex shows all)\n", more, more == 1 ? "byte" : "bytes");
  }

  Result<void> Send() {
    auto written = out_.Write(text_);
    text_.clear();
    return written;
  }

  OutputFile& out_;
  TextLines lines_;
  std::string text_;
};

}  // namespace

std::unique_ptr<Sink> MakeTextSink(OutputFile& out, TextStyle style) {
  return std::make_unique<TextSink>(out, style);
}

}  // namespace gotls
