#include "decode/body/pretty.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "decode/body/coding_test_util.h"

namespace gotls {
namespace {

using namespace std::string_literals;

TEST(PrettyJson, Indents) {
  struct Case {
    std::string_view json, pretty;
  };
  const Case cases[] = {
      {"{}", "{}"},
      {" [ ] ", "[]"},
      {"1", "1"},
      {"-0.5e+10", "-0.5e+10"},
      {"\"a\\u00e4\\\"\"", "\"a\\u00e4\\\"\""},
      {"[1,2]", "[\n  1,\n  2\n]"},
      {"{\"b\":1,\"a\":{\"c\":[]},\"b\":1.00}",
       "{\n  \"b\": 1,\n  \"a\": {\n    \"c\": []\n  },\n  \"b\": 1.00\n}"},
      {"[true,false,null,12345678901234567890123]",
       "[\n  true,\n  false,\n  null,\n  12345678901234567890123\n]"},
      {"[[[]],{}]", "[\n  [\n    []\n  ],\n  {}\n]"},
      {"[\"\xff\"]", "[\n  \"\xff\"\n]"},
  };
  for (const Case& c : cases) EXPECT_EQ(PrettyJson(c.json, 2), c.pretty) << c.json;
  EXPECT_EQ(PrettyJson("[1]", 0), "[\n1\n]");
}

TEST(PrettyJson, RefusesWhatIsNotJson) {
  for (const char* text : {"",           " ",       "{",
                           "[",          "[1",      "[1,",
                           "[1,]",       "{\"a\"}", "{\"a\":}",
                           "{\"a\":1,}", "{a:1}",   "[1 2]",
                           "tru",        "truex",   "01",
                           "1.",         ".5",      "1e",
                           "-",          "+1",      "\"a",
                           "\"a\\",      "\"\\x\"", "\"\\u12g4\"",
                           "\"a\nb\"",   "[1]]",    "[1}",
                           "{]",         "nul",     "1 2",
                           "NaN",        "'a'",     "{\"a\":1 \"b\":2}",
                           ",",          ":"}) {
    EXPECT_EQ(PrettyJson(text, 2), std::nullopt) << text;
  }
}

TEST(PrettyJson, HostileNestingIsBounded) {
  EXPECT_EQ(PrettyJson(std::string(100'000, '['), 2), std::nullopt);
  std::string deep = std::string(200, '[');
  for (int i = 0; i < 100'000; ++i) deep += "0,";
  deep += "0" + std::string(200, ']');
  EXPECT_EQ(PrettyJson(deep, 8), std::nullopt);
  EXPECT_TRUE(PrettyJson(std::string(200, '[') + std::string(200, ']'), 2));
}

// Another parser agrees on what is JSON, and finds the same in the result.
TEST(PrettyJson, AgreesWithAnotherParser) {
  static constexpr std::string_view kParts[] = {"{", "}",    "[", "]",    ",",    ":",     "\"a\"",
                                                "1", "-2.5", " ", "null", "true", "\"b\"", "1e3 "};
  std::mt19937 random(2);
  int good = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string text;
    for (auto n = 1 + random() % 7; n > 0; --n) text += kParts[random() % std::size(kParts)];
    const auto truth = nlohmann::ordered_json::parse(text, nullptr, false);
    const auto pretty = PrettyJson(text, 2);
    ASSERT_EQ(pretty.has_value(), !truth.is_discarded()) << text;
    if (!pretty) continue;
    ++good;
    ASSERT_EQ(nlohmann::ordered_json::parse(*pretty), truth) << text;
  }
  EXPECT_GT(good, 1000);
}

TEST(DescribeBinary, Table) {
  struct Case {
    std::string content, type, text;
  };
  const std::string png = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0\x08"s;
  const std::string jpeg = "\xff\xd8\xff\xe0\0\x04xx\xff\xff\xc2\0\x11\x08\0\x40\0\x30\x03"s;
  const Case cases[] = {
      {png, "", "PNG image, 640x480"},
      {png.substr(0, 18), "", "PNG image"},
      {jpeg, "", "JPEG image, 48x64"},
      {jpeg.substr(0, 10), "", "JPEG image"},
      {"\xff\xd8\xff\xda\0\x04"s, "", "JPEG image"},
      {"GIF89a\x0a\0\x05\0"s, "", "GIF image, 10x5"},
      {"GIF89a", "", "GIF image"},
      {"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x3f\x01\0\xef\0\0"s, "", "WebP image, 320x240"},
      {"RIFF\x20\0\0\0WEBPVP8L\x0a\0\0\0\x2f\x3f\xc1\x3b\0"s, "", "WebP image, 320x240"},
      {"RIFF\x20\0\0\0WEBP"s, "", "WebP image"},
      {"RIFF", "audio/wav", "audio/wav"},
      {"%PDF-1.7\n", "", "PDF document, version 1.7"},
      {"%PDF-\x1b[1", "", "PDF document"},
      {"PK\x03\x04zip", "", "ZIP archive"},
      {"\x1f\x8b\x08", "", "gzip data"},
      {"\0asm\x01\0\0\0"s, "application/wasm", "WebAssembly module"},
      {"\x08\x96\x01", "application/grpc", "application/grpc"},
      {"\x08\x96\x01", "", "binary"},
      {"", "application/octet-stream", "binary"},
      {"x", "evil\x1b[31m", "binary"},
  };
  for (const Case& c : cases) EXPECT_EQ(DescribeBinary(c.content, c.type), c.text);
}

TEST(DescribeBinary, NeverCrashes) {
  std::mt19937 random(3);
  static constexpr std::string_view kStarts[] = {"\xff\xd8\xff",     "RIFFxxxxWEBPVP8 ",
                                                 "RIFFxxxxWEBPVP8L", "\x89PNG\r\n\x1a\n",
                                                 "GIF87a",           "%PDF-"};
  for (int i = 0; i < 20'000; ++i) {
    std::string content(kStarts[random() % std::size(kStarts)]);
    for (auto n = random() % 30; n > 0; --n) content += static_cast<char>(random());
    EXPECT_FALSE(DescribeBinary(content, "").empty());
  }
}

}  // namespace
}  // namespace gotls
