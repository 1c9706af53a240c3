#include "sink/registry.h"

#include <gtest/gtest.h>

#include "sink/test_file.h"

namespace gotls {
namespace {

TEST(OutputSpec, Parse) {
  EXPECT_EQ(ParseOutputSpec("json")->format, "json");
  EXPECT_TRUE(ParseOutputSpec("json")->to_stdout());
  EXPECT_TRUE(ParseOutputSpec("text:-")->to_stdout());
  EXPECT_EQ(ParseOutputSpec("record:/tmp/a:b")->path, "/tmp/a:b");
}

TEST(OutputSpec, ErrorsNameTheFormats) {
  const auto unknown = ParseOutputSpec("xml:/tmp/x");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, ErrorKind::kUsage);
  EXPECT_EQ(unknown.error().Message(),
            "-o: unknown output format 'xml'; formats: text, hex, json, record");
  EXPECT_FALSE(ParseOutputSpec(""));
  EXPECT_FALSE(ParseOutputSpec("json:"));
}

TEST(OutputSpec, TwoOutputsNeedTwoPlaces) {
  EXPECT_TRUE(CheckOutputSpecs(std::vector<OutputSpec>{{"text", ""}, {"json", "/x"}}));
  const auto both = CheckOutputSpecs(std::vector<OutputSpec>{{"text", ""}, {"json", "-"}});
  ASSERT_FALSE(both);
  EXPECT_NE(both.error().Message().find("standard output"), std::string::npos);
  EXPECT_FALSE(CheckOutputSpecs(std::vector<OutputSpec>{{"text", "/x"}, {"json", "/x"}}));
}

TEST(Registry, EveryFormatOpens) {
  const testing::TemporaryDirectory folder;
  for (const OutputFormat& format : OutputFormats()) {
    const std::string name(format.name);
    const auto output = OpenOutput({name, folder.File(name)}, {});
    ASSERT_TRUE(output) << output.error().Message();
    EXPECT_NE(output->sink == nullptr, output->recorder == nullptr) << name;
    EXPECT_EQ(output->name, name + ":" + folder.File(name));
    EXPECT_FALSE(format.description.empty());
  }
}

TEST(Registry, AnOutputThatCantBeOpened) {
  const auto output = OpenOutput({"json", "/no/such/dir/x"}, {});
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().kind, ErrorKind::kUsage);
}

TEST(Registry, ColourFollowsTheEnvironment) {
  ::unsetenv("NO_COLOR");
  ::setenv("TERM", "xterm", 1);
  EXPECT_EQ(ColorModeFromEnvironment(), ColorMode::kAuto);
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_EQ(ColorModeFromEnvironment(), ColorMode::kNever);
  ::setenv("NO_COLOR", "", 1);
  EXPECT_EQ(ColorModeFromEnvironment(), ColorMode::kAuto);
  ::setenv("TERM", "dumb", 1);
  EXPECT_EQ(ColorModeFromEnvironment(), ColorMode::kNever);
}

}  // namespace
}  // namespace gotls
