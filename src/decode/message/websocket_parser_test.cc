#include <gtest/gtest.h>

#include "decode/message/websocket_test_util.h"

namespace gotls {
namespace {

using test::Frame;
using test::Piece;
using test::Side;
using test::WebSocket;
using namespace std::string_literals;
using Lines = std::vector<std::string>;

TEST(WebSocket, MessagesAtEverySplit) {
  for (const bool client : {false, true}) {
    Side side = WebSocket(client);
    const std::string bytes =
        Frame(0x81, "hello", client) + Frame(0x82, "", client) + Frame(0x01, "fra", client) +
        Frame(0x89, "ping!", client) + Frame(0x00, "g", client) + Frame(0x8a, "", client) +
        Frame(0x80, "ments", client) + Frame(0x82, std::string(200, 'x'), client) +
        Frame(0x88, "\x03\xe8"s + "bye", client);
    side.ExpectAtEverySplit(bytes,
                            {"1 text 5/5 hello", "2 binary 0/0 ", "3 ping 5/5 ping!", "4 pong 0/0 ",
                             "5 text 9/9 fragments", "6 binary 200/200 " + std::string(200, 'x'),
                             "7 close 5/3 code=1000 bye"});
    EXPECT_EQ(side.messages[0].direction, client ? Direction::kWrite : Direction::kRead);
  }
}

TEST(WebSocket, LongMessagesAtRandomSplits) {
  const std::string text = test::SomeText(200'000);
  Side side = WebSocket(true);
  side.options.max_body = 150'000;
  side.ExpectAtRandomSplits(Frame(0x82, text, true) + Frame(0x81, text.substr(0, 70'000), true),
                            {"1 binary 200000/200000 truncated " + text.substr(0, 150'000),
                             "2 text 70000/70000 " + text.substr(0, 70'000)},
                            20);
}

TEST(WebSocket, FillsInWhereAndWhen) {
  Side side = WebSocket(true);
  const std::string bytes = Frame(0x81, "hello", true);
  side.Parse({"", bytes.substr(0, 1), bytes.substr(1, 7), bytes.substr(8)});
  ASSERT_EQ(side.messages.size(), 1);
  EXPECT_EQ(side.messages[0].first, WallTime(std::chrono::seconds(2)));
  EXPECT_EQ(side.messages[0].last, WallTime(std::chrono::seconds(4)));
  EXPECT_EQ(side.messages[0].goroutine, 7);
}

TEST(WebSocket, CloseFrames) {
  Side side = WebSocket(false);
  EXPECT_EQ(side.Parse({Frame(0x88, "", false)}), Lines{"1 close 0/0 "});
  EXPECT_EQ(side.Parse({Frame(0x88, "\x03", false)}), Lines{"1 close 1/1 \x03"});
  side.options.max_body = 1;
  EXPECT_EQ(side.Parse({Frame(0x88, "\x0f\xa0why", false)}),
            Lines{"1 close 5/3 truncated code=4000 w"});
}

TEST(WebSocket, BreachesEndTheSide) {
  const std::pair<std::string, std::string> cases[] = {
      {Frame(0x83, "abc", false), "an opcode that is not in use"},
      {Frame(0x8b, "abc", false), "an opcode that is not in use"},
      {Frame(0x09, "abc", false), "a control frame in fragments"},
      {Frame(0x89, std::string(126, 'a'), false), "a control frame that is too long"},
      {Frame(0xc1, "abc", false), "reserved bits"},
      {Frame(0xa1, "abc", false), "reserved bits"},
      {Frame(0xc9, "abc", false), "reserved bits in a control frame"},
      {Frame(0x80, "abc", false), "a continuation of nothing"},
      {"\x82\x7f\x80\0\0\0\0\0\0\0abc"s, "a length beyond 63 bits"},
  };
  for (const auto& [bytes, breach] : cases) {
    Side side = WebSocket(false);
    side.ExpectAtEverySplit(Frame(0x81, "ok", false) + bytes + Frame(0x81, "not seen", false),
                            {"1 text 2/2 ok", fmt::format("2 binary {}/0 incomplete truncated "
                                                          "problem=[not WebSocket: {}] ",
                                                          bytes.size() + 10, breach)});
    EXPECT_EQ(side.counters.decode_malformed, 1);
  }
}

TEST(WebSocket, AMessageInsideAnotherOne) {
  Side side = WebSocket(false);
  side.ExpectAtEverySplit(Frame(0x01, "begun", false) + Frame(0x81, "x", false),
                          {"1 text 5/5 incomplete begun",
                           "2 binary 3/0 incomplete truncated "
                           "problem=[not WebSocket: a message inside another one] "});
}

TEST(WebSocket, TheEndCutsOff) {
  Side side = WebSocket(false);
  EXPECT_EQ(side.Parse({Frame(0x81, "hello", false).substr(0, 4)}),
            Lines{"1 text 2/2 incomplete he"});
  EXPECT_EQ(side.Parse({Frame(0x89, "hello", false).substr(0, 4)}),
            Lines{"1 ping 2/2 incomplete he"});
  EXPECT_EQ(side.Parse({"\x81"}), Lines{"1 binary 1/0 incomplete truncated problem=[ends inside a "
                                        "frame's head] "});
  EXPECT_EQ(side.Parse({"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"
                        "abc"}),
            Lines{"1 binary 3/3 incomplete abc"});
  EXPECT_EQ(side.Parse({}), Lines{});
}

TEST(WebSocket, GapInsideAPayloadIsExact) {
  for (const bool client : {false, true}) {
    Side side = WebSocket(client);
    const std::string bytes = Frame(0x81, "hello world", client);
    const std::size_t head = bytes.size() - 11;
    EXPECT_EQ(side.Parse({bytes.substr(0, head + 3), Piece::Gap(2), Piece::Gap(1),
                          bytes.substr(head + 6), Frame(0x81, "ok", client)}),
              (Lines{"1 text 8/8 missing=3 incomplete truncated hel", "2 text 2/2 ok"}));
    EXPECT_EQ(side.Parse({bytes.substr(0, head + 3), Piece::Gap(8), Frame(0x81, "ok", client)}),
              (Lines{"1 text 3/3 missing=8 incomplete truncated hel", "2 text 2/2 ok"}));
    const std::string ping = Frame(0x89, "ping", client);
    EXPECT_EQ(
        side.Parse({ping.substr(0, ping.size() - 3), Piece::Gap(2), ping.substr(ping.size() - 1)}),
        Lines{"1 ping 2/2 missing=2 incomplete truncated p"});
    EXPECT_EQ(side.counters.decode_resyncs, 0);
  }
}

// A mask goes on over a gap: the bytes behind it are counted, but a second frame is not disturbed.
TEST(WebSocket, FragmentsGoOnBehindAGap) {
  Side side = WebSocket(true);
  const std::string first = Frame(0x01, "hello", true);
  EXPECT_EQ(side.Parse({first.substr(0, first.size() - 1), Piece::Gap(1), Frame(0x80, "you", true),
                        Frame(0x81, "ok", true)}),
            (Lines{"1 text 7/7 missing=1 incomplete truncated hell", "2 text 2/2 ok"}));
}

TEST(WebSocket, GapOverAHeadEndsUntilFramesAreFound) {
  const std::string lost = "problem=[bytes are missing where a frame begins] ";
  for (const bool client : {false, true}) {
    Side side = WebSocket(client);
    const std::string bytes = Frame(0x81, "hello", client);
    const std::string big = Frame(0x82, std::string(300, 'b'), client);
    // A long frame alone, or two short ones, prove themselves.
    EXPECT_EQ(
        side.Parse({bytes.substr(0, bytes.size() - 2), Piece::Gap(50), "middle of something", big}),
        (Lines{"1 text 3/3 missing=2 incomplete truncated hel",
               "2 binary 19/0 missing=48 incomplete truncated " + lost,
               "3 binary 300/300 " + std::string(300, 'b')}));
    EXPECT_EQ(side.counters.decode_resyncs, 1);
    EXPECT_EQ(side.Parse({Piece::Gap(50), bytes, bytes}),
              (Lines{"1 binary 0/0 missing=50 incomplete truncated " + lost, "2 text 5/5 hello",
                     "3 text 5/5 hello"}));
    EXPECT_EQ(side.messages[1].first, WallTime(std::chrono::seconds(2)));
    // One that is followed by something else does not.
    EXPECT_EQ(side.Parse({Piece::Gap(50), bytes, "xyz", bytes, Piece::Gap(1)}),
              Lines{fmt::format("1 binary {}/0 missing=51 incomplete truncated {}",
                                3 + 2 * bytes.size(), lost)});
    // Frames of the other side are none.
    const std::string other = Frame(0x82, std::string(300, 'b'), !client);
    EXPECT_EQ(
        side.Parse({Piece::Gap(50), other}),
        Lines{fmt::format("1 binary {}/0 missing=50 incomplete truncated {}", other.size(), lost)});
  }
}

TEST(WebSocket, AFoundFrameMayContinueWhatWasMissed) {
  Side side = WebSocket(false);
  EXPECT_EQ(
      side.Parse({Piece::Gap(9), Frame(0x00, std::string(130, 'a'), false), Frame(0x80, "b", false),
                  Frame(0x81, "ok", false), Frame(0x80, "c", false)}),
      (Lines{"1 binary 0/0 missing=9 incomplete truncated "
             "problem=[bytes are missing where a frame begins] ",
             "2 binary 131/0 incomplete problem=[its beginning was not captured] " +
                 std::string(130, 'a') + "b",
             "3 text 2/2 ok",
             "4 binary 3/0 incomplete truncated problem=[not WebSocket: a continuation of "
             "nothing] "}));
}

}  // namespace
}  // namespace gotls
