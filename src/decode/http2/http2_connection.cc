#include "decode/http2/http2_connection.h"

#include <fmt/format.h>

#include <chrono>
#include <string>

namespace gotls {
namespace {

using enum ExchangeState;

constexpr std::string_view kBeganBefore = "its beginning was not captured";
// A stream on which nothing has moved for so long after frames were lost has probably ended in
// what was lost.
constexpr std::chrono::seconds kSweepAfter(10);

// A request can be reported so much later than its response.
constexpr std::chrono::seconds kSureAfter(1);

// That look at all streams. Peers send two each.
constexpr unsigned kMaxGoaways = 64;

std::string Describe(const FrameLoss& loss) {
  if (loss.length == 0) {
    return fmt::format("no frame begins at position {}", loss.origin.position.value);
  }
  return fmt::format("{} bytes missing on the connection, at position {}", loss.length,
                     loss.origin.position.value);
}

FrameReader::Start StartOf(bool joined, bool from_client) {
  if (joined) return FrameReader::Start::kUnknown;
  return from_client ? FrameReader::Start::kPreface : FrameReader::Start::kFrame;
}

HeaderTable::Past PastOf(bool joined) {
  return joined ? HeaderTable::Past::kUnknown : HeaderTable::Past::kNone;
}

}  // namespace

Http2Connection::Http2Connection(const DecodeContext& context, bool joined)
    : context_(context),
      builder_(context),
      client_(context.requests, true, StartOf(joined, true), *this, context.counters),
      server_(Opposite(context.requests), false, StartOf(joined, false), *this, context.counters),
      client_table_(PastOf(joined)),
      server_table_(PastOf(joined)),
      requested_(joined),
      pushed_(joined),
      joined_(joined) {}

void Http2Connection::OnData(Direction direction, Bytes bytes, const ByteOrigin& origin) {
  now_ = origin.time;
  if (joined_) server_sure_from_ = now_ + kSureAfter;
  joined_ = false;
  if (sweep_at_ && now_ >= *sweep_at_) Sweep(now_);
  if (end_resets_at_ && now_ >= *end_resets_at_) EndHeldResets(now_);
  if (direction == Direction::kWrite && origin.at_return) writes_late_ = true;
  Reader(FromClient(direction)).OnData(bytes, origin);
}

void Http2Connection::OnGap(Direction direction, std::uint64_t length, const ByteOrigin& origin) {
  Reader(FromClient(direction)).OnGap(length, origin);
}

void Http2Connection::OnTick(WallTime now) {
  if (end_resets_at_ && now >= *end_resets_at_) EndHeldResets(now);
}

void Http2Connection::OnSkipped(Direction direction, std::uint64_t length,
                                const ByteOrigin& origin) {
  Reader(FromClient(direction)).OnSkipped(length, origin);
}

void Http2Connection::OnEnd(WallTime) {
  while (Stream* stream = streams_.Oldest()) {
    if (stream->reset) {
      EndReset(*stream, stream->reset->code);
      continue;
    }
    const StreamSide& request = stream->request;
    const StreamSide& response = stream->response;
    const bool in_doubt = request.hurt || request.in_doubt || response.hurt || response.in_doubt;
    if (in_doubt) {
      EndWhole(*stream);
    } else {
      End(*stream, kClosed, "");
    }
  }
}

Stream& Http2Connection::Begin(std::uint32_t id) {
  if (streams_.size() == StreamTable::kMaxStreams) {
    ++context_.counters.decode_limits;
    End(*streams_.Oldest(), kGap, "too many open streams");
  }
  Stream& stream = streams_.Add(id);
  builder_.Begin(stream);
  stream.exchange.pushed = id % 2 == 0;
  return stream;
}

Stream* Http2Connection::StreamFor(std::uint32_t id, bool from_client, bool is_block) {
  if (Stream* stream = streams_.Find(id)) return stream;
  IdWindow& window = Window(id);
  const bool begins = is_block && id % 2 == 1 && window.Sure() && window.IsNew(id);
  if (!begins && !window.MayBeOpen(id)) return nullptr;
  if (from_client && id % 2 == 0) return nullptr;
  Stream& stream = Begin(id);
  if (begins) {
    // A program that is traced where its Write returns can read the response before that.
    if (from_client) window.OnBegin(id);
    stream.request.starts_seen = true;
    stream.response.starts_seen = SeesNewResponses();
    if (!server_.InStep() && server_loss_) DoubtResponse(stream);
  }
  return &stream;
}

// Of a request that is seen now no part of the response can have been lost.
bool Http2Connection::SeesNewResponses() const {
  return client_.InStep() && server_.InStep() && now_ >= server_sure_from_;
}

// It may come where frames are not known yet, and be lost there.
void Http2Connection::DoubtResponse(Stream& stream) {
  stream.response.in_doubt = true;
  stream.response.loss = *server_loss_;
  stream.response.moved = now_;
}

void Http2Connection::OnHeaderBlock(Direction direction, const HeaderBlock& block) {
  const bool from_client = FromClient(direction);
  HeaderTable& table = from_client ? client_table_ : server_table_;
  if (block.state != HeaderBlock::State::kWhole) {
    block.state == HeaderBlock::State::kGap ? table.Forget() : table.Fail();
    return OnLostBlock(block, from_client);
  }
  fields_.Clear();
  const bool good = table.Decode(block.block, fields_);
  fields_.Finish();
  if (!good) {
    HeaderBlock broken = block;
    broken.state = HeaderBlock::State::kBroken;
    return OnLostBlock(broken, from_client);
  }
  context_.counters.decode_unknown_fields += fields_.unknown;
  if (fields_.cut) ++context_.counters.decode_limits;
  if (block.promise) return OnPromise(block);
  Stream* stream = StreamFor(block.stream, from_client, true);
  if (stream == nullptr || stream->Side(from_client).ended) return;
  const bool request_seen = stream->exchange.request.seen;
  if (!builder_.OnFields(*stream, from_client, block, fields_)) {
    return End(*stream, kMalformed, "a header block where none belongs");
  }
  if (stream->exchange.request.seen && !request_seen) OnRequestHead(*stream);
  if (block.end_stream) EndSide(*stream, from_client);
}

// What was lost is behind us when a request is seen to begin, unless it waited to be read.
void Http2Connection::OnRequestHead(Stream& stream) {
  requested_.OnBegin(stream.id);
  if (!SeesNewResponses()) return;
  const bool untouched = !stream.exchange.response.seen && !stream.response.data_seen &&
                         !stream.response.ended && !stream.response.in_doubt;
  stream.response.starts_seen = untouched;
}

void Http2Connection::OnLostBlock(const HeaderBlock& block, bool from_client) {
  Stream* stream = StreamFor(block.promise ? block.promised : block.stream, from_client, true);
  if (stream == nullptr || stream->Side(from_client).ended) return;
  builder_.OnLostFields(*stream, from_client, block);
  switch (block.state) {
    case HeaderBlock::State::kGap:
      return End(*stream, kGap,
                 fmt::format("bytes missing in the header block at position {}",
                             block.first.position.value));
    case HeaderBlock::State::kTooLarge:
      return End(*stream, kMalformed, "the header block is too large");
    default:
      return End(*stream, kMalformed, "the header block can't be decoded");
  }
}

void Http2Connection::OnPromise(const HeaderBlock& block) {
  const std::uint32_t id = block.promised;
  if (id == 0 || id % 2 == 1 || streams_.Find(id) != nullptr) return;
  if (!pushed_.IsNew(id)) return;
  pushed_.OnBegin(id);
  Stream& stream = Begin(id);
  stream.response.starts_seen = true;
  builder_.OnPromise(stream, block, fields_);
}

void Http2Connection::OnData(Direction direction, const DataPiece& piece) {
  const bool from_client = FromClient(direction);
  Stream* stream = StreamFor(piece.stream, from_client, false);
  if (stream == nullptr || stream->Side(from_client).ended) return;
  builder_.OnData(*stream, from_client, piece);
  if (piece.left >= kWorthSkipping && !ExchangeBuilder::WantsBody(*stream, from_client)) {
    SayUnwanted(direction, piece);
  }
  if (piece.end_stream) EndSide(*stream, from_client);
}

// The rest of the frame.
void Http2Connection::SayUnwanted(Direction direction, const DataPiece& piece) {
  const std::uint64_t passed = piece.bytes.size() + piece.skipped + piece.missing;
  const StreamPosition end{piece.origin.position.value + passed + piece.left};
  StreamPosition& last = unwanted_[static_cast<std::size_t>(direction)];
  if (end == last) return;
  last = end;
  context_.observer.OnUnwanted(direction, end);
}

void Http2Connection::OnControl(Direction direction, const FrameHeader& header, Bytes payload,
                                const ByteOrigin&) {
  const bool from_client = FromClient(direction);
  switch (header.type) {
    case FrameType::kSettings:
      return OnSettings(from_client, payload);
    case FrameType::kRstStream:
      return OnReset(direction, header.stream, payload);
    case FrameType::kGoaway:
      return OnGoaway(from_client, payload);
    default:
      return;
  }
}

void Http2Connection::OnSettings(bool from_client, Bytes payload) {
  constexpr std::uint32_t kHeaderTableSize = 1;
  HeaderTable& peers = from_client ? server_table_ : client_table_;
  for (; payload.size() >= 6; payload = payload.subspan(6)) {
    if (BigEndian32(payload) >> 16 == kHeaderTableSize) {
      peers.AllowSize(BigEndian32(payload.subspan(2)));
    }
  }
}

void Http2Connection::OnReset(Direction direction, std::uint32_t id, Bytes payload) {
  std::optional<std::uint32_t> code;
  if (payload.size() >= 4) code = BigEndian32(payload);
  const bool hold = writes_late_ && direction == Direction::kRead;
  Stream* stream = streams_.Find(id);
  if (stream == nullptr && hold && id % 2 == 1 && !FromClient(direction)) {
    stream = StreamFor(id, false, true);  // its request is to come
  }
  if (stream == nullptr) {
    if (Window(id).MayBeOpen(id)) Window(id).OnEnd(id);
    return;
  }
  if (hold && !stream->Side(!FromClient(direction)).ended) {
    return HoldReset(*stream, {code, now_});
  }
  EndReset(*stream, code);
}

void Http2Connection::HoldReset(Stream& stream, const HeldReset& reset) {
  if (stream.reset) return;
  stream.reset = reset;
  if (!end_resets_at_) end_resets_at_ = reset.time + kSureAfter;
}

void Http2Connection::EndHeldResets(WallTime now) {
  end_resets_at_.reset();
  for (Stream* stream = streams_.Oldest(); stream != nullptr;) {
    Stream* const newer = stream->newer;
    if (stream->reset) {
      const WallTime due = stream->reset->time + kSureAfter;
      if (now >= due) {
        EndReset(*stream, stream->reset->code);
      } else if (!end_resets_at_ || due < *end_resets_at_) {
        end_resets_at_ = due;
      }
    }
    stream = newer;
  }
}

void Http2Connection::EndReset(Stream& stream, std::optional<std::uint32_t> code) {
  constexpr std::uint32_t kNoError = 0;
  constexpr std::uint32_t kCancel = 8;
  // The response is whole, and the rest of the request is not wanted.
  if (stream.response.ended && (code == kNoError || code == kCancel)) return EndWhole(stream);
  End(stream, kReset, code ? ErrorCodeName(*code) : "RST_STREAM");
}

void Http2Connection::OnGoaway(bool from_client, Bytes payload) {
  if (payload.size() < 8 || ++goaways_ > kMaxGoaways) return;
  const std::uint32_t last = BigEndian32(payload) & 0x7fffffff;
  const std::string detail = "GOAWAY " + ErrorCodeName(BigEndian32(payload.subspan(4)));
  for (Stream* stream = streams_.Oldest(); stream != nullptr;) {
    Stream* const newer = stream->newer;
    const bool from_peer = (stream->id % 2 == 1) != from_client;
    if (from_peer && stream->id > last) End(*stream, kReset, detail);
    stream = newer;
  }
}

void Http2Connection::OnLoss(Direction direction, const FrameLoss& loss) {
  const bool from_client = FromClient(direction);
  if (loss.length == 0) ++context_.counters.decode_malformed;
  (from_client ? client_table_ : server_table_).Forget();
  (from_client ? requested_ : pushed_).OnLoss();
  for (Stream* stream = streams_.Oldest(); stream != nullptr; stream = stream->newer) {
    builder_.OnLoss(*stream, from_client, loss);
  }
  if (!from_client) {
    server_sure_from_ = loss.origin.time + kSureAfter;
    server_loss_ = loss;
  }
  if (!sweep_at_) sweep_at_ = loss.origin.time + kSweepAfter;
}

// Responses may have come to their end whose requests were not in sight.
void Http2Connection::OnFound(Direction direction) {
  if (!FromClient(direction)) return;
  for (Stream* stream = streams_.Oldest(); stream != nullptr;) {
    Stream* const newer = stream->newer;
    if (stream->response.ended && !stream->exchange.request.seen) EndWhole(*stream);
    stream = newer;
  }
}

void Http2Connection::EndSide(Stream& stream, bool from_client) {
  builder_.EndSide(stream, from_client);
  // What came before the reset has come.
  if (stream.reset && from_client == FromClient(Direction::kWrite)) {
    return EndReset(stream, stream.reset->code);
  }
  if (!stream.response.ended) return;
  const bool request_passed_before =
      !stream.exchange.request.seen && !stream.request.starts_seen && client_.InStep();
  if (stream.request.ended || request_passed_before) EndWhole(stream);
}

// As whole as it gets.
void Http2Connection::EndWhole(Stream& stream) {
  for (const StreamSide* side : {&stream.request, &stream.response}) {
    if (!side->hurt && !side->in_doubt) continue;
    const bool lost = side->loss.length != 0 || side->loss.origin.position.value != 0;
    return End(stream, kGap, lost ? Describe(side->loss) : std::string(kBeganBefore));
  }
  const Exchange& exchange = stream.exchange;
  if (!exchange.request.seen || !exchange.response.seen) return End(stream, kGap, kBeganBefore);
  End(stream, kComplete, "");
}

void Http2Connection::End(Stream& stream, ExchangeState state, std::string_view detail) {
  if (state == kMalformed) ++context_.counters.decode_malformed;
  builder_.End(stream, state, detail);
  Window(stream.id).OnEnd(stream.id);
  streams_.Remove(stream);
}

void Http2Connection::Sweep(WallTime now) {
  sweep_at_.reset();
  for (Stream* stream = streams_.Oldest(); stream != nullptr;) {
    Stream* const newer = stream->newer;
    for (const StreamSide* side : {&stream->request, &stream->response}) {
      if (side->ended || (!side->hurt && !side->in_doubt) || stream->reported) continue;
      const WallTime lost = side->loss.origin.time;
      if (now < lost + kSweepAfter) {
        sweep_at_ = lost + kSweepAfter;
      } else if (side->moved <= lost) {
        EndWhole(*stream);
        break;
      }
    }
    stream = newer;
  }
}

}  // namespace gotls
