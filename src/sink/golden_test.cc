// Every recording in tests/recordings/ gives, through each sink, the golden files beside it. After
// a wanted change: GOTLS_UPDATE_GOLDENS=1 sink_test --gtest_filter='Golden*'
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>

#include "flow/flow.h"
#include "sink/fan_out.h"
#include "sink/recording_reader.h"
#include "sink/test_exchange.h"
#include "sink/test_exchanges.h"
#include "sink/test_file.h"

namespace gotls {
namespace {

using testing::ReadFile;
using testing::TemporaryDirectory;
using testing::WriteFile;

const char* const kFolder = GOTLS_RECORDINGS;
// Of recordings' chunks; the text is the raw view.
constexpr const char* kFormats[] = {"raw.text", "hex", "json"};

bool Updating() { return std::getenv("GOTLS_UPDATE_GOLDENS") != nullptr; }

// All outputs in one folder, with what is the same on every machine.
class Outputs {
 public:
  Outputs() = default;
  explicit Outputs(std::span<const char* const> formats) {
    for (const char* format : formats) Add(format);
  }

  void Add(const std::string& format) {
    OutputContext context;
    context.utc = true;
    context.raw = true;
    context.recording = {testing::kExchangeWallOffset, testing::kExchangeWallOffset, 62, "0.1.0"};
    const std::string name = format.substr(format.rfind('.') + 1);
    Add({name, folder_.File(format)}, context);
  }

  void Add(const OutputSpec& spec, const OutputContext& context) {
    auto output = OpenOutput(spec, context);
    ASSERT_TRUE(output) << output.error().Message();
    fan_out_.Add(std::move(*output));
  }

  FanOut& fan_out() { return fan_out_; }
  [[nodiscard]] std::string File(std::string_view name) const { return folder_.File(name); }
  [[nodiscard]] std::string Text(std::string_view name) const { return ReadFile(File(name)); }

 private:
  TemporaryDirectory folder_;
  FanOut fan_out_{[](const std::string& output, const Error& error) {
    ADD_FAILURE() << output << ": " << error.Message();
  }};
};

void Replay(const std::string& path, FanOut& fan_out) {
  auto reader = RecordingReader::Open(path);
  ASSERT_TRUE(reader) << reader.error().Message();
  Flow flow(fan_out, reader->info().wall_offset_ns);
  for (;;) {
    const auto event = reader->Next();
    ASSERT_TRUE(event) << event.error().Message();
    if (!*event) break;
    flow.Push(**event);
  }
  EXPECT_FALSE(reader->truncated());
  fan_out.Finish(flow.End());
}

void CompareOrUpdate(const std::string& golden, const std::string& actual) {
  if (Updating()) return WriteFile(golden, actual);
  EXPECT_EQ(ReadFile(golden), actual) << golden;
}

TEST(Golden, ExchangeRecordingIsWhatTheEventsSay) {
  Outputs direct(kFormats);
  direct.Add("record");
  Flow flow(direct.fan_out(), testing::kExchangeWallOffset);
  for (const EventBytes& event : testing::ExchangeEvents()) {
    direct.fan_out().Record(event);
    flow.Push(event);
  }
  direct.fan_out().Finish(flow.End());
  // Also guards the layout of events and recordings, which can't change without a new version.
  CompareOrUpdate(std::string(kFolder) + "/exchange.rec", direct.Text("record"));

  Outputs replayed(kFormats);
  Replay(direct.File("record"), replayed.fan_out());
  for (const char* format : kFormats) EXPECT_EQ(direct.Text(format), replayed.Text(format));
}

TEST(Golden, AllRecordings) {
  int recordings = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() != ".rec") continue;
    ++recordings;
    Outputs outputs(kFormats);
    Replay(entry.path(), outputs.fan_out());
    for (const char* format : kFormats) {
      auto golden = entry.path();
      CompareOrUpdate(golden.replace_extension(format), outputs.Text(format));
    }
  }
  EXPECT_GE(recordings, 1);
}

TEST(Golden, JsonIsJson) {
  Outputs outputs(kFormats);
  Replay(std::string(kFolder) + "/exchange.rec", outputs.fan_out());
  std::istringstream lines(outputs.Text("json"));
  std::string line;
  std::string last;
  while (std::getline(lines, line)) {
    const auto object = nlohmann::json::parse(line);
    last = object.at("type");
    EXPECT_TRUE(object.at("time").is_string());
    if (last == "summary") continue;
    EXPECT_TRUE(object.at("connection").is_number_unsigned());
    EXPECT_TRUE(object.at("pid").is_number_unsigned());
    if (last != "chunk") continue;
    EXPECT_NE(object.contains("text"), object.contains("base64")) << line;
  }
  EXPECT_EQ(last, "summary");
}

// Exchanges made by hand, through each format that shows exchanges.
TEST(Golden, Exchanges) {
  struct Case {
    std::string golden;  // "exchanges.80.text"
    OutputSpec spec;
    int width = 120;
    int detail = 0;
    bool pretty = false;
    bool color = false;
  };
  const Case cases[] = {
      {"exchanges.80.text", {"text", ""}, 80},
      {"exchanges.text", {"text", ""}},
      {"exchanges.200.text", {"text", ""}, 200},
      {"exchanges.file.text", {"text", ""}, 0},
      {"exchanges.color.text", {"text", ""}, 120, 0, false, true},
      {"exchanges.headers.text", {"text", ""}, 120, 1},
      {"exchanges.bodies.text", {"text", ""}, 120, 2, true},
      {"exchanges.json", {"json", "", {{"what", "exchanges"}}}},
      {"exchanges.har", {"har", ""}},
  };
  Outputs outputs;
  for (const Case& test : cases) {
    OutputContext context;
    context.utc = true;
    context.color = test.color ? ColorMode::kAlways : ColorMode::kNever;
    context.width = test.width;
    context.detail = test.detail;
    context.pretty = test.pretty;
    context.recording.gotls_version = "0.1.0";
    OutputSpec spec = test.spec;
    spec.path = outputs.File(test.golden);
    outputs.Add(spec, context);
  }
  testing::PlayExchanges(outputs.fan_out());
  outputs.fan_out().Finish(testing::ExchangesSession<FanOut>::Totals());
  for (const Case& test : cases) {
    CompareOrUpdate(std::string(kFolder) + "/" + test.golden, outputs.Text(test.golden));
  }
}

// docs/json.md shows what is, not what was.
TEST(Golden, ExamplesInTheDocumentation) {
  const std::string golden = ReadFile(std::string(kFolder) + "/exchange.json") +
                             ReadFile(std::string(kFolder) + "/exchanges.json");
  std::istringstream lines(ReadFile(std::string(kFolder) + "/../../docs/json.md"));
  std::string line;
  bool in_example = false;
  int examples = 0;
  while (std::getline(lines, line)) {
    if (line.starts_with("```")) {
      in_example = line == "```json";
    } else if (in_example) {
      ++examples;
      EXPECT_NE(golden.find(line + "\n"), std::string::npos) << line;
    }
  }
  EXPECT_GE(examples, 9);
}

}  // namespace
}  // namespace gotls
