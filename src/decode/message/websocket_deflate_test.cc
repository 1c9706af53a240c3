#include <gtest/gtest.h>

#include "decode/message/permessage_deflate.h"
#include "decode/message/websocket_test_util.h"

namespace gotls {
namespace {

using test::Frame;
using test::Piece;
using test::Side;
using test::WebSocket;
using namespace std::string_literals;
using Lines = std::vector<std::string>;

constexpr unsigned kText = 0xc1;  // FIN, RSV1, text

// One side's compressor, as RFC 7692 describes it.
class Compressor {
 public:
  explicit Compressor(bool takeover, int bits = 15) : takeover_(takeover) {
    deflateInit2(&stream_, 9, Z_DEFLATED, -bits, 9, Z_DEFAULT_STRATEGY);
  }
  ~Compressor() { deflateEnd(&stream_); }
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  std::string Payload(std::string_view text) {
    if (!takeover_) deflateReset(&stream_);
    std::string out(deflateBound(&stream_, text.size()) + 64, '\0');
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream_.avail_in = static_cast<uInt>(text.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    deflate(&stream_, Z_SYNC_FLUSH);
    out.resize(out.size() - stream_.avail_out);
    if (out.empty()) return "\0"s;  // nothing new since the last flush
    EXPECT_TRUE(out.ends_with("\0\0\xff\xff"s));
    return out.substr(0, out.size() - 4);
  }

 private:
  z_stream stream_{};
  bool takeover_;
};

std::string Line(int number, std::size_t wire, const std::string& text) {
  return fmt::format("{} text {}/{} compressed {}", number, wire, text.size(), text);
}

TEST(PermessageDeflate, ReadsTheHeader) {
  const auto read = [](std::vector<HeaderField> headers) {
    const PermessageDeflate got = ReadPermessageDeflate(headers);
    return fmt::format("{}{}{}{}", got.agreed ? "agreed" : "", got.known ? "" : " unknown",
                       got.client_takeover ? " client" : "", got.server_takeover ? " server" : "");
  };
  EXPECT_EQ(read({}), " client server");
  EXPECT_EQ(read({{"Sec-WebSocket-Extensions", "permessage-deflate"}}), "agreed client server");
  EXPECT_EQ(read({{"sec-websocket-extensions",
                   "foo; bar, permessage-deflate ; server_no_context_takeover;"
                   " client_max_window_bits=\"10\""}}),
            "agreed client");
  EXPECT_EQ(read({{"sec-websocket-extensions", "foo"},
                  {"sec-websocket-extensions", "Permessage-Deflate;client_no_context_takeover"}}),
            "agreed server");
  HeaderField unknown{"sec-websocket-extensions", ""};
  unknown.value_known = false;
  EXPECT_EQ(read({unknown}), " unknown client server");
}

TEST(PermessageDeflate, MessagesAtEverySplit) {
  const std::string texts[] = {"hello hello hello", "", "hello again, hello", "hello hello hello"};
  for (const bool takeover : {true, false}) {
    Compressor compressor(takeover, takeover ? 9 : 15);
    Side side = WebSocket(false, takeover ? "permessage-deflate; server_max_window_bits=9"
                                          : "permessage-deflate; server_no_context_takeover");
    std::string bytes;
    Lines lines;
    int number = 0;
    for (const std::string& text : texts) {
      const std::string payload = compressor.Payload(text);
      lines.push_back(Line(++number, payload.size(), text));
      if (payload.size() > 4) {  // in fragments, with a control frame between
        bytes += Frame(0x41, payload.substr(0, 3), false) + Frame(0x89, "", false) +
                 Frame(0x80, payload.substr(3), false);
        lines.insert(lines.end() - 1, fmt::format("{} ping 0/0 ", number));
        lines.back() = Line(++number, payload.size(), text);
      } else {
        bytes += Frame(kText, payload, false);
      }
    }
    bytes += Frame(0x81, "plain", false);
    lines.push_back(fmt::format("{} text 5/5 plain", number + 1));
    side.ExpectAtEverySplit(bytes, lines);
  }
}

TEST(PermessageDeflate, ManyLongMessagesAtRandomSplits) {
  Compressor compressor(true);
  Side side = WebSocket(true, "permessage-deflate");
  const std::string all = test::SomeText(60'000);
  std::string bytes;
  Lines lines;
  for (int i = 0; i < 40; ++i) {
    const std::string text = all.substr(static_cast<std::size_t>(i) * 1000, 20'000);
    const std::string payload = compressor.Payload(text);
    bytes += Frame(kText, payload, true);
    lines.push_back(Line(i + 1, payload.size(), text));
  }
  side.ExpectAtRandomSplits(bytes, lines, 30);
}

TEST(PermessageDeflate, FinalBlocksAreAllowed) {
  Side side = WebSocket(false, "permessage-deflate");
  const std::string one = test::RawDeflate("hello ") + test::RawDeflate("world") + "\0"s;
  side.ExpectAtEverySplit(Frame(kText, one, false) + Frame(kText, one, false),
                          {Line(1, one.size(), "hello world"), Line(2, one.size(), "hello world")});
  std::string many;
  for (int i = 0; i < 1000; ++i) many += test::RawDeflate("");
  const Lines lines = side.Parse({Frame(kText, many, false)});
  EXPECT_EQ(lines, Lines{fmt::format("1 text {}/0 compressed truncated "
                                     "problem=[deflate: corrupt] ",
                                     many.size())});
}

TEST(PermessageDeflate, ABombIsBoundedAndEndsTheContext) {
  for (const bool takeover : {true, false}) {
    Compressor compressor(takeover);
    Side side = WebSocket(
        false, takeover ? "permessage-deflate" : "permessage-deflate;server_no_context_takeover");
    side.options.max_body = 10;
    const std::string bomb = compressor.Payload(std::string(70 << 20, '0'));
    const std::string next = compressor.Payload("next");
    const Lines lines = side.Parse({Frame(kText, bomb, false), Frame(kText, next, false)});
    ASSERT_EQ(lines.size(), 2);
    EXPECT_EQ(lines[0], fmt::format("1 text {}/{} compressed truncated "
                                    "problem=[deflate: unfolds to too much] 0000000000",
                                    bomb.size(), 64 << 20));
    if (takeover) {
      EXPECT_TRUE(
          lines[1].contains("problem=[deflate: refers to a message that could not be read]"));
    } else {
      EXPECT_EQ(lines[1], Line(2, next.size(), "next"));
    }
  }
}

TEST(PermessageDeflate, BehindAGapNothingIsGuessed) {
  for (const bool takeover : {true, false}) {
    Compressor compressor(takeover);
    Side side = WebSocket(
        false, takeover ? "permessage-deflate" : "permessage-deflate;server_no_context_takeover");
    const std::string first = compressor.Payload("some text here");
    const std::string second = compressor.Payload("some text here");
    const std::string frame = Frame(kText, first, false);
    const Lines lines = side.Parse({frame.substr(0, frame.size() - 3), Piece::Gap(3),
                                    Frame(0x81, "plain", false), Frame(kText, second, false)});
    ASSERT_EQ(lines.size(), 3);
    EXPECT_TRUE(
        lines[0].contains(" missing=3 incomplete compressed truncated "
                          "problem=[deflate: bytes are missing]"))
        << lines[0];
    EXPECT_EQ(lines[1], "2 text 5/5 plain");
    if (takeover) {
      EXPECT_EQ(lines[2],
                fmt::format("3 text {}/0 compressed "
                            "problem=[deflate: refers to a message that could not be read] {}",
                            second.size(), second));
    } else {
      EXPECT_EQ(lines[2], Line(3, second.size(), "some text here"));
    }
  }
}

TEST(PermessageDeflate, ExtensionsThatAreNotKnown) {
  Side side = WebSocket(false);
  HeaderField unknown{"sec-websocket-extensions", ""};
  unknown.value_known = false;
  side.exchange.response.headers = {unknown};
  EXPECT_EQ(
      side.Parse({Frame(kText, "abc", false)}),
      Lines{"1 text 3/0 compressed problem=[compressed by an extension that is not known] abc"});
}

TEST(PermessageDeflate, CorruptMessages) {
  Side side = WebSocket(false, "permessage-deflate; server_no_context_takeover");
  Compressor compressor(false);
  const std::string good = compressor.Payload("good");
  EXPECT_EQ(side.Parse({Frame(kText, "\xff\xff\xff", false), Frame(kText, good, false)}),
            (Lines{"1 text 3/0 compressed truncated problem=[deflate: corrupt] ",
                   Line(2, good.size(), "good")}));
}

}  // namespace
}  // namespace gotls
