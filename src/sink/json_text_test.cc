#include "sink/json_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

namespace gotls {
namespace {

std::string Json(std::string_view text) {
  std::string out;
  AppendJsonString(out, text);
  return out;
}

std::string Base64(std::string_view text) {
  std::string out;
  AppendBase64(out, AsBytes(text));
  return out;
}

TEST(JsonText, Escapes) {
  EXPECT_EQ(Json("plain"), "\"plain\"");
  EXPECT_EQ(Json("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"");
  EXPECT_EQ(Json("\b\f\n\r\t\x1b\x7f"), "\"\\b\\f\\n\\r\\t\\u001b\\u007f\"");
  EXPECT_EQ(Json(std::string_view("\0", 1)), "\"\\u0000\"");
  EXPECT_EQ(Json("\xc2\x9b\xc2\xa0"), "\"\\u009b\xc2\xa0\"");
  EXPECT_EQ(Json("\xf0\x9f\x98\x80"), "\"\xf0\x9f\x98\x80\"");
}

TEST(JsonText, WhatIsNotUtf8IsReplacedInNames) {
  EXPECT_EQ(Json("a\xff"
                 "b"),
            "\"a\xef\xbf\xbd"
            "b\"");
  EXPECT_EQ(Json("\xe2\x82"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST(JsonText, WhatIsNotUtf8IsRefusedInPayload) {
  std::string out = "x";
  for (const char* bad :
       {"\xff", "text \xe2\x82", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80"}) {
    EXPECT_FALSE(AppendJsonStringIfUtf8(out, bad));
    EXPECT_EQ(out, "x");
  }
  EXPECT_TRUE(AppendJsonStringIfUtf8(out, "\xe2\x82\xac"));
  EXPECT_EQ(out, "x\"\xe2\x82\xac\"");
}

TEST(JsonText, Base64) {  // the vectors of RFC 4648
  EXPECT_EQ(Base64(""), "");
  EXPECT_EQ(Base64("f"), "Zg==");
  EXPECT_EQ(Base64("fo"), "Zm8=");
  EXPECT_EQ(Base64("foo"), "Zm9v");
  EXPECT_EQ(Base64("foob"), "Zm9vYg==");
  EXPECT_EQ(Base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(Base64("\xff\xfe\xfb\xef"), "//777w==");
}

// Every mix of what the fast path skips and stops at, at every offset, parses back to itself.
TEST(JsonText, ParsesBack) {
  constexpr const char* kPieces[] = {
      "a", "plain text",       "\"", "\\", "\n", "\x01", "\x7f", "\xc3\xbc", "\xe2\x82\xac", " ",
      "~", "\xf0\x9f\x98\x80", "!",  "#",  "[",  "\x1f"};
  for (unsigned seed = 0; seed < 3000; ++seed) {
    std::mt19937 random(seed);
    std::string text;
    for (auto i = random() % 20; i > 0; --i) text += kPieces[random() % std::size(kPieces)];
    std::string out;
    ASSERT_TRUE(AppendJsonStringIfUtf8(out, text));
    ASSERT_EQ(nlohmann::json::parse(out).get<std::string>(), text);
  }
}

TEST(JsonText, EveryByteAtEveryOffset) {
  for (int byte = 0; byte < 128; ++byte) {
    for (std::size_t at = 0; at < 17; ++at) {
      std::string text(17, 'x');
      text[at] = static_cast<char>(byte);
      ASSERT_EQ(nlohmann::json::parse(Json(text)).get<std::string>(), text) << byte << ' ' << at;
    }
  }
}

TEST(JsonText, Numbers) {
  const auto number = [](std::uint64_t value) {
    std::string out = "n";
    AppendNumber(out, value);
    out += ' ';
    AppendMillionth(out, value);
    return out;
  };
  EXPECT_EQ(number(0), "n0 0.000000");
  EXPECT_EQ(number(9), "n9 0.000009");
  EXPECT_EQ(number(10), "n10 0.000010");
  EXPECT_EQ(number(12'345'678), "n12345678 12.345678");
  EXPECT_EQ(number(~std::uint64_t{0}), "n18446744073709551615 18446744073709.551615");
}

}  // namespace
}  // namespace gotls
