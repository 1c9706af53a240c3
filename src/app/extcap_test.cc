#include "app/extcap.h"

#include <gmock/gmock.h>

namespace gotls {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

std::string Answer(const std::vector<std::string>& arguments, int exit_code = 0) {
  const auto request = ParseExtcap(arguments);
  if (!request || !std::holds_alternative<ExtcapAnswer>(*request)) return "no answer";
  EXPECT_EQ(std::get<ExtcapAnswer>(*request).exit_code, exit_code);
  return std::get<ExtcapAnswer>(*request).text;
}

ExtcapCommand Command(const std::vector<std::string>& arguments) {
  const auto request = ParseExtcap(arguments);
  if (!request || !std::holds_alternative<ExtcapCommand>(*request)) return {};
  return std::get<ExtcapCommand>(*request);
}

TEST(Extcap, OtherCommandLinesAreNotWiresharks) {
  EXPECT_FALSE(ParseExtcap({}));
  EXPECT_FALSE(ParseExtcap({"trace", "--", "app", "--capture", "--extcap-interfaces"}));
  EXPECT_FALSE(ParseExtcap({"--help"}));
}

TEST(Extcap, TellsItsInterface) {
  EXPECT_THAT(Answer({"--extcap-interfaces", "--extcap-version=4.0"}),
              HasSubstr("\ninterface {value=gotls}{display=Go TLS (gotls)}\n"));
  EXPECT_THAT(Answer({"--extcap-interface=gotls", "--extcap-dlts"}), HasSubstr("{number=1}"));
  EXPECT_THAT(Answer({"--extcap-interface", "gotls", "--extcap-dlts"}), HasSubstr("{number=1}"));
}

TEST(Extcap, TellsItsOptions) {
  const std::string config = Answer({"--extcap-interface", "gotls", "--extcap-config"});
  EXPECT_THAT(config, HasSubstr("arg {number=0}{call=--pid}{display=Process IDs}"));
  EXPECT_THAT(config, HasSubstr("{call=--all}{display=All Go programs}"));
}

TEST(Extcap, CapturesInTheWordsOfTrace) {
  EXPECT_THAT(Command({"--capture", "--extcap-interface", "gotls", "--fifo", "/tmp/f", "--pid",
                       "12, 13,", "--ring=1MiB", "--comm", "", "--all", "false"}),
              ElementsAre("trace", "--quiet", "--output", "pcapng:/tmp/f", "--pid", "12", "--pid",
                          "13", "--ring=1MiB"));
  EXPECT_THAT(Command({"--capture", "--extcap-interface", "gotls", "--fifo", "/tmp/f", "--exe",
                       "/srv/*/api", "--extcap-capture-filter", "port == 443"}),
              IsSupersetOf({"--exe=/srv/*/api", "--filter=port == 443"}));
}

TEST(Extcap, CapturesAllWhenNothingIsNamed) {
  for (const auto& more : {std::vector<std::string>{}, {"--all"}, {"--pid", ""}}) {
    std::vector<std::string> words = {"--capture", "--extcap-interface=gotls", "--fifo=/tmp/f"};
    words.insert(words.end(), more.begin(), more.end());
    EXPECT_THAT(Command(words),
                ElementsAre("trace", "--quiet", "--output", "pcapng:/tmp/f", "--all"));
  }
}

TEST(Extcap, ChecksACaptureFilter) {
  EXPECT_EQ(Answer({"--extcap-interface=gotls", "--extcap-capture-filter=port == 443"}), "");
  EXPECT_EQ(Answer({"--extcap-interface=gotls", "--extcap-capture-filter", ""}), "");
  EXPECT_NE(Answer({"--extcap-interface=gotls", "--extcap-capture-filter=port =="}), "");
}

TEST(Extcap, RefusesWhatMakesNoSense) {
  EXPECT_THAT(Answer({"--extcap-interface=eth0", "--extcap-dlts"}, 2), HasSubstr("'eth0'"));
  EXPECT_THAT(Answer({"--extcap-dlts"}, 2), HasSubstr("no --extcap-interface"));
  EXPECT_THAT(Answer({"--extcap-interface=gotls"}, 2), HasSubstr("neither"));
  EXPECT_THAT(Answer({"--capture", "--extcap-interface=gotls"}, 2), HasSubstr("--fifo"));
}

}  // namespace
}  // namespace gotls
