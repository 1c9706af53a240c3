// Every recording gives a sound capture that holds each byte of it.
#include <gtest/gtest.h>

#include <filesystem>

#include "flow/flow.h"
#include "sink/fan_out.h"
#include "sink/pcapng/test_capture.h"
#include "sink/recording_reader.h"

namespace gotls {
namespace {

class ByteCounter final : public Sink {
 public:
  explicit ByteCounter(std::uint64_t& bytes) : bytes_(bytes) {}
  Result<void> OnOpen(const Connection&) override { return {}; }
  Result<void> OnChunk(const Connection&, const Chunk& chunk) override {
    bytes_ += chunk.data.size();
    return {};
  }
  Result<void> OnGap(const Connection&, const Gap&) override { return {}; }
  Result<void> OnClose(const Connection&, const Close&) override { return {}; }
  Result<void> OnSummary(const Summary&) override { return {}; }

 private:
  std::uint64_t& bytes_;
};

TEST(PcapngRecordings, HoldEachByte) {
  int recordings = 0;
  for (const auto& entry : std::filesystem::directory_iterator(GOTLS_RECORDINGS)) {
    if (entry.path().extension() != ".rec") continue;
    ++recordings;
    const testing::TemporaryDirectory folder;
    std::uint64_t bytes = 0;
    FanOut fan_out([](const std::string& name, const Error& error) {
      ADD_FAILURE() << name << ": " << error.Message();
    });
    auto output = OpenOutput({"pcapng", folder.File("x")}, {});
    ASSERT_TRUE(output) << output.error().Message();
    fan_out.Add(std::move(*output));
    fan_out.Add("counter", std::make_unique<ByteCounter>(bytes));
    auto reader = RecordingReader::Open(entry.path());
    ASSERT_TRUE(reader) << reader.error().Message();
    Flow flow(fan_out, reader->info().wall_offset_ns);
    for (auto event = reader->Next(); event && *event; event = reader->Next()) flow.Push(**event);
    fan_out.Finish(flow.End());
    std::uint64_t captured = 0;
    for (const auto& packet : testing::ParseCapture(folder.File("x")).Tcp()) {
      captured += packet.payload.size();
    }
    EXPECT_EQ(captured, bytes) << entry.path();
    EXPECT_GT(bytes, 0U) << entry.path();
  }
  EXPECT_GE(recordings, 1);
}

}  // namespace
}  // namespace gotls
