// Input that means harm, bounds, and what the tables of cases can't say.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "decode/http1/test_cases.h"

namespace gotls {
namespace {

using testing::Req;
using testing::ReqGap;
using testing::Res;
using testing::RunScript;
using testing::Script;
using testing::Split;
using testing::Step;

std::size_t Occurrences(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos;
       at = text.find(what, at + 1)) {
    ++count;
  }
  return count;
}

TEST(Http1HostileTest, EndlessHead) {
  Script script{Req("GET / HTTP/1.1\r\nHost: h\r\nA: ")};
  for (int i = 0; i < 80; ++i) script.push_back(Req(std::string(4096, 'x')));
  script.push_back(Req("GET /2 HTTP/1.1\r\n\r\n"));
  const auto result = RunScript(script);
  EXPECT_EQ(Occurrences(result.text, "request: a head of more than 256 KiB"), 1U);
  EXPECT_EQ(result.exchanges, 1U);  // one is still without its response
  EXPECT_EQ(result.counters.decode_limits, 1U);
  EXPECT_EQ(result.counters.decode_malformed, 0U);
}

TEST(Http1HostileTest, HeadOfOneByteRunsTakesLinearTime) {
  const Script script{Req("GET /" + std::string(250'000, 'x') + " HTTP/1.1\r\n\r\n")};
  const auto one = [](std::size_t) { return std::size_t{1}; };
  EXPECT_EQ(RunScript(Split(script, one)).text, RunScript(script).text);
}

TEST(Http1HostileTest, TooManyFields) {
  const auto head = [](int fields) {
    std::string text = "GET / HTTP/1.1\r\n";
    for (int i = 0; i < fields; ++i) text += "A: b\r\n";
    return text + "\r\n";
  };
  EXPECT_EQ(RunScript({Req(head(1000))}).counters.decode_limits, 0U);
  const auto result = RunScript({Req(head(1001))});
  EXPECT_EQ(result.counters.decode_limits, 1U);
  EXPECT_EQ(Occurrences(result.text, "malformed: request: more than 1000 fields"), 1U);
  EXPECT_EQ(Occurrences(result.text, " A=b"), 1000U);
}

TEST(Http1HostileTest, TooManyRequestsWait) {
  std::string requests;
  for (int i = 0; i < 1500; ++i) requests += "GET / HTTP/1.1\r\n\r\n";
  Script script{Req(requests)};
  for (int i = 0; i < 1001; ++i) script.push_back(Res("HTTP/1.1 204 None\r\n\r\n"));
  const auto result = RunScript(script);
  EXPECT_EQ(result.counters.decode_limits, 1U);
  EXPECT_EQ(Occurrences(result.text, "| complete"), 1000U);
  EXPECT_EQ(Occurrences(result.text, "| malformed: request: more than 1000 wait"), 1U);
  EXPECT_EQ(result.exchanges, 1001U);
}

TEST(Http1HostileTest, EndlessChunkExtension) {
  const std::string head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;";
  const auto result = RunScript({Req(head), Req(std::string(20'000, 'x'))});
  EXPECT_EQ(result.counters.decode_limits, 1U);
  EXPECT_EQ(Occurrences(result.text, "a chunk extension of more than 16 KiB"), 1U);
}

TEST(Http1HostileTest, EndlessTrailers) {
  Script script{Req("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")};
  for (int i = 0; i < 80; ++i) script.push_back(Req("A: " + std::string(4096, 'x') + "\r\n"));
  EXPECT_EQ(RunScript(script).counters.decode_limits, 1U);
}

TEST(Http1HostileTest, EndlessInformational) {
  std::string responses;
  for (int i = 0; i < 1000; ++i) responses += "HTTP/1.1 102 Processing\r\n\r\n";
  const auto result = RunScript({Req("GET / HTTP/1.1\r\n\r\n"), Res(responses)});
  EXPECT_EQ(Occurrences(result.text, " 102"), 100U);
  EXPECT_EQ(result.counters.decode_limits, 900U);
}

TEST(Http1HostileTest, StartLinesThatNeverEnd) {
  Script script{ReqGap(1)};
  for (int i = 0; i < 5000; ++i) script.push_back(Req("GET /"));
  script.push_back(Req(" HTTP/1.1\r\n"));
  script.push_back(Req("GET /sure HTTP/1.1\r\n\r\n"));
  const auto result = RunScript(script);
  EXPECT_EQ(result.exchanges, 1U);
  EXPECT_EQ(Occurrences(result.text, "/sure"), 1U);
  EXPECT_EQ(result.counters.decode_skipped_bytes, 5000U * 5 + 11);
}

TEST(Http1HostileTest, KeptContentIsBounded) {
  const auto result = RunScript(
      {Req("GET / HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabcdef")},
      false, 4);
  EXPECT_EQ(Occurrences(result.text, "{6 abcd}"), 1U);
}

TEST(Http1HostileTest, ServersReadRequests) {
  const Script script{Req("CONNECT a:1 HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 200 OK\r\n\r\nres"),
                      Req("req")};
  const auto result = RunScript(script, false, 4, Direction::kRead);
  EXPECT_EQ(Occurrences(result.text, "opaque read 24:req"), 1U) << result.text;
  EXPECT_EQ(Occurrences(result.text, "opaque written 19:res"), 1U) << result.text;
}

// One exchange leaves nothing behind in the memory that the next one uses.
TEST(Http1HostileTest, ExchangesAreApart) {
  const auto result = RunScript(
      {Req("POST /1 HTTP/1.1\r\nHost: secret\r\nA: b\r\nContent-Length: 3\r\n\r\nabc"),
       Res("HTTP/1.1 100 Continue\r\nB: c\r\n\r\n"
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nT: u\r\n\r\n"),
       Req("G"), ReqGap(5)});
  const std::size_t second = result.text.find("#2");
  ASSERT_NE(second, std::string::npos);
  EXPECT_EQ(result.text.substr(second),
            "#2  https://  ? -> 0  | gap: 5 bytes missing in the request's head\n"
            "  > cut {0 incomplete} t2-2 g2 w1\n  < -\n");
}

// Whatever comes: it ends, each exchange ends once, and promises to the observer hold.
TEST(Http1HostileTest, RandomPiecesOfHttp) {
  const std::string_view pieces[] = {"GET / HTTP/1.1\r\n",
                                     "POST /x HTTP/1.1\r\n",
                                     "HEAD / HTTP/1.0\r\n",
                                     "\r\n",
                                     "\r\n\r\n",
                                     "HTTP/1.1 200 OK\r\n",
                                     "HTTP/1.1 101 S\r\n",
                                     "HTTP/1.1 100 C\r\n\r\n",
                                     "Content-Length: 3\r\n",
                                     "Transfer-Encoding: chunked\r\n",
                                     "3\r\nabc\r\n",
                                     "0\r\n\r\n",
                                     "Upgrade: websocket\r\n",
                                     "Connection: upgrade\r\n",
                                     "CONNECT a:1 HTTP/1.1\r\n\r\n",
                                     "abc",
                                     "\x81\x01x",
                                     "HTTP/1.",
                                     "Content-Type: text/event-stream\r\n",
                                     "data: x\n\n",
                                     "G"};
  std::minstd_rand random(7);
  for (int round = 0; round < 3000; ++round) {
    Script script;
    for (auto steps = random() % 20; steps > 0; --steps) {
      Step step{random() % 2 == 0, {}};
      if (random() % 8 == 0) {
        step.gap = 1 + random() % 10;
      } else {
        for (auto n = 1 + random() % 4; n > 0; --n)
          step.bytes += pieces[random() % std::size(pieces)];
      }
      script.push_back(step);
    }
    const auto result = RunScript(script, round % 2 == 0);
    EXPECT_EQ(result.text.find("TWICE"), std::string::npos) << result.text;
    EXPECT_EQ(result.text.find("NOT"), std::string::npos) << result.text;
  }
}

}  // namespace
}  // namespace gotls
