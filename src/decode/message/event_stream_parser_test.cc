#include <gtest/gtest.h>

#include "decode/message/message_test_util.h"

namespace gotls {
namespace {

using test::Piece;
using test::Side;
using Lines = std::vector<std::string>;

Side Events(std::vector<HeaderField> more = {}) {
  Side side(false);
  side.exchange.status = 200;
  side.exchange.response.headers = std::move(more);
  side.exchange.response.headers.push_back({"content-type", "text/event-stream"});
  RecognizeApplication(side.exchange);
  return side;
}

TEST(EventStream, EventsAtEverySplit) {
  Side side = Events();
  side.ExpectAtEverySplit(
      "\xef\xbb\xbf"
      "data: one\n\n: comment\n\nevent: tick\r\nid: 7\r\ndata:two\r\ndata:  three\r\n\r\n"
      "retry: 10\r\r\rdata\rdata\r\rfoo: x\ndataX: y\nid\nevent\ndata: z\n\n",
      {"1 event 14/3 one", "2 event 45/10 name=tick id=7 two\n three", "3 event 11/1 \n",
       "4 event 34/1 z"});
  EXPECT_EQ(side.exchange.server_messages, 4);
}

TEST(EventStream, WhatEndsBeforeItsBlankLineIsIncomplete) {
  Side side = Events();
  side.ExpectAtEverySplit("data: a\n\ndata: b\n", {"1 event 9/1 a", "2 event 8/1 incomplete b"});
  EXPECT_EQ(side.Parse({": only a comment\n"}), Lines{});
}

TEST(EventStream, ContentIsBounded) {
  Side side = Events();
  side.options.max_body = 3;
  side.ExpectAtEverySplit("data: ab\ndata: cd\n\n", {"1 event 19/5 truncated ab\n"});
  side.Parse({"event: " + std::string(5000, 'x') + "\nid: " + std::string(5000, 'y') + "\n\n"});
  EXPECT_EQ(side.messages[0].name.size(), 256);
  EXPECT_EQ(side.messages[0].event_id.size(), 256);
}

TEST(EventStream, AGapMakesOneIncompleteEvent) {
  Side side = Events();
  EXPECT_EQ(
      side.Parse({"data: a\n\ndata: b", Piece::Gap(5), "tail\ndata: c\n\ndata: d\n\n"}),
      (Lines{"1 event 9/1 a", "2 event 21/1 missing=5 incomplete truncated b", "3 event 9/1 d"}));
  EXPECT_EQ(side.counters.decode_resyncs, 1);
  EXPECT_EQ(
      side.Parse({"data: a\n\n", Piece::Gap(5), "\n\ndata: d\n\n"}),
      (Lines{"1 event 9/1 a", "2 event 2/0 missing=5 incomplete truncated ", "3 event 9/1 d"}));
}

TEST(EventStream, Compressed) {
  Side side = Events({{"content-encoding", "gzip"}});
  side.ExpectAtEverySplit(test::Gzip("data: a\n\ndata: b\n\n"), {"1 event 9/1 a", "2 event 9/1 b"});
}

TEST(EventStream, ABombIsGivenUp) {
  Side side = Events({{"content-encoding", "gzip"}});
  side.options.max_body = 5;
  const auto lines = side.Parse({test::Gzip("data: " + std::string(80 << 20, 'x') + "\n\n")});
  ASSERT_EQ(lines.size(), 2);
  EXPECT_TRUE(lines[0].ends_with("incomplete truncated xxxxx")) << lines[0];
  EXPECT_TRUE(lines[1].ends_with("problem=[unfolds to too much] ")) << lines[1];
  EXPECT_EQ(side.counters.decode_limits, 1);
}

TEST(EventStream, TheRequestHasNone) {
  Side side(true);
  side.exchange.application = Application::kServerSentEvents;
  EXPECT_EQ(side.Parse({}), Lines{"no parser"});
}

TEST(EventStream, ManyAtRandomSplits) {
  Side side = Events();
  std::string bytes;
  Lines lines;
  for (int i = 1; i <= 300; ++i) {
    const std::string data = test::SomeText(static_cast<std::size_t>(i % 50) + 1);
    std::string event;
    for (std::size_t at = 0; at <= data.size();) {
      const auto end = std::min(data.find('\n', at), data.size());
      event += "data: " + data.substr(at, end - at) + (i % 2 == 0 ? "\n" : "\r\n");
      at = end + 1;
    }
    event += i % 3 == 0 ? "\r" : "\n";
    bytes += event;
  }
  lines = side.Parse({bytes});
  ASSERT_EQ(lines.size(), 300);
  EXPECT_TRUE(lines[10].ends_with(" " + test::SomeText(12))) << lines[10];
  side.ExpectAtRandomSplits(bytes, lines, 100);
}

}  // namespace
}  // namespace gotls
