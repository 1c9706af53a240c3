#include "sink/registry.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "sink/test_file.h"

namespace gotls {
namespace {

TEST(NeedStdoutAlone, ForWhatProgramsReadThere) {
  const auto needs = [](std::initializer_list<const char*> specs) {
    std::vector<OutputSpec> parsed;
    for (const char* spec : specs) parsed.push_back(*ParseOutputSpec(spec));
    return NeedStdoutAlone(parsed);
  };
  EXPECT_FALSE(needs({"text"}));
  EXPECT_FALSE(needs({"hex", "json:/x"}));
  for (const char* spec : {"json", "har:-", "pcapng:-", "keylog", "record"})
    EXPECT_TRUE(needs({spec}));
  EXPECT_TRUE(needs({"text:/x", "json"}));
}

std::string AllFormats() {
  std::string names;
  for (const OutputFormat& format : OutputFormats()) {
    if (!names.empty()) names += ", ";
    names += format.name;
  }
  return names;
}

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
  EXPECT_EQ(unknown.error().Message(), "-o: unknown output format 'xml'; formats: " + AllFormats());
  EXPECT_FALSE(ParseOutputSpec(""));
  EXPECT_FALSE(ParseOutputSpec("json:"));
}

TEST(OutputSpec, Options) {
  struct Case {
    std::string_view text;
    std::string_view path;
    std::string_view what;  // "": not given
  };
  const Case cases[] = {
      {"json,what=chunks", "", "chunks"},
      {"json:-,what=exchanges", "-", "exchanges"},
      {"json:/x/a.json,what=chunks+exchanges", "/x/a.json", "chunks+exchanges"},
      {"json:/x/a,b", "/x/a,b", ""},
      {"json:/x/a,b=c", "/x/a,b=c", ""},
      {"json:/x/a,what=all,b=c", "/x/a,what=all,b=c", ""},
      {"json:/x/a,b=c,what=all", "/x/a,b=c", "all"},
      {"text:/x/a,what=all", "/x/a,what=all", ""},
  };
  for (const Case& test : cases) {
    const auto spec = ParseOutputSpec(test.text);
    ASSERT_TRUE(spec) << test.text << ": " << spec.error().Message();
    EXPECT_EQ(spec->path, test.path) << test.text;
    const auto what = spec->options.find("what");
    EXPECT_EQ(what == spec->options.end() ? "" : what->second, test.what) << test.text;
  }
}

TEST(OutputSpec, WrongOptions) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"json,waht=all", "'waht' is no option of json; options: what;"},
      {"json,what", "'what' is no option of json"},
      {"json,", "'' is no option of json"},
      {"json,x=1,what=all", "'x' is no option of json"},
      {"hex,what=all", "'what' is no option of hex; it has none;"},
      {"json,what=some", "'some' is no value for what; what: all (the default), exchanges"},
      {"json,what=", "'' is no value for what"},
      {"json,what=all+", "'all+' is no value for what"},
      {"json,what=all,what=chunks", "what is there twice"},
      {"json:,what=all", "no path after 'json:'"},
  };
  for (const auto& [text, message] : cases) {
    const auto spec = ParseOutputSpec(text);
    ASSERT_FALSE(spec) << text;
    EXPECT_EQ(spec.error().kind, ErrorKind::kUsage);
    EXPECT_NE(spec.error().Message().find(message), std::string::npos) << spec.error().Message();
  }
}

TEST(OutputSpec, TwoOutputsNeedTwoPlaces) {
  EXPECT_TRUE(CheckOutputSpecs(std::vector<OutputSpec>{{"text", ""}, {"json", "/x"}}));
  const auto both = CheckOutputSpecs(std::vector<OutputSpec>{{"text", ""}, {"json", "-"}});
  ASSERT_FALSE(both);
  EXPECT_NE(both.error().Message().find("standard output"), std::string::npos);
  EXPECT_FALSE(CheckOutputSpecs(std::vector<OutputSpec>{{"text", "/x"}, {"json", "/x"}}));
}

TEST(OutputSpec, APlaceMayHaveManyNames) {
  const testing::TemporaryDirectory folder;
  const auto check = [](const std::string& one, const std::string& other) {
    return CheckOutputSpecs(std::vector<OutputSpec>{{"json", one}, {"har", other}}).has_value();
  };
  EXPECT_FALSE(check("dup.out", "./dup.out"));
  EXPECT_FALSE(check(folder.File("a"), folder.File("./a")));
  EXPECT_FALSE(check(folder.File("none/../a"), folder.File("a")));
  EXPECT_TRUE(check(folder.File("a"), folder.File("b")));
  testing::WriteFile(folder.File("a"), "");
  std::filesystem::create_symlink("a", folder.File("b"));
  std::filesystem::create_hard_link(folder.File("a"), folder.File("c"));
  EXPECT_FALSE(check(folder.File("a"), folder.File("b")));
  EXPECT_FALSE(check(folder.File("a"), folder.File("c")));
  EXPECT_TRUE(check("/dev/null", folder.File("a")));
  EXPECT_TRUE(check("/dev/null", "/dev/./null"));
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
