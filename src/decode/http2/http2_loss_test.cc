#include <gtest/gtest.h>

#include "decode/http2/http2_test_util.h"

namespace gotls::http2_test {
namespace {

using enum FrameType;

TEST(Http2LossTest, GapsInsideData) {
  Talk talk;
  talk.Ask(1, kGet);
  talk.Answer(1, kOk);
  const std::string frame = Frame(kData, kEnd, 1, "0123456789");
  talk.Server(frame.substr(0, 12));
  talk.decoding().Gap(kServerToClient, 4);
  talk.Server(frame.substr(16));
  const Body& body = talk.found().exchanges.at(0).response.body;
  EXPECT_EQ(talk.found().exchanges[0].state, ExchangeState::kComplete);
  EXPECT_EQ(body.missing, 4U);
  EXPECT_EQ(body.wire_bytes, 6U);
  EXPECT_EQ(body.content, "012");
  EXPECT_FALSE(body.complete);
  // To the end of the frame, and no further: nothing else is lost.
  talk.Ask(3, kGet);
  talk.Answer(3, kOk);
  talk.Server(frame.substr(0, 8) + "\3" + "0123456");
  talk.decoding().Gap(kServerToClient, 3);
  ASSERT_EQ(talk.found().exchanges.size(), 2U);
  EXPECT_EQ(talk.found().exchanges[1].response.body.missing, 3U);
  EXPECT_EQ(talk.found().counters.decode_resyncs, 0U);
}

TEST(Http2LossTest, GapInAHeaderBlock) {
  Talk talk;
  talk.Ask(1, kGet);
  const std::string head = Frame(kHeaders, kWhole | kEnd, 1, talk.server.Block(kOk));
  talk.Server(head.substr(0, 11));
  talk.decoding().Gap(kServerToClient, 2);
  talk.Server(head.substr(13));
  ASSERT_EQ(talk.found().exchanges.size(), 1U);
  EXPECT_EQ(talk.found().exchanges[0].state, ExchangeState::kGap);
  EXPECT_EQ(talk.found().exchanges[0].detail, "bytes missing in the header block at position 18");
  EXPECT_FALSE(talk.found().exchanges[0].response.head_complete);
  // The next one refers to what was lost.
  talk.Ask(3, kGet);
  talk.Answer(3, kOk, kEnd);
  const Exchange& next = talk.found().exchanges.at(1);
  EXPECT_EQ(next.status, 200);
  EXPECT_FALSE(next.response.headers.at(0).name_known);
  EXPECT_EQ(talk.found().counters.decode_unknown_fields, 1U);
  // Requests have lost nothing.
  EXPECT_EQ(next.path, "/cart?a=1");
}

TEST(Http2LossTest, GapOverFramesHurtsWhatItMayHide) {
  Talk talk;
  talk.Ask(1, kGet);
  talk.Ask(3, kGet);
  talk.Answer(1, kOk);
  talk.Server(Frame(kData, 0, 1, "begun"));
  talk.decoding().Gap(kServerToClient, 1000);
  Encoder fresh;
  talk.Server(Frame(kHeaders, kWhole, 3, fresh.Block(kOk)) + Frame(kData, kEnd, 3, "whole") +
              Frame(kData, 0, 1, "more") + Frame(kPing, 0, 0, "12345678") +
              Frame(kData, kEnd, 1, "end"));
  ASSERT_EQ(talk.found().exchanges.size(), 2U);
  EXPECT_EQ(talk.found().exchanges[0].stream, 3U);
  EXPECT_EQ(talk.found().exchanges[0].state, ExchangeState::kComplete);
  const Exchange& hurt = talk.found().exchanges[1];
  EXPECT_EQ(hurt.state, ExchangeState::kGap);
  EXPECT_EQ(hurt.detail, "1000 bytes missing on the connection, at position 51");
  EXPECT_EQ(hurt.response.body.content, "begun");
  EXPECT_FALSE(hurt.response.body.complete);
  EXPECT_EQ(talk.found().counters.decode_resyncs, 1U);
}

TEST(Http2LossTest, WhatIsSilentAfterAGapIsGivenUp) {
  Talk talk;
  talk.Ask(1, kGet);
  talk.decoding().Gap(kServerToClient, 1000);
  talk.decoding().Advance(std::chrono::seconds(11));
  talk.Ask(3, kGet);
  ASSERT_EQ(talk.found().exchanges.size(), 1U);
  EXPECT_EQ(talk.found().exchanges[0].stream, 1U);
  EXPECT_EQ(talk.found().exchanges[0].state, ExchangeState::kGap);
}

TEST(Http2LossTest, JoinedTableHeals) {
  Encoder client;
  const std::string lost = client.Block(kGet);
  Talk talk(true);
  std::string bytes = Frame(kHeaders, kWhole | kEnd, 7, client.Block(kGet));
  Fields other = kGet;
  other[3].second = "/new";
  bytes += Frame(kHeaders, kWhole | kEnd, 9, client.Block(other));
  bytes += Frame(kHeaders, kWhole | kEnd, 11, client.Block(other));
  talk.Client(bytes);
  for (const std::uint32_t id : {7U, 9U, 11U}) talk.Answer(id, kOk, kEnd);
  talk.Server(Frame(kPing, 0, 0, "12345678"));
  Found& found = talk.End();
  ASSERT_EQ(found.exchanges.size(), 3U);
  for (const Exchange& exchange : found.exchanges) {
    EXPECT_EQ(exchange.method, "GET");
    EXPECT_EQ(exchange.host, "");
    EXPECT_EQ(exchange.path, exchange.stream == 7 ? "/cart?a=1" : "/new");
  }
  // nghttp2 never enters paths in its table: it was said anew, and so is known.
  EXPECT_EQ(found.counters.decode_unknown_fields, 3U);
}

TEST(Http2LossTest, JoinedWithALargerTableThanTheDefault) {
  Encoder client(64 << 10);
  client.ChangeTableSize(64 << 10);
  Fields fields = kGet;
  for (int i = 0; i < 400; ++i) fields.emplace_back("x-" + std::to_string(i), "value");
  client.Block(fields);
  Talk talk(true);
  fields.resize(5);
  fields.emplace_back("x-new", "1");
  talk.Client(Frame(kHeaders, kWhole | kEnd, 7, client.Block(fields)));
  talk.Client(Frame(kHeaders, kWhole | kEnd, 9, client.Block(fields)));
  talk.Answer(7, kOk, kEnd);
  talk.Answer(9, kOk, kEnd);
  talk.Server(Frame(kPing, 0, 0, "12345678"));
  Found& found = talk.End();
  ASSERT_EQ(found.exchanges.size(), 2U);
  for (const Exchange& exchange : found.exchanges) {
    EXPECT_EQ(exchange.method, "GET");
    EXPECT_EQ(exchange.host, "");
    ASSERT_EQ(exchange.request.headers.size(), 3U);
    EXPECT_FALSE(exchange.request.headers[1].name_known);
    EXPECT_EQ(exchange.request.headers[2].name, "x-new");
  }
  EXPECT_EQ(found.counters.decode_malformed, 0U);
}

}  // namespace
}  // namespace gotls::http2_test
