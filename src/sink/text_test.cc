// What golden files don't show: colour, words for every reason, local time, hostile numbers.
#include "sink/text.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/bytes.h"
#include "sink/test_file.h"

namespace gotls {
namespace {

using testing::ReadFile;
using testing::TemporaryDirectory;

class TextTest : public ::testing::Test {
 protected:
  std::unique_ptr<Sink> Make(TextStyle style) {
    file_ = std::move(*OutputFile::Open(folder_.File("out")));
    return MakeTextSink(*file_, style);
  }
  std::string Text() {
    EXPECT_TRUE(file_->Flush());
    return ReadFile(folder_.File("out"));
  }
  static Connection Plain() {
    Connection connection;
    connection.id = {1};
    connection.process = {7, "x", ""};
    return connection;
  }
  TemporaryDirectory folder_;
  std::unique_ptr<OutputFile> file_;
};

TEST_F(TextTest, ColourIsOnlyAroundWords) {
  auto sink = Make({.color = true, .utc = true});
  ASSERT_TRUE(sink->OnOpen(Plain()));
  Chunk chunk;
  chunk.direction = Direction::kWrite;
  chunk.data = AsBytes("hi\x1b[0m, quite some plain text");
  ASSERT_TRUE(sink->OnChunk(Plain(), chunk));
  EXPECT_EQ(Text(),
            "\x1b[2m-- 1970-01-01 UTC\x1b[0m\n"
            "\x1b[2m00:00:00.000000\x1b[0m \x1b[1;35m#1\x1b[0m \x1b[1mopen\x1b[0m x[7]\n"
            "\x1b[2m00:00:00.000000\x1b[0m \x1b[1;35m#1\x1b[0m \x1b[33m->\x1b[0m 29 bytes\n"
            "\x1b[1;35m#1\x1b[0m \x1b[33m>\x1b[0m hi\\x1b[0m, quite some plain text\n");
}

TEST_F(TextTest, EveryGapReason) {
  auto sink = Make({.utc = true});
  Gap gap;
  gap.length = 1;
  for (const int reasons : {0, 1, 2, 4, 7, 8}) {
    gap.reasons = static_cast<std::uint8_t>(reasons);
    ASSERT_TRUE(sink->OnGap(Plain(), gap));
  }
  EXPECT_EQ(Text(),
            "-- 1970-01-01 UTC\n"
            "00:00:00.000000 #1 <- 1 byte at 0 missing: the reason is not known\n"
            "00:00:00.000000 #1 <- 1 byte at 0 missing: the ring buffer was full (raise --ring)\n"
            "00:00:00.000000 #1 <- 1 byte at 0 missing: the program's memory could not be read\n"
            "00:00:00.000000 #1 <- 1 byte at 0 missing: beyond --max-op\n"
            "00:00:00.000000 #1 <- 1 byte at 0 missing: the ring buffer was full (raise --ring), "
            "the program's memory could not be read, beyond --max-op\n"
            "00:00:00.000000 #1 <- 1 byte at 0 not sent: the Write that was given them failed\n");
}

TEST_F(TextTest, Durations) {
  auto sink = Make({.utc = true});
  Close close;
  const std::int64_t second = 1'000'000'000;
  for (const std::int64_t ns : {std::int64_t{0}, std::int64_t{1'234'567}, 59 * second + 990'000'000,
                                61 * second, 7260 * second, std::int64_t{-5}}) {
    close.time = WallTime{std::chrono::nanoseconds{ns}};
    ASSERT_TRUE(sink->OnClose(Plain(), close));
  }
  const std::string text = Text();
  for (const char* part :
       {"after 0.0 ms:", "after 1.2 ms:", "after 59.99 s:", "after 1m01s:", "after 2h01m:"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << '\n' << text;
  }
}

TEST_F(TextTest, TimesThatAreFarApart) {
  auto sink = Make({.utc = false});
  Connection connection = Plain();
  connection.opened = WallTime{std::chrono::nanoseconds{std::numeric_limits<std::int64_t>::min()}};
  Close close;
  close.time = WallTime{std::chrono::nanoseconds{std::numeric_limits<std::int64_t>::max()}};
  ASSERT_TRUE(sink->OnClose(connection, close));
  EXPECT_NE(Text().find("after 5124095h34m"), std::string::npos);
}

}  // namespace
}  // namespace gotls
