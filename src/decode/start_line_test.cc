#include "decode/start_line.h"

#include <gtest/gtest.h>

#include <string>

namespace gotls {
namespace {

Guess LooksLike(const std::string& text) { return LooksLikeRequestLine(AsBytes(text)); }
bool Request(const std::string& text) { return LooksLike(text) == Guess::kYes; }
bool Status(const std::string& text) { return StartsWithStatusLine(AsBytes(text)); }

TEST(StartLine, WholeRequestLines) {
  EXPECT_TRUE(Request("GET / HTTP/1.1\r\n"));
  EXPECT_TRUE(Request("DELETE /a?b=c HTTP/1.0\nHost: x\r\n"));
  EXPECT_TRUE(Request("OPTIONS * HTTP/1.1\r\n\r\n"));
  EXPECT_TRUE(Request("LIST /v1/secret HTTP/1.1\r\n"));
  EXPECT_TRUE(Request("get /x HTTP/1.1\r\n"));
}

TEST(StartLine, NoRequestLines) {
  EXPECT_FALSE(Request(""));
  EXPECT_FALSE(Request("GET / HTTP/1.1"));
  EXPECT_FALSE(Request("GET / HTTP/2.0\r\n"));
  EXPECT_FALSE(Request("GET /a b HTTP/1.1\r\n"));
  EXPECT_FALSE(Request("a GET / HTTP/1.1\r\n"));
  EXPECT_FALSE(Request("GET " + std::string(10'000, 'x') + " HTTP/1.1\r\n"));
}

TEST(StartLine, RequestLinesThatMayStillCome) {
  const std::string line = "LIST /v1/secret HTTP/1.1\r\n";
  for (std::size_t size = 1; size + 1 < line.size(); ++size)
    EXPECT_EQ(LooksLike(line.substr(0, size)), Guess::kNeedMore) << size;
  EXPECT_EQ(LooksLike("LIST /" + std::string(8 << 10, 'x')), Guess::kNo);
  EXPECT_EQ(LooksLike(std::string(40, 'x')), Guess::kNo);
  EXPECT_EQ(LooksLike("{\"a\": 1}"), Guess::kNo);
}

TEST(StartLine, StatusLines) {
  EXPECT_TRUE(Status("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(Status("HTTP/1.0 404 \r\nx"));
  EXPECT_FALSE(Status("HTTP/1.1 200 OK"));
  EXPECT_FALSE(Status("HTTP/1.1 xyz OK\r\n"));
  EXPECT_FALSE(Status(" HTTP/1.1 200 OK\r\n"));
}

}  // namespace
}  // namespace gotls
