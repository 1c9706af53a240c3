#include "sink/keylog.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "sink/keylog_line.h"
#include "sink/line_memory.h"
#include "sink/test_file.h"

namespace gotls {
namespace {

TlsSecret MakeSecret(std::string label, std::string_view random, std::string_view secret) {
  return {std::move(label), AsBytes(random), AsBytes(secret), 7, {}};
}

TEST(KeyLogLine, IsTheNssFormat) {
  std::string line;
  EXPECT_TRUE(AppendKeyLogLine(
      line, MakeSecret("CLIENT_TRAFFIC_SECRET_0", std::string(31, '\0') + "\x7f", "\x01\xfe")));
  EXPECT_EQ(line, "CLIENT_TRAFFIC_SECRET_0 " + std::string(62, '0') + "7f 01fe\n");
}

TEST(KeyLogLine, RefusesWhatIsNone) {
  const std::string random(32, 'r');
  std::string line;
  EXPECT_FALSE(AppendKeyLogLine(line, MakeSecret("", random, "s")));
  EXPECT_FALSE(AppendKeyLogLine(line, MakeSecret("A B", random, "s")));
  EXPECT_FALSE(AppendKeyLogLine(line, MakeSecret("A\nB", random, "s")));
  EXPECT_FALSE(AppendKeyLogLine(line, MakeSecret(std::string(65, 'A'), random, "s")));
  EXPECT_FALSE(AppendKeyLogLine(line, MakeSecret("A", random.substr(1), "s")));
  EXPECT_FALSE(AppendKeyLogLine(line, MakeSecret("A", random, "")));
  EXPECT_FALSE(AppendKeyLogLine(line, MakeSecret("A", random, std::string(65, 's'))));
  EXPECT_EQ(line, "");
}

TEST(KeyLog, WritesEachSecretOnce) {
  const testing::TemporaryDirectory folder;
  auto file = OutputFile::Open(folder.File("keys"));
  ASSERT_TRUE(file);
  const auto sink = MakeKeyLogSink(**file);
  auto& secrets = dynamic_cast<SecretSink&>(*sink);
  const std::string one(32, '1');
  const std::string two(32, '2');
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(secrets.OnSecret({}, MakeSecret("CLIENT_RANDOM", one, "a")));
    ASSERT_TRUE(secrets.OnSecret({}, MakeSecret("EXPORTER_SECRET", one, "b")));
    ASSERT_TRUE(secrets.OnSecret({}, MakeSecret("CLIENT_RANDOM", two, "a")));
  }
  ASSERT_TRUE(sink->OnSummary({}));
  std::string ones;
  std::string twos;
  for (int i = 0; i < 32; ++i) ones += "31";
  for (int i = 0; i < 32; ++i) twos += "32";
  EXPECT_EQ(testing::ReadFile(folder.File("keys")), "CLIENT_RANDOM " + ones +
                                                        " 61\nEXPORTER_SECRET " + ones +
                                                        " 62\nCLIENT_RANDOM " + twos + " 61\n");
}

TEST(LineMemory, ForgetsTheOldest) {
  LineMemory memory(2);
  EXPECT_TRUE(memory.Add("a"));
  EXPECT_TRUE(memory.Add("b"));
  EXPECT_FALSE(memory.Add("a"));
  EXPECT_TRUE(memory.Add("c"));
  EXPECT_FALSE(memory.Add("b"));
  EXPECT_TRUE(memory.Add("a"));
  EXPECT_EQ(memory.lines(), (std::deque<std::string>{"c", "a"}));
}

}  // namespace
}  // namespace gotls
