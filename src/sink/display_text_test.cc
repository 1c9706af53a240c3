#include "sink/display_text.h"

#include <gtest/gtest.h>

#include <limits>

#include "sink/short_units.h"

namespace gotls {
namespace {

TEST(DisplayText, Width) {
  EXPECT_EQ(DisplayWidth(""), 0u);
  EXPECT_EQ(DisplayWidth("plain"), 5u);
  EXPECT_EQ(DisplayWidth("grüß"), 4u);
  EXPECT_EQ(DisplayWidth("日本"), 4u);
  EXPECT_EQ(DisplayWidth("e\xcc\x81"), 1u);  // combining accent
  EXPECT_EQ(DisplayWidth("\xff\xc3"), 2u);   // no UTF-8: a column a byte
}

struct CutCase {
  std::string_view text;
  std::size_t columns;
  std::string_view end;
  std::string_view middle;
};

TEST(DisplayText, Cut) {
  const CutCase cases[] = {
      {"abc", 3, "abc", "abc"},
      {"abcdef", 5, "abcd…", "ab…ef"},
      {"abcdef", 4, "abc…", "a…ef"},
      {"abcdef", 2, "a…", "a…"},
      {"abcdef", 1, "…", "…"},
      {"abcdef", 0, "", ""},
      {"grüßen", 5, "grüß…", "gr…en"},
      {"日本語", 5, "日本…", "日…語"},
      {"日本語", 4, "日…", "…語"},
      {"äöü", 3, "äöü", "äöü"},
      {"a\xff\xff\xff\xff", 3, "a\xff…", "a…\xff"},
  };
  for (const CutCase& test : cases) {
    std::string out = "x";
    EXPECT_EQ(AppendCutEnd(out, test.text, test.columns), DisplayWidth(test.end));
    EXPECT_EQ(out, "x" + std::string(test.end)) << test.text << ' ' << test.columns;
    out.clear();
    EXPECT_EQ(AppendCutMiddle(out, test.text, test.columns), DisplayWidth(test.middle));
    EXPECT_EQ(out, test.middle) << test.text << ' ' << test.columns;
  }
}

TEST(DisplayText, CutBeginKeepsTheEnd) {
  const auto cut = [](std::string_view text, std::size_t columns) {
    std::string out;
    const std::size_t taken = AppendCutBegin(out, text, columns);
    EXPECT_EQ(taken, DisplayWidth(out));
    return out;
  };
  EXPECT_EQ(cut("abc", 3), "abc");
  EXPECT_EQ(cut("abcdef", 4), "…def");
  EXPECT_EQ(cut("abcdef", 1), "…");
  EXPECT_EQ(cut("abcdef", 0), "");
  EXPECT_EQ(cut("日本語", 4), "…語");
}

TEST(DisplayText, CutIsNeverWider) {
  const std::string text = "a日b\xccö\x81語/very/long\xff\xffpath日本";
  for (std::size_t columns = 0; columns < 40; ++columns) {
    std::string end;
    std::string middle;
    AppendCutEnd(end, text, columns);
    std::string begin;
    AppendCutMiddle(middle, text, columns);
    AppendCutBegin(begin, text, columns);
    EXPECT_LE(DisplayWidth(begin), columns);
    EXPECT_LE(DisplayWidth(end), columns);
    EXPECT_LE(DisplayWidth(middle), columns);
  }
}

TEST(DisplayText, CutLastLine) {
  const auto cut = [](std::string text, std::size_t columns) {
    CutLastLine(text, columns);
    return text;
  };
  EXPECT_EQ(cut("first line is long\nabc\n", 3), "first line is long\nabc\n");
  EXPECT_EQ(cut("first line is long\nabcd\n", 3), "first line is long\nab…\n");
  EXPECT_EQ(cut("\x1b[1mab\x1b[0mcd\n", 4), "\x1b[1mab\x1b[0mcd\n");
  EXPECT_EQ(cut("\x1b[1mabcd\x1b[0m\n", 3), "\x1b[1mab…\x1b[0m\n");
  EXPECT_EQ(cut("no end", 3), "no end");
  EXPECT_EQ(cut("\n", 3), "\n");
  EXPECT_EQ(cut("\x1b[", 3), "\x1b[");
  EXPECT_EQ(cut("\x1b[1\n", 3), "\x1b[1\n");
}

std::string Size(std::uint64_t bytes) {
  std::string out;
  AppendShortSize(out, bytes);
  return out;
}

std::string Duration(std::uint64_t ns) {
  std::string out;
  AppendShortDuration(out, ns);
  return out;
}

TEST(ShortUnits, Sizes) {
  EXPECT_EQ(Size(0), "0B");
  EXPECT_EQ(Size(1023), "1023B");
  EXPECT_EQ(Size(1024), "1.0K");
  EXPECT_EQ(Size(10239), "9.9K");
  EXPECT_EQ(Size(10240), "10K");
  EXPECT_EQ(Size((1 << 20) - 1), "1023K");
  EXPECT_EQ(Size(3 << 20), "3.0M");
  EXPECT_EQ(Size(std::numeric_limits<std::uint64_t>::max()), "15E");
}

TEST(ShortUnits, Durations) {
  EXPECT_EQ(Duration(0), "0µs");
  EXPECT_EQ(Duration(999'999), "999µs");
  EXPECT_EQ(Duration(1'000'000), "1.00ms");
  EXPECT_EQ(Duration(37'090'000), "37.0ms");
  EXPECT_EQ(Duration(999'999'999), "999ms");
  EXPECT_EQ(Duration(59'999'999'999), "59.9s");
  EXPECT_EQ(Duration(245'000'000'000), "4m05s");
  EXPECT_EQ(Duration(7'260'000'000'000), "2h01m");
  EXPECT_EQ(Duration(86'400'000'000'000 * 12 + 3'600'000'000'000), "12d01h");
}

TEST(ShortUnits, ElapsedHasNoOverflow) {
  const WallTime first{std::chrono::nanoseconds{std::numeric_limits<std::int64_t>::min()}};
  const WallTime last{std::chrono::nanoseconds{std::numeric_limits<std::int64_t>::max()}};
  EXPECT_EQ(ElapsedNs(first, last), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(ElapsedNs(last, first), 0u);
}

}  // namespace
}  // namespace gotls
