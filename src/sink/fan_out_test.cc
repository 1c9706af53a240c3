#include "sink/fan_out.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flow/test_events.h"
#include "sink/test_file.h"

namespace gotls {
namespace {

using ::testing::ElementsAre;

// Writes down its calls, and fails from the given one on.
class FakeSink : public Sink {
 public:
  explicit FakeSink(std::vector<std::string>& calls, std::size_t good = 1000)
      : calls_(calls), good_(good) {}
  Result<void> OnOpen(const Connection&) override { return Call("open"); }
  Result<void> OnChunk(const Connection&, const Chunk&) override { return Call("chunk"); }
  Result<void> OnGap(const Connection&, const Gap&) override { return Call("gap"); }
  Result<void> OnClose(const Connection&, const Close&) override { return Call("close"); }
  Result<void> OnSummary(const Summary&) override { return Call("summary"); }

 private:
  Result<void> Call(const char* name) {
    calls_.emplace_back(name);
    if (calls_.size() > good_) return Fail(ErrorKind::kRuntime, "broken");
    return {};
  }
  std::vector<std::string>& calls_;
  std::size_t good_;
};

class FanOutTest : public ::testing::Test {
 protected:
  void RunSession() {
    fan_out_.OnOpen({});
    fan_out_.OnChunk({}, {});
    fan_out_.OnGap({}, {});
    fan_out_.Flush();
    fan_out_.OnClose({}, {});
    fan_out_.Finish({});
  }
  std::vector<std::string> errors_;
  FanOut fan_out_{[this](const std::string& output, const Error& error) {
    errors_.push_back(output + " " + error.what);
  }};
};

TEST_F(FanOutTest, AFailedSinkIsReportedOnceAndTheOthersGoOn) {
  std::vector<std::string> good;
  std::vector<std::string> bad;
  fan_out_.Add("bad", std::make_unique<FakeSink>(bad, 1));
  fan_out_.Add("good", std::make_unique<FakeSink>(good));
  RunSession();
  EXPECT_THAT(good, ElementsAre("open", "chunk", "gap", "close", "summary"));
  EXPECT_THAT(bad, ElementsAre("open", "chunk"));
  EXPECT_THAT(errors_, ElementsAre("bad broken"));
  EXPECT_TRUE(fan_out_.had_error());
  EXPECT_FALSE(fan_out_.all_failed());
}

TEST_F(FanOutTest, WhenAllFailNobodyListens) {
  std::vector<std::string> bad;
  fan_out_.Add("bad", std::make_unique<FakeSink>(bad, 0));
  EXPECT_FALSE(fan_out_.all_failed());
  RunSession();
  EXPECT_TRUE(fan_out_.all_failed());
}

TEST_F(FanOutTest, AnErrorShowsAtFlushToo) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full";
  for (const char* format : {"hex", "record"}) {
    auto output = OpenOutput({format, "/dev/full"}, {});
    ASSERT_TRUE(output);
    fan_out_.Add(std::move(*output));
  }
  RunSession();
  EXPECT_THAT(errors_, ElementsAre("hex:/dev/full can't write: No space left on device",
                                   "record:/dev/full can't write: No space left on device"));
}

TEST_F(FanOutTest, NothingToDoIsNoFailure) {
  RunSession();
  EXPECT_FALSE(fan_out_.had_error());
  EXPECT_FALSE(fan_out_.all_failed());
}

}  // namespace
}  // namespace gotls
