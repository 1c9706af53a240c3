// Two ends of an HTTP/2 connection by nghttp2, what they said, and what the decoder makes of it.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decode/decoder.h"
#include "decode/http2/frame.h"
#include "decode/http2/http2_decoder.h"

namespace gotls::http2_test {

using Fields = std::vector<std::pair<std::string, std::string>>;

inline constexpr Direction kClientToServer = Direction::kWrite;
inline constexpr Direction kServerToClient = Direction::kRead;

// Bytes that one end wrote at once.
struct Write {
  Direction direction;
  std::string bytes;
};
using Transcript = std::vector<Write>;

// What the observer was told, kept.
struct Found final : DecodeObserver {
  void OnExchange(Exchange& exchange) override {
    if (exchange.state == ExchangeState::kOpen) {
      opened.push_back(exchange);
    } else {
      exchanges.push_back(exchange);
    }
  }
  void OnMessage(Exchange&, Message& message) override { messages.push_back(message); }
  void OnOpaque(Direction, Bytes, const ByteOrigin&) override {}
  void OnOpaqueGap(Direction, std::uint64_t, const ByteOrigin&) override {}
  void OnUnwanted(Direction, StreamPosition end) override { unwanted.push_back(end.value); }

  const Exchange* Stream(std::uint32_t id) const {
    for (const Exchange& exchange : exchanges) {
      if (exchange.stream == id) return &exchange;
    }
    return nullptr;
  }

  std::vector<Exchange> opened;
  std::vector<Exchange> exchanges;  // that ended
  std::vector<Message> messages;
  std::vector<std::uint64_t> unwanted;  // where it ends
  DecodeCounters counters;
};

// A decoder of one connection with its surroundings. The clock is the number of bytes so far.
class Decoding {
 public:
  explicit Decoding(bool joined, std::size_t max_body = 64 << 10);
  // One whose writes are seen when they return, at the client's or the server's end.
  struct AtReturn {
    Role role;
  };
  explicit Decoding(AtReturn end);

  void Data(Direction direction, std::string_view bytes);
  void Gap(Direction direction, std::uint64_t length);
  void Tick();
  void Skip(Direction direction, std::uint64_t length);
  void End();
  [[nodiscard]] std::uint64_t position(Direction direction) const {
    return position_[static_cast<int>(direction)];
  }
  void Advance(WallTime::duration time) { time_ += time; }
  Found& found() { return found_; }

 private:
  void Make(bool joined);
  ByteOrigin Origin(Direction direction) const;
  // As the program sees it: what a server reads is what its client wrote.
  Direction Seen(Direction direction) const {
    return role_ == Role::kServer ? Opposite(direction) : direction;
  }

  Connection connection_;
  DecodeOptions options_;
  Found found_;
  std::uint64_t last_exchange_ = 0;
  std::uint64_t position_[2] = {};
  WallTime time_{std::chrono::seconds(1)};
  Role role_ = Role::kClient;
  bool at_return_ = false;
  std::unique_ptr<Decoder> decoder_;
};

// Written by hand.
std::string Frame(FrameType type, std::uint8_t flags, std::uint32_t stream,
                  std::string_view payload = {});
std::string Big32(std::uint32_t value);

// Header blocks of one end, by nghttp2.
class Encoder {
 public:
  explicit Encoder(std::size_t table_size = 4096);
  ~Encoder();
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  std::string Block(const Fields& fields);
  void ChangeTableSize(std::size_t size);

 private:
  nghttp2_hd_deflater* deflater_ = nullptr;
};

inline constexpr std::uint8_t kEnd = kFlagEndStream;
inline constexpr std::uint8_t kWhole = kFlagEndHeaders;

inline const Fields kGet = {{":method", "GET"},
                            {":scheme", "https"},
                            {":authority", "shop.example"},
                            {":path", "/cart?a=1"}};
inline const Fields kPost = {
    {":method", "POST"}, {":scheme", "https"}, {":authority", "shop.example"}, {":path", "/cart"}};
inline const Fields kOk = {{":status", "200"}, {"content-type", "text/plain"}};

// A connection whose ends have said hello.
class Talk {
 public:
  explicit Talk(bool joined = false, std::size_t max_body = 64 << 10)
      : decoding_(joined, max_body) {
    if (!joined) Hello();
  }
  explicit Talk(Decoding::AtReturn end) : decoding_(end) { Hello(); }
  void Hello() {
    Client(std::string(kHttp2Preface) + Frame(FrameType::kSettings, 0, 0));
    Server(Frame(FrameType::kSettings, 0, 0) + Frame(FrameType::kSettings, kFlagAck, 0));
  }

  void Client(std::string_view bytes) { decoding_.Data(kClientToServer, bytes); }
  void Server(std::string_view bytes) { decoding_.Data(kServerToClient, bytes); }
  void Ask(std::uint32_t stream, const Fields& fields, std::uint8_t flags = kEnd) {
    Client(Frame(FrameType::kHeaders, kWhole | flags, stream, client.Block(fields)));
  }
  void Answer(std::uint32_t stream, const Fields& fields, std::uint8_t flags = 0) {
    Server(Frame(FrameType::kHeaders, kWhole | flags, stream, server.Block(fields)));
  }
  Found& End() {
    decoding_.End();
    return decoding_.found();
  }
  Decoding& decoding() { return decoding_; }
  Found& found() { return decoding_.found(); }

  Encoder client;
  Encoder server;

 private:
  Decoding decoding_;
};

// Text of an ended exchange, for comparisons: everything but times.
std::string Describe(const Exchange& exchange);
std::string Describe(const Found& found);

// The transcript without what it splits: adjoining writes of one direction are one.
Found DecodeWhole(const Transcript& transcript);

// What one request and its response really were.
struct TrueExchange {
  bool sent = false;  // false: given up before
  Fields request;
  Fields request_trailers;
  std::string request_body;
  Fields response;
  Fields response_trailers;
  std::string response_body;
};

// By stream id.
using Truth = std::map<std::uint32_t, TrueExchange>;

struct Session {
  Transcript transcript;
  Truth truth;
};

// Two nghttp2 sessions that talk to each other in memory: `count` exchanges of many shapes, up to
// `concurrent` begun at a time. Both ends log what they sent.
Session RunSession(std::uint32_t seed, int count, std::uint32_t concurrent);

std::vector<nghttp2_nv> Pairs(const Fields& fields);

// Empty, or what in `exchange` is known and not as the truth has it.
std::string Wrong(const Exchange& exchange, const Truth& truth);

}  // namespace gotls::http2_test
