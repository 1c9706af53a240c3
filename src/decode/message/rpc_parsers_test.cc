#include <gtest/gtest.h>

#include "decode/message/message_test_util.h"

namespace gotls {
namespace {

using test::Piece;
using test::Side;
using namespace std::string_literals;
using Lines = std::vector<std::string>;

std::string Envelope(std::string_view payload, int flags = 0) {
  std::string bytes(1, static_cast<char>(flags));
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(payload.size() >> shift);
  return bytes + std::string(payload);
}

Side Rpc(std::string type, bool from_client, std::vector<HeaderField> more = {}) {
  Side side(from_client);
  auto& message = from_client ? side.exchange.request : side.exchange.response;
  message.headers = std::move(more);
  message.headers.push_back({"content-type", std::move(type)});
  side.exchange.path = "/shop.Cart/Add";
  RecognizeApplication(side.exchange);
  return side;
}

TEST(Grpc, MessagesAtEverySplit) {
  Side side = Rpc("application/grpc", true);
  side.ExpectAtEverySplit(Envelope("hello") + Envelope("") + Envelope("world"),
                          {"1 rpc 5/5 hello", "2 rpc 0/0 ", "3 rpc 5/5 world"});
  EXPECT_EQ(side.exchange.client_messages, 3);
  EXPECT_EQ(side.exchange.server_messages, 0);
}

TEST(Grpc, FillsInWhereAndWhen) {
  for (const bool from_client : {true, false}) {
    Side side = Rpc("application/grpc", from_client);
    const std::string bytes = Envelope("hello");
    side.Parse({"", bytes.substr(0, 2), bytes.substr(2, 5), bytes.substr(7)});
    ASSERT_EQ(side.messages.size(), 1);
    const Message& message = side.messages[0];
    EXPECT_EQ(message.from_client, from_client);
    EXPECT_EQ(message.direction, from_client ? Direction::kWrite : Direction::kRead);
    EXPECT_EQ(message.first, WallTime(std::chrono::seconds(2)));
    EXPECT_EQ(message.last, WallTime(std::chrono::seconds(4)));
    EXPECT_EQ(message.goroutine, 7);
  }
}

TEST(Grpc, CompressedInAnyCoding) {
  const std::string text = test::SomeText(3000);
  const std::pair<const char*, std::string> cases[] = {
      {"gzip", test::Gzip(text)}, {"deflate", test::Zlib(text)}, {"zstd", test::Zstd(text)}};
  for (const auto& [coding, coded] : cases) {
    Side side = Rpc("application/grpc", false, {{"grpc-encoding", coding}});
    side.ExpectAtRandomSplits(
        Envelope(coded, 1) + Envelope("plain"),
        {fmt::format("1 rpc {}/3000 compressed {}", coded.size(), text), "2 rpc 5/5 plain"}, 20);
  }
}

TEST(Grpc, CompressedButHow) {
  const std::string bytes = Envelope("abc", 1);
  EXPECT_EQ(Rpc("application/grpc", true).Parse({bytes}),
            Lines{"1 rpc 3/3 compressed problem=[compressed, but no coding was named] abc"});
  EXPECT_EQ(Rpc("application/grpc", true, {{"grpc-encoding", "identity"}}).Parse({bytes}),
            Lines{"1 rpc 3/3 compressed problem=[compressed, but no coding was named] abc"});
  EXPECT_EQ(Rpc("application/grpc", true, {{"grpc-encoding", "snappy"}}).Parse({bytes}),
            Lines{"1 rpc 3/0 compressed problem=[unknown coding] abc"});
  HeaderField unknown;
  unknown.name_known = false;
  unknown.value_known = false;
  EXPECT_EQ(Rpc("application/grpc", true, {unknown}).Parse({bytes}),
            Lines{"1 rpc 3/3 compressed problem=[compressed in a coding that is not known] abc"});
}

TEST(Grpc, ContentIsBounded) {
  Side side = Rpc("application/grpc", true);
  side.options.max_body = 4;
  side.ExpectAtEverySplit(Envelope("hello") + Envelope("1234"),
                          {"1 rpc 5/5 truncated hell", "2 rpc 4/4 1234"});
}

TEST(Grpc, BombsAreBounded) {
  const std::string coded = test::Gzip(std::string(20 << 20, '\0'));
  Side side = Rpc("application/grpc", true, {{"grpc-encoding", "gzip"}});
  side.options.max_body = 10;
  const auto lines = side.Parse({Envelope(coded, 1)});
  EXPECT_EQ(lines, Lines{fmt::format("1 rpc {}/{} compressed truncated {}", coded.size(), 16 << 20,
                                     std::string(10, '\0'))});
}

TEST(Grpc, TheEndCutsOff) {
  Side side = Rpc("application/grpc", true);
  EXPECT_EQ(side.Parse({Envelope("hello").substr(0, 7)}), Lines{"1 rpc 2/2 incomplete he"});
  EXPECT_EQ(side.Parse({"\0\0"s}), Lines{"1 rpc 0/0 incomplete "});
  EXPECT_EQ(side.Parse({}), Lines{});
}

TEST(Grpc, OtherBytesAreOneBrokenMessage) {
  Side side = Rpc("application/grpc", false);
  const std::string bytes = Envelope("ok") + "<html>502</html>" + Envelope("x");
  side.ExpectAtEverySplit(bytes, {"1 rpc 2/2 ok",
                                  "2 rpc 22/0 incomplete truncated "
                                  "problem=[not a message: its flags are 0x3c] "});
  EXPECT_EQ(side.counters.decode_malformed, 1);
}

TEST(Grpc, HostileLengthIsOnlyCounted) {
  Side side = Rpc("application/grpc", true);
  EXPECT_EQ(side.Parse({"\0\xff\xff\xff\xff"s + "abc"}), Lines{"1 rpc 3/3 incomplete abc"});
}

TEST(Grpc, GapInsideAMessageIsExact) {
  Side side = Rpc("application/grpc", true);
  const std::string bytes = Envelope("hello world");
  const Lines lines = {"1 rpc 8/8 missing=3 incomplete truncated hel", "2 rpc 2/2 ok"};
  EXPECT_EQ(side.Parse({bytes.substr(0, 8), Piece::Gap(1), Piece::Gap(2), bytes.substr(11),
                        Envelope("ok")}),
            lines);
  EXPECT_EQ(side.Parse({Envelope("abc").substr(0, 6), Piece::Gap(2), Envelope("ok")}),
            (Lines{"1 rpc 1/1 missing=2 incomplete truncated a", "2 rpc 2/2 ok"}));
  EXPECT_EQ(side.counters.decode_resyncs, 0);
}

TEST(Grpc, GapOverABoundaryEndsUntilWholeMessagesCome) {
  Side side = Rpc("application/grpc", true);
  const std::string lost = "problem=[bytes are missing where a message begins] ";
  EXPECT_EQ(side.Parse({Envelope("abc").substr(0, 6), Piece::Gap(100), "middle of something",
                        std::string(20, '\0'), Envelope("ok") + Envelope("fine"), Envelope("!")}),
            (Lines{"1 rpc 1/1 missing=2 incomplete truncated a",
                   "2 rpc 39/0 missing=98 incomplete truncated " + lost, "3 rpc 2/2 ok",
                   "4 rpc 4/4 fine", "5 rpc 1/1 !"}));
  EXPECT_EQ(side.counters.decode_resyncs, 1);
  EXPECT_EQ(side.Parse({"\0\0"s, Piece::Gap(1), "xyz", Piece::Gap(1)}),
            Lines{"1 rpc 5/0 missing=2 incomplete truncated " + lost});
}

TEST(Grpc, GapInACompressedMessage) {
  const std::string coded = test::Gzip("some text");
  const std::string bytes = Envelope(coded, 1);
  Side side = Rpc("application/grpc", true, {{"grpc-encoding", "gzip"}});
  const auto lines =
      side.Parse({bytes.substr(0, 10), Piece::Gap(bytes.size() - 10), Envelope("next")});
  ASSERT_EQ(lines.size(), 2);
  EXPECT_TRUE(lines[0].contains("problem=[gzip: bytes are missing at 5]")) << lines[0];
  EXPECT_EQ(lines[1], "2 rpc 4/4 next");
}

TEST(Grpc, ProtobufFieldsWhenAskedFor) {
  Side side = Rpc("application/grpc+proto", true);
  side.Parse({Envelope("\x08\x96\x01"s)});
  EXPECT_EQ(side.messages[0].fields, "");
  side.options.protobuf_fields = true;
  side.Parse({Envelope("\x08\x96\x01"s)});
  EXPECT_EQ(side.messages[0].fields, "1: 150\n");
  side.options.max_body = 5;
  side.Parse({Envelope("\x08\x96\x01\x12\x03xyz"s)});
  EXPECT_EQ(side.messages[0].fields, "1: 150\n# cut\n");
  side.Parse({Envelope("\x12\x08xyzxyzxy")});
  EXPECT_EQ(side.messages[0].fields, "# cut\n");
  side.options.max_body = 0;
  side.Parse({Envelope("\x12\x01x")});
  EXPECT_EQ(side.messages[0].fields, "# cut\n");
  Side json = Rpc("application/grpc+json", true);
  json.options.protobuf_fields = true;
  json.Parse({Envelope("\x08\x96\x01"s)});
  EXPECT_EQ(json.messages[0].fields, "");
}

TEST(Grpc, AnErrorPageHasNoMessages) {
  Side side = Rpc("application/grpc", false);
  side.exchange.response.headers = {{"content-type", "text/html"}};
  EXPECT_EQ(side.Parse({}), Lines{"no parser"});
}

TEST(GrpcWeb, TrailersInTheBody) {
  Side side = Rpc("application/grpc-web+proto", false);
  side.ExpectAtEverySplit(
      Envelope("hello") + Envelope("grpc-status: 3\r\nGrpc-Message:no%21\r\nx-a: b: c", 0x80),
      {"1 rpc 5/5 hello"});
  EXPECT_EQ(side.exchange.rpc->status, 3);
  EXPECT_EQ(side.exchange.rpc->status_message, "no!");
  ASSERT_EQ(side.exchange.response.trailers.size(), 3);
  EXPECT_EQ(side.exchange.response.trailers[2].name, "x-a");
  EXPECT_EQ(side.exchange.response.trailers[2].value, "b: c");
}

std::string Base64(std::string_view text) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8U | (i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += i + k <= text.size() ? kDigits[bits >> (18 - 6 * k) & 63U] : '=';
    }
  }
  return out;
}

TEST(GrpcWeb, TextWithPaddingInTheMiddle) {
  Side side = Rpc("application/grpc-web-text", false);
  const std::string hello = Envelope("hello");  // 10 bytes: two =
  const std::string trailers = Envelope("grpc-status:0\r\n", 0x80);
  ASSERT_TRUE(Base64(hello).ends_with("=="));
  side.ExpectAtEverySplit(Base64(hello) + Base64(Envelope("12")) + Base64(trailers),
                          {"1 rpc 5/5 hello", "2 rpc 2/2 12"});
  EXPECT_EQ(side.exchange.rpc->status, 0);
}

TEST(GrpcWeb, BadText) {
  Side side = Rpc("application/grpc-web-text", false);
  side.ExpectAtEverySplit(Base64(Envelope("hello!!!")).substr(0, 12) + "*more",
                          {"1 rpc 4/4 incomplete hell",
                           "2 rpc 0/0 incomplete truncated problem=[base64: corrupt at 12] "});
}

TEST(GrpcWeb, GapInText) {
  Side side = Rpc("application/grpc-web-text", false);
  EXPECT_EQ(
      side.Parse({Base64(Envelope("abcd")), Piece::Gap(9), "abcd"}),
      (Lines{"1 rpc 4/4 abcd",
             "2 rpc 0/0 missing=9 incomplete truncated problem=[base64: bytes are missing] "}));
}

TEST(Connect, StreamAndItsEnd) {
  Side side = Rpc("application/connect+json", false, {{"connect-content-encoding", "gzip"}});
  const std::string packed = test::Gzip("{}");
  side.ExpectAtEverySplit(
      Envelope("{\"a\":1}") + Envelope(packed, 1) +
          Envelope(R"({"error":{"code":"not_found","message":"m"},"metadata":{"k":["v"]}})", 2),
      {"1 rpc 7/7 {\"a\":1}", fmt::format("2 rpc {}/2 compressed {{}}", packed.size())});
  EXPECT_EQ(side.exchange.rpc->status, 5);
  EXPECT_EQ(side.exchange.rpc->status_message, "m");
  ASSERT_EQ(side.exchange.response.trailers.size(), 1);
  EXPECT_EQ(side.exchange.response.trailers[0].name, "k");
  side.Parse({Envelope(test::Gzip("{}"), 3)});
  EXPECT_EQ(side.exchange.rpc->status, 0);
}

TEST(Connect, EndIsNotKeptAcrossAGap) {
  Side side = Rpc("application/connect+json", false);
  EXPECT_EQ(side.Parse({Envelope("{}", 2).substr(0, 6), Piece::Gap(1)}), Lines{});
  EXPECT_EQ(side.exchange.rpc->status, std::nullopt);
}

TEST(GrpcWeb, ContentEncodingOfTheWholeBody) {
  Side side = Rpc("application/grpc-web", false, {{"content-encoding", "br"}});
  side.ExpectAtEverySplit(test::Brotli(Envelope("hello") + Envelope("you")),
                          {"1 rpc 5/5 hello", "2 rpc 3/3 you"});
}

}  // namespace
}  // namespace gotls
