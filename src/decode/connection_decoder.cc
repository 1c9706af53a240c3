#include "decode/connection_decoder.h"

#include <algorithm>

#include "decode/http1/http1_decoder.h"
#include "decode/http2/http2_decoder.h"
#include "decode/start_line.h"

namespace gotls {
namespace {

// A request line may be so long.
constexpr std::size_t kMaxStart = 8 << 10;
// A server's first SETTINGS may wait so long for the client's preface.
constexpr std::size_t kMaxHeld = 1024;
constexpr std::size_t kFrameHeader = 9;

Direction RequestsOf(const Connection& connection) {
  return connection.role == Role::kServer ? Direction::kRead : Direction::kWrite;
}

// Frames of stream 0 that a server sends before it has heard from the client: SETTINGS,
// WINDOW_UPDATE, PING. The last one may be cut.
bool OnlyConnectionFrames(Bytes bytes) {
  constexpr std::uint8_t kSettings = 4;
  constexpr std::uint8_t kPing = 6;
  constexpr std::uint8_t kWindowUpdate = 8;
  std::size_t at = 0;
  while (bytes.size() - at >= kFrameHeader) {
    const auto byte = [&](std::size_t i) { return std::to_integer<std::uint32_t>(bytes[at + i]); };
    const std::uint32_t type = byte(3);
    const bool on_connection = byte(5) == 0 && byte(6) == 0 && byte(7) == 0 && byte(8) == 0;
    if (!on_connection || (type != kSettings && type != kPing && type != kWindowUpdate))
      return false;
    const std::size_t length = byte(0) << 16 | byte(1) << 8 | byte(2);
    if (length > kMaxHeld) return false;
    if (length > bytes.size() - at - kFrameHeader) return true;
    at += kFrameHeader + length;
  }
  return true;
}

}  // namespace

ConnectionDecoder::ConnectionDecoder(const Connection& connection, DecodeSession& session)
    : connection_(connection), session_(session), context_{connection_,
                                                           session.options,
                                                           *this,
                                                           session.counters,
                                                           session.last_exchange,
                                                           RequestsOf(connection_)} {}

void ConnectionDecoder::OnChunk(const Chunk& chunk) {
  thread_ = chunk.thread;
  Pass(chunk.direction, chunk.data,
       {chunk.position, chunk.time, chunk.goroutine, chunk.at_return, chunk.before_first_write});
}

void ConnectionDecoder::Pass(Direction direction, Bytes bytes, const ByteOrigin& origin) {
  if (state_ == State::kDecoding) return decoder_->OnData(direction, bytes, origin);
  if (state_ == State::kUndecided) {
    Hold(direction, bytes, origin);
    Decide();
    if (state_ != State::kUndecided) ReplayHeld();
    return;
  }
  if (LooksLikeRequestLine(bytes) == Guess::kYes) {
    const bool believable = connection_.role == Role::kUnknown || direction == context_.requests;
    if (believable) BeginHttp1(direction, true);
  } else if (StartsWithStatusLine(bytes)) {
    const bool believable = connection_.role == Role::kUnknown || direction != context_.requests;
    if (believable) BeginHttp1(Opposite(direction), true);
  }
  if (decoder_) return decoder_->OnData(direction, bytes, origin);
  OnOpaque(direction, bytes, origin);
}

void ConnectionDecoder::OnGap(const Gap& gap) {
  if (gap.reasons == kGapNotSent) return;  // a correction: these bytes were seen
  const ByteOrigin origin{gap.position, gap.time, 0};
  if (state_ == State::kUndecided) {
    if (connection_.alpn == "h2" && connection_.role != Role::kUnknown) {
      BeginHttp2(context_.requests, true);
    } else {
      BeginOpaque();
    }
    ReplayHeld();
  }
  if (state_ == State::kOpaque) return OnOpaqueGap(gap.direction, gap.length, origin);
  if (gap.reasons == kGapSkipped) return decoder_->OnSkipped(gap.direction, gap.length, origin);
  ++session_.counters.decode_gaps;
  decoder_->OnGap(gap.direction, gap.length, origin);
}

void ConnectionDecoder::OnTick(WallTime now) {
  if (decoder_) decoder_->OnTick(now);
}

void ConnectionDecoder::OnClose(WallTime time, CloseReason reason) {
  if (reason == CloseReason::kProcessExit) end_ = "the process ended";
  if (reason == CloseReason::kDetached) end_ = "tracing ended";
  if (state_ == State::kUndecided && !held_.empty()) {
    BeginOpaque();
    ReplayHeld();
  }
  if (decoder_) decoder_->OnEnd(time);
}

void ConnectionDecoder::Hold(Direction direction, Bytes bytes, const ByteOrigin& origin) {
  held_.push_back({direction, origin, {bytes.begin(), bytes.end()}});
  auto& start = start_[static_cast<std::size_t>(direction)];
  const auto room = bytes.first(std::min(bytes.size(), kMaxStart - start.size()));
  start.insert(start.end(), room.begin(), room.end());
}

void ConnectionDecoder::Decide() {
  if (DecideHttp2() || DecideHttp1()) return;
  BeginOpaque();
}

// Answers whether that question is settled: decided, or more bytes are needed.
bool ConnectionDecoder::DecideHttp2() {
  if (connection_.alpn == "http/1.1") return false;
  for (const Direction direction : {Direction::kRead, Direction::kWrite}) {
    const Bytes start = start_[static_cast<std::size_t>(direction)];
    if (start.empty()) continue;
    const Guess preface = LooksLikeHttp2Preface(start);
    if (preface == Guess::kNo) continue;
    if (connection_.role != Role::kUnknown && direction != context_.requests) continue;
    if (preface == Guess::kYes) BeginHttp2(direction, false);
    return true;
  }
  if (MayWaitForPreface()) return true;
  if (connection_.role == Role::kUnknown) return false;
  if (connection_.alpn == "h2") {
    BeginHttp2(context_.requests, true);
    return true;
  }
  for (const Bytes start : start_) {
    if (start.empty() || LooksLikeHttp2Frames(start) != Guess::kYes) continue;
    BeginHttp2(context_.requests, true);
    return true;
  }
  return false;
}

// A server's first frames, and nothing of the client's yet.
bool ConnectionDecoder::MayWaitForPreface() const {
  const auto requests = static_cast<std::size_t>(context_.requests);
  const Bytes responses = start_[1 - requests];
  if (!start_[requests].empty() || responses.size() >= kMaxHeld) return false;
  if (connection_.alpn == "h2" && FirstWriteIsLate()) return true;
  if (connection_.alpn != "h2" && LooksLikeHttp2Frames(responses) == Guess::kNo) return false;
  return OnlyConnectionFrames(responses);
}

// A method that is not well known takes the whole request line, which is waited for when HTTP/1 was
// agreed on.
Guess ConnectionDecoder::GuessRequest(Bytes start) const {
  const Guess known = LooksLikeHttp1Request(start);
  if (known != Guess::kNo) return known;
  const Guess any = LooksLikeRequestLine(start);
  return any == Guess::kNeedMore && connection_.alpn != "http/1.1" ? Guess::kNo : any;
}

// What has been read may answer what was written first and is not seen yet.
bool ConnectionDecoder::FirstWriteIsLate() const {
  return std::ranges::any_of(held_, [](const Held& run) { return run.origin.before_first_write; });
}

bool ConnectionDecoder::DecideHttp1() {
  bool need_more = false;
  for (const Direction direction : {Direction::kRead, Direction::kWrite}) {
    const Bytes start = start_[static_cast<std::size_t>(direction)];
    if (start.empty()) continue;
    const bool any_role = connection_.role == Role::kUnknown;
    const Guess request =
        any_role || direction == context_.requests ? GuessRequest(start) : Guess::kNo;
    const Guess response =
        any_role || direction != context_.requests ? LooksLikeHttp1Response(start) : Guess::kNo;
    if (request == Guess::kYes) return BeginHttp1(direction, false), true;
    if (response == Guess::kYes) return BeginHttp1(Opposite(direction), !FirstWriteIsLate()), true;
    need_more = need_more || request == Guess::kNeedMore || response == Guess::kNeedMore;
  }
  return need_more;
}

void ConnectionDecoder::BeginHttp1(Direction requests, bool joined) {
  context_.requests = requests;
  if (joined) ++session_.counters.decode_joined_connections;
  decoder_ = MakeHttp1Decoder(context_, joined);
  state_ = State::kDecoding;
}

void ConnectionDecoder::BeginHttp2(Direction requests, bool joined) {
  context_.requests = requests;
  if (joined) ++session_.counters.decode_joined_connections;
  decoder_ = MakeHttp2Decoder(context_, joined);
  state_ = State::kDecoding;
}

void ConnectionDecoder::BeginOpaque() {
  ++session_.counters.decode_opaque_connections;
  state_ = State::kOpaque;
}

void ConnectionDecoder::ReplayHeld() {
  const std::vector<Held> held = std::move(held_);
  held_.clear();
  start_ = {};
  for (const Held& run : held) Pass(run.direction, run.bytes, run.origin);
}

void ConnectionDecoder::OnExchange(Exchange& exchange) {
  if (exchange.state != ExchangeState::kOpen) ++session_.counters.decode_exchanges;
  if (exchange.state == ExchangeState::kClosed) exchange.detail = end_;
  session_.handler.OnExchange(connection_, exchange);
}

void ConnectionDecoder::OnMessage(Exchange& exchange, Message& message) {
  ++session_.counters.decode_messages;
  session_.handler.OnMessage(connection_, exchange, message);
}

void ConnectionDecoder::OnOpaque(Direction direction, Bytes bytes, const ByteOrigin& origin) {
  session_.handler.OnOpaque(
      connection_, {direction, origin.position, bytes, origin.goroutine, thread_, origin.time});
}

void ConnectionDecoder::OnOpaqueGap(Direction direction, std::uint64_t length,
                                    const ByteOrigin& origin) {
  session_.handler.OnOpaqueGap(connection_,
                               {direction, origin.position, length, kGapUnknown, origin.time});
}

void ConnectionDecoder::OnUnwanted(Direction direction, StreamPosition end) {
  session_.handler.OnUnwanted(connection_, direction, end);
}

}  // namespace gotls
