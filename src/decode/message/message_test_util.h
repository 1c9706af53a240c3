// One side of an exchange, with all around it, for tests of parsers.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "decode/body/coding_test_util.h"
#include "decode/message/message_parser.h"

namespace gotls::test {

using namespace std::string_literals;

class NoObserver final : public DecodeObserver {
 public:
  void OnExchange(Exchange&) override {}
  void OnMessage(Exchange&, Message&) override {}
  void OnOpaque(Direction, Bytes, const ByteOrigin&) override {}
  void OnOpaqueGap(Direction, std::uint64_t, const ByteOrigin&) override {}
};

inline std::string_view KindName(MessageKind kind) {
  static constexpr std::string_view kNames[] = {"text",  "binary", "ping", "pong",
                                                "close", "rpc",    "event"};
  return kNames[static_cast<std::size_t>(kind)];
}

// What matters of a message, in one line: "1 text 5/5 hello", that is, number, kind, bytes on the
// wire and decoded, content.
inline std::string Describe(const Message& message) {
  std::string text = fmt::format("{} {} {}/{}", message.number, KindName(message.kind),
                                 message.wire_bytes, message.decoded_bytes);
  if (message.missing > 0) text += fmt::format(" missing={}", message.missing);
  if (!message.complete) text += " incomplete";
  if (message.compressed) text += " compressed";
  if (message.truncated) text += " truncated";
  if (!message.name.empty()) text += " name=" + message.name;
  if (!message.event_id.empty()) text += " id=" + message.event_id;
  if (message.close_code) text += fmt::format(" code={}", *message.close_code);
  if (!message.problem.empty()) text += " problem=[" + message.problem + "]";
  return text + " " + message.content;
}

// A piece to push, or a gap.
struct Piece {
  Piece(std::string_view text) : bytes(text) {}        // NOLINT: reads better in lists
  Piece(const char* text) : bytes(text) {}             // NOLINT
  Piece(std::string text) : bytes(std::move(text)) {}  // NOLINT
  static Piece Gap(std::uint64_t length) {
    Piece piece("");
    piece.gap = length;
    return piece;
  }

  std::string bytes;
  std::uint64_t gap = 0;
};

class Side {
 public:
  explicit Side(bool from_client) : from_client_(from_client) {}

  // Lines of Describe().
  std::vector<std::string> Parse(const std::vector<Piece>& pieces) {
    messages.clear();
    exchange.client_messages = 0;
    exchange.server_messages = 0;
    exchange.response.trailers = trailers;
    counters = {};
    std::vector<std::string> lines;
    auto parser = MakeMessageParser(exchange, from_client_, context_, [&](Message& message) {
      lines.push_back(Describe(message));
      messages.push_back(message);
    });
    if (!parser) return {"no parser"};
    ByteOrigin origin;
    origin.time = WallTime(std::chrono::seconds(1));
    origin.goroutine = 7;
    for (const Piece& piece : pieces) {
      if (piece.gap > 0) {
        parser->Gap(piece.gap, origin);
      } else {
        parser->Push(AsBytes(piece.bytes), origin);
      }
      origin.time += std::chrono::seconds(1);
    }
    parser->End();
    return lines;
  }

  // The same at every split in two, and byte by byte.
  void ExpectAtEverySplit(std::string_view bytes, const std::vector<std::string>& lines) {
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      ASSERT_EQ(Parse({bytes.substr(0, cut), bytes.substr(cut)}), lines) << "cut at " << cut;
    }
    std::vector<Piece> single;
    for (const char& c : bytes) single.emplace_back(std::string_view(&c, 1));
    ASSERT_EQ(Parse(single), lines);
  }

  void ExpectAtRandomSplits(std::string_view bytes, const std::vector<std::string>& lines,
                            int times) {
    std::mt19937 random(1);
    for (int i = 0; i < times; ++i) {
      std::vector<Piece> pieces;
      for (const auto piece : RandomPieces(bytes, random)) pieces.emplace_back(piece);
      ASSERT_EQ(Parse(pieces), lines);
    }
  }

  Exchange exchange;
  DecodeOptions options;
  DecodeCounters counters;
  std::vector<Message> messages;
  std::vector<HeaderField> trailers;  // that the response has from the beginning

 private:
  bool from_client_;
  Connection connection_;
  NoObserver observer_;
  std::uint64_t last_exchange_ = 0;
  DecodeContext context_{connection_, options,        observer_,
                         counters,    last_exchange_, Direction::kWrite};
};

}  // namespace gotls::test
