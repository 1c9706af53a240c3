#include <gtest/gtest.h>

#include "decode/http2/header_list.h"
#include "decode/http2/header_table.h"
#include "decode/http2/hpack_scan.h"
#include "decode/http2/http2_test_util.h"

namespace gotls::http2_test {
namespace {

// "name=value;" of each field, "?" for what is not known.
std::string Decode(HeaderTable& table, std::string_view block) {
  struct Text final : FieldVisitor {
    void OnField(const FieldView& field) override {
      text += field.name_known ? std::string(field.name) : "?";
      text += '=';
      text += field.value_known ? std::string(field.value) : "?";
      text += ';';
    }
    std::string text;
  };
  Text visitor;
  // A copy of its own: reads beyond it are found.
  const std::vector<char> copy(block.begin(), block.end());
  return table.Decode(AsBytes({copy.data(), copy.size()}), visitor) ? visitor.text : "bad";
}

constexpr std::string_view kFirstDynamic = "\xbe";   // index 62
constexpr std::string_view kSecondDynamic = "\xbf";  // index 63

TEST(HpackTest, KnownPast) {
  HeaderTable table(HeaderTable::Past::kNone);
  EXPECT_EQ(Decode(table, "\x82\x87"), ":method=GET;:scheme=https;");
  EXPECT_EQ(Decode(table, std::string_view("\x40\1a\1b", 5)), "a=b;");
  EXPECT_EQ(Decode(table, kFirstDynamic), "a=b;");
  EXPECT_EQ(Decode(table, kSecondDynamic), "bad");
  // Its past is not known from now on.
  EXPECT_EQ(Decode(table, kFirstDynamic), "?=?;");
}

TEST(HpackTest, UnknownPast) {
  HeaderTable table(HeaderTable::Past::kUnknown);
  EXPECT_EQ(Decode(table, kFirstDynamic), "?=?;");
  EXPECT_EQ(Decode(table, std::string_view("\x40\1a\1b", 5)), "a=b;");
  EXPECT_EQ(Decode(table, kFirstDynamic), "a=b;");
  EXPECT_EQ(Decode(table, kSecondDynamic), "?=?;");
  // A name that is not known, with a value that is: once as a new entry, then by it.
  EXPECT_EQ(Decode(table, std::string_view("\x7f\x02\1c", 4)), "?=c;");
  EXPECT_EQ(Decode(table, kFirstDynamic), "?=c;");
  EXPECT_EQ(Decode(table, kSecondDynamic), "a=b;");
}

TEST(HpackTest, UnknownPastEndsWithAnEmptyTable) {
  HeaderTable table(HeaderTable::Past::kUnknown);
  EXPECT_EQ(Decode(table, std::string_view("\x20\x3f\xe1\x1f\x40\1a\1b", 9)), "a=b;");
  EXPECT_EQ(Decode(table, kFirstDynamic), "a=b;");
  EXPECT_EQ(Decode(table, kSecondDynamic), "bad");
}

TEST(HpackTest, ALargerTableThanTheDefault) {
  HeaderTable table(HeaderTable::Past::kUnknown);
  EXPECT_EQ(Decode(table, std::string_view("\x40\1a\1b", 5)), "a=b;");
  const std::string_view far = "\xff\xff\x06";  // index 1022
  EXPECT_EQ(Decode(table, far), "?=?;");
  EXPECT_EQ(Decode(table, std::string(kFirstDynamic) + std::string(far)), "a=b;?=?;");
  EXPECT_EQ(Decode(table, "\xff\xff\xff\x0f"), "bad");
}

TEST(HpackTest, EntriesTooLargeForTheTable) {
  Encoder encoder(64 << 10);
  encoder.ChangeTableSize(64 << 10);
  encoder.Block({{"x-first", "1"}});
  HeaderTable table(HeaderTable::Past::kUnknown);
  const std::string large(5000, 'v');
  EXPECT_EQ(Decode(table, encoder.Block({{"x-large", large}})), "x-large=" + large + ";");
  EXPECT_EQ(Decode(table, encoder.Block({{"x-small", "1"}})), "x-small=1;");
  const std::string again =
      Decode(table, encoder.Block({{"x-small", "1"}, {"x-large", large}, {"x-first", "1"}}));
  EXPECT_EQ(again, "x-small=1;?=?;?=?;");
}

TEST(HpackTest, GivesUpAfterManyFailures) {
  HeaderTable table(HeaderTable::Past::kNone);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Decode(table, "\xff\xff\xff\xff\xff"), "bad");
  EXPECT_EQ(Decode(table, "\x82"), "bad");
}

TEST(HpackTest, Shapes) {
  Encoder encoder;
  const auto request = ScanHeaderBlock(AsBytes(encoder.Block(
      {{":method", "GET"}, {":scheme", "https"}, {":path", "/x"}, {"accept", "*/*"}})));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->fields, 4U);
  EXPECT_EQ(request->request_pseudo, 3U);
  const auto response = ScanHeaderBlock(AsBytes(encoder.Block({{":status", "200"}, {"a", "b"}})));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->response_pseudo, 1U);
  for (const std::string_view bad :
       {"\x80", "\x40", "\x40\x05xyz", "\xff\xff\xff\xff\xff\xff\xff", "\x82\x20"}) {
    EXPECT_FALSE(ScanHeaderBlock(AsBytes(bad))) << testing::PrintToString(bad);
  }
}

}  // namespace
}  // namespace gotls::http2_test
