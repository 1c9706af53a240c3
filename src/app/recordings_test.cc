// Every recording in tests/recordings/, through all stages: each output gives the golden file
// beside it, and decoders find the same in whatever pieces the bytes come. After a wanted change:
// GOTLS_UPDATE_GOLDENS=1 app_test
// --gtest_filter='Recordings*'
#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "app/test_replay.h"
#include "decode/decode_stage.h"
#include "sink/json.h"

namespace gotls {
namespace {

using testing::PushRecording;
using testing::ReadFile;
using testing::TemporaryDirectory;
using testing::WriteFile;

struct View {
  std::string golden;  // extension of the golden file
  std::string output;  // format and options
  ViewOptions view{};
};

std::vector<View> Views() {
  std::vector<View> views = {
      {"view.text", "text"},   {"headers.text", "text"},
      {"bodies.text", "text"}, {"view.json", "json,what=all"},
      {"har", "har"},          {"pcapng", "pcapng"},
      {"keylog", "keylog"},    {"redacted.text", "text"},
  };
  views[1].view.detail = 1;
  views[2].view.detail = 2;
  views[2].view.pretty = true;
  views[7].view = {
      .filter = "status >= 200", .redact_rules = {"json:list", "query:n"}, .detail = 2};
  return views;
}

class Recordings : public ::testing::Test {
 protected:
  Recordings() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
};

TEST_F(Recordings, EveryOutputIsAsTheGoldenFilesSay) {
  EXPECT_GE(testing::Recordings().size(), 4U);
  for (const auto& recording : testing::Recordings()) {
    for (const View& view : Views()) {
      const TemporaryDirectory folder;
      const std::size_t comma = std::min(view.output.find(','), view.output.size());
      const std::string file = folder.File("out");
      const std::string spec =
          view.output.substr(0, comma) + ":" + file + view.output.substr(comma);
      const auto summary = Replay(recording, {spec}, nullptr, {}, view.view);
      ASSERT_TRUE(summary) << summary.error().Message();
      auto golden = recording;
      golden.replace_extension(view.golden);
      if (std::getenv("GOTLS_UPDATE_GOLDENS") != nullptr) WriteFile(golden, ReadFile(file));
      EXPECT_EQ(ReadFile(golden) == ReadFile(file), true) << golden << " is not " << spec;
    }
  }
}

// A recording gives itself again.
TEST_F(Recordings, AreRecordedAgainToTheByte) {
  for (const auto& recording : testing::Recordings()) {
    const TemporaryDirectory folder;
    ASSERT_TRUE(Replay(recording, {"record:" + folder.File("out")}, nullptr));
    const std::string again = ReadFile(folder.File("out"));
    const std::string whole = ReadFile(recording);
    ASSERT_EQ(again.size(), whole.size());
    EXPECT_TRUE(again.substr(80) == whole.substr(80)) << recording;  // behind the header
  }
}

// ---- in any pieces ----

// What flows to the decoders, kept, to be sent again.
class Kept final : public FlowObserver {
 public:
  struct Item {
    enum class Kind : std::uint8_t { kOpen, kChunk, kGap, kClose } kind;
    Connection connection;
    Chunk chunk;
    std::string bytes;
    Gap gap;
    Close close;
  };
  void OnOpen(const Connection& c) override {
    items.push_back({Item::Kind::kOpen, c, {}, {}, {}, {}});
  }
  void OnChunk(const Connection& c, const Chunk& chunk) override {
    items.push_back({Item::Kind::kChunk, c, chunk, std::string(AsText(chunk.data)), {}, {}});
    bytes += chunk.data.size();
  }
  void OnGap(const Connection& c, const Gap& gap) override {
    items.push_back({Item::Kind::kGap, c, {}, {}, gap, {}});
  }
  void OnClose(const Connection& c, const Close& close) override {
    items.push_back({Item::Kind::kClose, c, {}, {}, {}, close});
  }

  std::vector<Item> items;
  std::size_t bytes = 0;
};

// The exchanges and messages as JSON.
class Lines final : ExchangeHandler {
 public:
  Lines() {
    auto file = OutputFile::Open(folder_.File("lines"));
    EXPECT_TRUE(file);
    file_ = std::move(*file);
    sink_ = MakeJsonSink(*file_, {.chunks = false, .exchanges = true});
    exchanges_ = dynamic_cast<ExchangeSink*>(sink_.get());
    stage_ = std::make_unique<DecodeStage>(static_cast<ExchangeHandler&>(*this),
                                           DecodeOptions{.protobuf_fields = true});
  }

  // `cut` says after how many of the bytes left of a chunk to cut it.
  template <typename Cut>
  std::string Of(const Kept& kept, Cut cut) {
    for (const Kept::Item& item : kept.items) Push(item, cut);
    EXPECT_TRUE(file_->Finish());
    return ReadFile(folder_.File("lines"));
  }

 private:
  template <typename Cut>
  void Push(const Kept::Item& item, Cut& cut) {
    switch (item.kind) {
      case Kept::Item::Kind::kOpen:
        return stage_->OnOpen(item.connection);
      case Kept::Item::Kind::kGap:
        return stage_->OnGap(item.connection, item.gap);
      case Kept::Item::Kind::kClose:
        return stage_->OnClose(item.connection, item.close);
      case Kept::Item::Kind::kChunk:
        break;
    }
    Chunk chunk = item.chunk;
    for (std::string_view rest = item.bytes; !rest.empty();) {
      const std::string piece(rest.substr(0, cut(rest.size())));
      chunk.data = AsBytes(piece);
      stage_->OnChunk(item.connection, chunk);
      chunk.position.value += piece.size();
      rest.remove_prefix(piece.size());
    }
  }

  void OnExchange(const Connection& connection, Exchange& exchange) override {
    EXPECT_TRUE(exchanges_->OnExchange(connection, exchange));
  }
  void OnMessage(const Connection& connection, Exchange& exchange, Message& message) override {
    EXPECT_TRUE(exchanges_->OnMessage(connection, exchange, message));
  }
  void OnOpaque(const Connection&, const Chunk&) override {}
  void OnOpaqueGap(const Connection&, const Gap&) override {}

  TemporaryDirectory folder_;
  std::unique_ptr<OutputFile> file_;
  std::unique_ptr<Sink> sink_;
  ExchangeSink* exchanges_ = nullptr;
  std::unique_ptr<DecodeStage> stage_;
};

constexpr std::size_t kShort = 2'000;

TEST_F(Recordings, EverySplitOfShortOnesGivesTheSame) {
  std::size_t found = 0;
  for (const auto& recording : testing::Recordings()) {
    Kept kept;
    PushRecording(recording, kept);
    if (kept.bytes > kShort) continue;
    ++found;
    const std::string whole = Lines().Of(kept, [](std::size_t left) { return left; });
    EXPECT_FALSE(whole.empty()) << recording;
    for (std::size_t at = 1; at < kept.bytes; ++at) {
      std::size_t passed = 0;
      const auto cut = [&passed, at](std::size_t left) {
        const std::size_t size = passed < at && at < passed + left ? at - passed : left;
        passed += size;
        return size;
      };
      ASSERT_TRUE(Lines().Of(kept, cut) == whole) << recording << " split at " << at;
    }
  }
  EXPECT_GE(found, 2U);
}

TEST_F(Recordings, RandomSplitsGiveTheSame) {
  std::minstd_rand random(1);
  for (const auto& recording : testing::Recordings()) {
    Kept kept;
    PushRecording(recording, kept);
    const std::string whole = Lines().Of(kept, [](std::size_t left) { return left; });
    for (int round = 0; round < 1000; ++round) {
      // From single bytes to whole chunks, at one scale a round.
      const std::size_t most = std::size_t{1} << (random() % 15);
      const auto cut = [&random, most](std::size_t left) {
        return std::min(left, 1 + random() % most);
      };
      ASSERT_TRUE(Lines().Of(kept, cut) == whole) << recording << " round " << round;
    }
  }
}

}  // namespace
}  // namespace gotls
