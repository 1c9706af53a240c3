#include "decode/message/rpc_text.h"

#include <gtest/gtest.h>

namespace gotls {
namespace {

TEST(RpcText, Paths) {
  const auto path = [](std::string_view text) {
    const auto parsed = ParseRpcPath(text);
    return parsed ? parsed->service + " " + parsed->method : "none";
  };
  EXPECT_EQ(path("/shop.Cart/Add"), "shop.Cart Add");
  EXPECT_EQ(path("/api/v1/shop.Cart/Add?x=/y"), "shop.Cart Add");
  for (const char* none : {"", "/", "/a", "a/", "//", "/a/", "//b", "*", "?/a/b"}) {
    EXPECT_EQ(path(none), "none") << none;
  }
}

TEST(RpcText, Timeouts) {
  EXPECT_EQ(ParseGrpcTimeout("100m"), 100'000'000);
  EXPECT_EQ(ParseGrpcTimeout("1H"), 3'600'000'000'000);
  EXPECT_EQ(ParseGrpcTimeout("2M"), 120'000'000'000);
  EXPECT_EQ(ParseGrpcTimeout("3S"), 3'000'000'000);
  EXPECT_EQ(ParseGrpcTimeout("4u"), 4'000);
  EXPECT_EQ(ParseGrpcTimeout("99999999n"), 99'999'999);
  EXPECT_EQ(ParseGrpcTimeout("18446744073709551615H"), UINT64_MAX);
  for (const char* bad : {"", "m", "100", "-1m", "1.5S", "10s", " 1S", "99999999999999999999n"}) {
    EXPECT_EQ(ParseGrpcTimeout(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(ParseConnectTimeout("250"), 250'000'000);
  EXPECT_EQ(ParseConnectTimeout("250ms"), std::nullopt);
}

TEST(RpcText, PercentDecoding) {
  EXPECT_EQ(PercentDecode("caf%C3%a9 100%"), "caf\xc3\xa9 100%");
  EXPECT_EQ(PercentDecode("%zz%4"), "%zz%4");
  EXPECT_EQ(PercentDecode("%0a%"), "\n%");
}

TEST(RpcText, ConnectCodes) {
  EXPECT_EQ(ConnectCode("canceled"), 1);
  EXPECT_EQ(ConnectCode("not_found"), 5);
  EXPECT_EQ(ConnectCode("unauthenticated"), 16);
  EXPECT_EQ(ConnectCode("ok"), 2);
  EXPECT_EQ(ConnectCode("what"), 2);
  EXPECT_EQ(ConnectCodeOfHttp(404), 12);
  EXPECT_EQ(ConnectCodeOfHttp(418), 2);
}

TEST(RpcText, ConnectErrors) {
  const auto error = ParseConnectError(R"({"code":"aborted","message":"no"})");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->status, 10);
  EXPECT_EQ(error->message, "no");
  for (const char* bad : {"", "{}", "[]", "{\"code\":1", "null"}) {
    EXPECT_FALSE(ParseConnectError(bad)) << bad;
  }
  EXPECT_EQ(ParseConnectError("{\"code\":7}")->status, 2);
}

TEST(RpcText, ConnectEndOfStream) {
  const auto end = ParseConnectEndOfStream(
      R"({"error":{"code":"unavailable","message":"m"},"metadata":{"a":["1","2"],"b":3,"c":[4]}})");
  ASSERT_TRUE(end);
  EXPECT_EQ(end->status, 14);
  EXPECT_EQ(end->message, "m");
  ASSERT_EQ(end->metadata.size(), 2);
  EXPECT_EQ(end->metadata[1].name, "a");
  EXPECT_EQ(end->metadata[1].value, "2");
  EXPECT_EQ(ParseConnectEndOfStream("{}")->status, 0);
  EXPECT_FALSE(ParseConnectEndOfStream("[1]"));
  EXPECT_FALSE(ParseConnectEndOfStream(std::string(100'000, '[')));
}

}  // namespace
}  // namespace gotls
