#include "sink/keylog.h"

#include <string>

#include "sink/keylog_line.h"
#include "sink/line_memory.h"

namespace gotls {
namespace {

// A program that has a KeyLogWriter of its own, and both ends of a connection on one host, tell a
// secret twice, shortly one after the other.
constexpr std::size_t kRemembered = 16 << 10;

class KeyLogSink final : public Sink, public SecretSink {
 public:
  explicit KeyLogSink(OutputFile& out) : out_(out), written_(kRemembered) {}

  Result<void> OnSecret(const Process& /*process*/, const TlsSecret& secret) override {
    std::string line;
    if (!AppendKeyLogLine(line, secret) || !written_.Add(line)) return {};
    return out_.Write(line);
  }

  Result<void> OnOpen(const Connection&) override { return {}; }
  Result<void> OnChunk(const Connection&, const Chunk&) override { return {}; }
  Result<void> OnGap(const Connection&, const Gap&) override { return {}; }
  Result<void> OnClose(const Connection&, const Close&) override { return {}; }
  Result<void> OnSummary(const Summary&) override { return out_.Finish(); }

 private:
  OutputFile& out_;
  LineMemory written_;
};

}  // namespace

std::unique_ptr<Sink> MakeKeyLogSink(OutputFile& out) { return std::make_unique<KeyLogSink>(out); }

}  // namespace gotls
