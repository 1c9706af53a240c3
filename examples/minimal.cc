// Traces a process for ten seconds and prints what it reads and writes through TLS. Build it
// against an installed gotls:
//   g++ minimal.cc $(pkg-config --cflags --libs gotls) -o minimal && sudo ./minimal PID
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "gotls/session.h"

namespace {

class PrintChunks : public gotls::Sink {
 public:
  gotls::Result<void> OnOpen(const gotls::Connection& c) override {
    std::printf("#%lu opened by %s, %s\n", c.id.value, c.process.comm.c_str(),
                c.server_name.c_str());
    return {};
  }
  gotls::Result<void> OnChunk(const gotls::Connection& c, const gotls::Chunk& chunk) override {
    std::printf("#%lu %s %zu bytes\n", c.id.value,
                chunk.direction == gotls::Direction::kRead ? "read" : "wrote", chunk.data.size());
    return {};
  }
  gotls::Result<void> OnGap(const gotls::Connection& c, const gotls::Gap& gap) override {
    std::printf("#%lu %lu bytes are missing\n", c.id.value, gap.length);
    return {};
  }
  gotls::Result<void> OnClose(const gotls::Connection& c, const gotls::Close&) override {
    std::printf("#%lu closed\n", c.id.value);
    return {};
  }
  gotls::Result<void> OnSummary(const gotls::Summary&) override { return {}; }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: minimal PID\n"), 2;
  gotls::TraceOptions options{.pids = {static_cast<std::uint32_t>(std::atoi(argv[1]))},
                              .duration = std::chrono::seconds(10)};
  auto session = gotls::Session::Create(options);
  if (!session)
    return std::fprintf(stderr, "%s\n", session.error().Message().c_str()),
           static_cast<int>(session.error().kind);
  (*session)->AddSink(std::make_unique<PrintChunks>());
  const auto summary = (*session)->Run();
  return summary ? 0 : 1;
}
