#include "decode/http1/http1_side.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "decode/http1/http1_decoder.h"
#include "decode/http1/http1_syntax.h"

namespace gotls {
namespace {

constexpr std::size_t kMaxHeld = 256 << 10;

}  // namespace

Http1Side::Http1Side(MessageRole role, MessageOwner& owner, const DecodeContext& context, bool lost)
    : role_(role),
      owner_(owner),
      observer_(context.observer),
      direction_(role == MessageRole::kRequest ? context.requests : Opposite(context.requests)),
      counters_(context.counters),
      state_(lost ? State::kLost : State::kStart),
      held_(kMaxHeld) {}

void Http1Side::OnData(Bytes bytes, const ByteOrigin& origin) {
  run_start_ = true;
  Feed(bytes, origin);
}

void Http1Side::Feed(Bytes bytes, ByteOrigin origin) {
  while (!bytes.empty()) {
    const std::size_t taken = Step(bytes, origin);
    run_start_ = false;
    bytes = bytes.subspan(taken);
    origin.position.value += taken;
    if (state_ == State::kBody) SayUnwanted(origin.position);
  }
}

std::uint64_t Http1Side::BodyLeft() const {
  switch (plan_.framing.kind) {
    case Framing::Kind::kChunked:
      return chunked_.data_left();
    case Framing::Kind::kUntilClose:
      return 0;
    default:
      return left_;
  }
}

void Http1Side::SayUnwanted(StreamPosition next) {
  const std::uint64_t left = BodyLeft();
  if (left < kWorthSkipping || message_->wants_body()) return;
  const StreamPosition end{next.value + left};
  if (end == unwanted_) return;
  unwanted_ = end;
  observer_.OnUnwanted(direction_, end);
}

// What was asked for is inside one body, or one chunk of it.
void Http1Side::OnSkipped(std::uint64_t length, const ByteOrigin& origin) {
  if (state_ != State::kBody || length > BodyLeft()) return OnGap(length, origin);
  message_->Skip(length, origin);
  if (plan_.framing.kind == Framing::Kind::kChunked) return chunked_.SkipData(length);
  left_ -= length;
  if (left_ == 0) EndMessage({});
}

std::size_t Http1Side::Step(Bytes bytes, const ByteOrigin& origin) {
  switch (state_) {
    case State::kLost:
      return StepLost(bytes, origin);
    case State::kStart:
      return StepStart(bytes, origin);
    case State::kHead:
      return StepHead(bytes, origin);
    case State::kUnsure:
      return StepUnsure(bytes, origin);
    case State::kBody:
      return StepBody(bytes, origin);
    case State::kTrailers:
      return StepTrailers(bytes, origin);
    case State::kHeld:
      return StepHeld(bytes, origin);
  }
  return bytes.size();
}

void Http1Side::OnGap(std::uint64_t length, ByteOrigin origin) {
  switch (state_) {
    case State::kLost:
      counters_.decode_skipped_bytes += held_.text().size();
      held_.Clear();
      return owner_.OnLost(role_, Missing(length, "in the ", ""));
    case State::kStart:
      return Lose(Missing(length, "where the ", " begins"));
    case State::kHead:
      CutHead();
      return Break(Missing(length, "in the ", "'s head"));
    case State::kUnsure:
      return Break(Missing(length, "where the ", "'s body may begin"));
    case State::kBody:
      return GapInBody(length, origin);
    case State::kTrailers:
      return Break(Missing(length, "in the ", "'s trailers"));
    case State::kHeld:
      return held_.AddGap(length, origin);
  }
}

void Http1Side::GapInBody(std::uint64_t length, ByteOrigin origin) {
  if (plan_.framing.kind == Framing::Kind::kUntilClose) return message_->Gap(length, origin);
  const bool chunked = plan_.framing.kind == Framing::Kind::kChunked;
  const std::uint64_t inside = std::min(length, chunked ? chunked_.data_left() : left_);
  if (inside > 0) message_->Gap(inside, origin);
  if (chunked) {
    if (inside == length) return chunked_.SkipData(length);
    return Break(Missing(length, "in the ", "'s chunks"));
  }
  left_ -= inside;
  if (left_ > 0) return;
  EndMessage({});
  origin.position.value += inside;
  if (length > inside) OnGap(length - inside, origin);
}

void Http1Side::OnEnd() {
  if (state_ == State::kUnsure) {
    EnterBody();
    ReplayHeld();
  }
  if (state_ == State::kHead) CutHead();
  counters_.decode_skipped_bytes += held_.text().size();
  held_.Clear();
  if (message_ == nullptr) return;
  const bool at_end = state_ == State::kBody && plan_.framing.kind == Framing::Kind::kUntilClose;
  EndMessage({at_end ? ExchangeState::kComplete : ExchangeState::kClosed, {}});
}

void Http1Side::Go() {
  after_ = After::kStart;
  if (state_ != State::kHeld) return;
  state_ = State::kStart;
  ReplayHeld();
}

void Http1Side::Switch(MessageWriter& writer) {
  // Runs that were taken for a possible start line came before the switch.
  if (state_ == State::kLost) held_.Clear();
  message_ = &writer;
  plan_ = {{Framing::Kind::kUntilClose, 0}};
  state_ = State::kBody;
  ReplayHeld();
}

void Http1Side::Abandon(const Ending& why) {
  if (state_ == State::kHeld) return Lose(why);
  if (after_ == After::kHeld) after_ = After::kLost;
}

void Http1Side::EndWithoutBody() {
  EndMessage({});
  ReplayHeld();
}

void Http1Side::EndMessage(const Ending& ending) {
  const bool complete = ending.state == ExchangeState::kComplete;
  MessageWriter* const ended = std::exchange(message_, nullptr);
  section_.Reset();
  chunked_ = {};
  const After after = std::exchange(after_, After::kStart);
  state_ = after == After::kHeld ? State::kHeld : State::kStart;
  ended->End(complete);
  owner_.OnMessageEnd(role_, ending);
  if (after == After::kLost) Lose(ending);
}

void Http1Side::Lose(const Ending& why) {
  state_ = State::kLost;
  counters_.decode_skipped_bytes += held_.text().size();
  held_.Clear();
  section_.Reset();
  owner_.OnLost(role_, why);
}

void Http1Side::Break(const Ending& why) {
  after_ = After::kLost;
  EndMessage(why);
}

void Http1Side::Reject(const HeadError& error) {
  ++(error.limit ? counters_.decode_limits : counters_.decode_malformed);
  Break({ExchangeState::kMalformed, fmt::format("{}: {}", Name(), error.what)});
}

Ending Http1Side::Missing(std::uint64_t length, std::string_view before_name,
                          std::string_view behind_name) const {
  return {ExchangeState::kGap,
          fmt::format("{} bytes missing {}{}{}", length, before_name, Name(), behind_name)};
}

std::string_view Http1Side::Name() const {
  return role_ == MessageRole::kRequest ? "request" : "response";
}

}  // namespace gotls
