#include "probe/target_rules.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe/test_file.h"

namespace gotls {
namespace {

TEST(TargetRules, MatchesPidsAndNamesAsProcesses) {
  TraceOptions options;
  options.pids = {7};
  options.comms = {"server"};
  const TargetRules rules(options);
  EXPECT_EQ(rules.Match(7, "/bin/x", "x"), Wanted::kProcess);
  EXPECT_EQ(rules.Match(8, "/bin/x", "server"), Wanted::kProcess);
  EXPECT_EQ(rules.Match(8, "/bin/server", "x"), Wanted::kNo);
}

TEST(TargetRules, CutsNamesAsTheKernelDoes) {
  TraceOptions options;
  options.comms = {"a-name-of-20-letters"};
  const TargetRules rules(options);
  EXPECT_EQ(rules.Match(8, "/bin/x", "a-name-of-20-le"), Wanted::kProcess);
  ASSERT_EQ(rules.comms().size(), 1U);
  EXPECT_EQ(rules.comms()[0], "a-name-of-20-le");
}

TEST(TargetRules, MatchesFilesAsBinaries) {
  TraceOptions options;
  options.pids = {7};
  options.exe_globs = {"server"};
  const TargetRules rules(options);
  EXPECT_EQ(rules.Match(8, "/bin/server", "x"), Wanted::kBinary);
  EXPECT_EQ(rules.Match(7, "/bin/server", "x"), Wanted::kBinary);  // the wider of two
  EXPECT_EQ(rules.Match(8, "", "server"), Wanted::kNo);
}

TEST(TargetRules, MatchesContainersByNameAndByTheBeginningOfTheirId) {
  Container container;
  container.id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  container.name = "web";
  const std::pair<std::string, bool> cases[] = {
      {"web", true},   {"we", false},        {"web2", false},
      {"0123", true},  {container.id, true}, {"012", false},  // could be anything
      {"1234", false}, {"", false},
  };
  for (const auto& [wanted, matches] : cases) {
    TraceOptions options;
    options.containers = {"other", wanted};
    const TargetRules rules(options);
    EXPECT_EQ(rules.MatchesContainer(container), matches) << wanted;
    EXPECT_FALSE(rules.MatchesContainer(Container{})) << wanted;
    EXPECT_TRUE(rules.open_ended() && rules.watches_execs() && rules.names_containers());
    EXPECT_EQ(rules.Match(8, "/bin/x", "web"), Wanted::kNo);
  }
  EXPECT_FALSE(TargetRules(TraceOptions()).names_containers());
}

TEST(TargetRules, MatchesEverythingWithAll) {
  TraceOptions options;
  options.all = true;
  EXPECT_EQ(TargetRules(options).Match(8, "", ""), Wanted::kBinary);
}

TEST(TargetRules, KnowsWhetherNewProcessesCanMatch) {
  TraceOptions options;
  options.pids = {7};
  EXPECT_FALSE(TargetRules(options).open_ended());
  options.comms = {"server"};
  EXPECT_TRUE(TargetRules(options).open_ended());
  EXPECT_FALSE(TargetRules(options).watches_execs());  // the kernel half compares names itself
  options.exe_globs = {"server"};
  EXPECT_TRUE(TargetRules(options).watches_execs());
}

TEST(TargetRules, KnowTheOnlyProcessWhenNoOtherCanMatch) {
  EXPECT_EQ(TargetRules(TraceOptions()).only_process(), 0U);
  TraceOptions one;
  one.pids = {7};
  EXPECT_EQ(TargetRules(one).only_process(), 7U);
  TraceOptions two = one;
  two.pids.push_back(8);
  EXPECT_EQ(TargetRules(two).only_process(), 0U);
  TraceOptions more = one;
  more.comms = {"server"};
  EXPECT_EQ(TargetRules(more).only_process(), 0U);
}

TEST(ExistingFiles, ExpandsPatternsWithASlash) {
  const TestFile file("x");
  TraceOptions options;
  options.exe_globs = {file.path() + "*", "server"};
  EXPECT_EQ(TargetRules(options).ExistingFiles(), std::vector<std::string>{file.path()});
}

// To open a fifo is to wait for its writer, and devices do things when they are opened.
TEST(ExistingFiles, TakesRegularFilesOnly) {
  const TestFile file("x");
  const std::string fifo = file.path() + ".fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  TraceOptions options;
  options.exe_globs = {file.path() + "*", "/dev/nul*", "/tm*"};
  EXPECT_EQ(TargetRules(options).ExistingFiles(), std::vector<std::string>{file.path()});
  unlink(fifo.c_str());
}

}  // namespace
}  // namespace gotls
