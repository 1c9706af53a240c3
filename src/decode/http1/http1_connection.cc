#include "decode/http1/http1_connection.h"

#include <algorithm>
#include <utility>

#include "decode/http1/http1_decoder.h"

namespace gotls {

Http1Connection::Http1Connection(const DecodeContext& context, bool joined)
    : context_(context),
      requests_(MessageRole::kRequest, *this, context, joined),
      responses_(MessageRole::kResponse, *this, context, joined),
      lost_(joined) {}

void Http1Connection::OnData(Direction direction, Bytes bytes, const ByteOrigin& origin) {
  if (direction != context_.requests) return OnResponse(bytes, origin);
  requests_.OnData(bytes, origin);
  if (!early_.empty()) ReplayEarly(false);
}

// No request is known that a response beginning now could answer, though none was missed.
bool Http1Connection::IsEarly() const {
  return !lost_ && (exchanges_ > 0 || first_is_late_) && waiting_.empty() &&
         receiving_ == nullptr && sending_ == nullptr;
}

// The request that the next response answers has begun, and its head, which tells whether there is
// a body, has not ended.
bool Http1Connection::HeadIsComing() const {
  return receiving_ == nullptr && !waiting_.empty() && waiting_.front() == sending_ &&
         !sending_->request_read;
}

void Http1Connection::OnResponse(Bytes bytes, const ByteOrigin& origin) {
  first_is_late_ = first_is_late_ || origin.before_first_write;
  if ((IsEarly() || !early_.empty()) && early_bytes_ + bytes.size() <= kMaxEarly) {
    early_.push_back({{bytes.begin(), bytes.end()}, origin});
    early_bytes_ += bytes.size();
    return;
  }
  ReplayEarly(true);
  responses_.OnData(bytes, origin);
}

void Http1Connection::ReplayEarly(bool all) {
  while (!early_.empty() && (all || !(IsEarly() || HeadIsComing()))) {
    const EarlyRun run = std::move(early_.front());
    early_.pop_front();
    early_bytes_ -= run.bytes.size();
    responses_.OnData(run.bytes, run.origin);
  }
}

void Http1Connection::OnGap(Direction direction, std::uint64_t length, const ByteOrigin& origin) {
  if (length == 0) return;
  ReplayEarly(true);
  Side(direction).OnGap(length, origin);
}

void Http1Connection::OnSkipped(Direction direction, std::uint64_t length,
                                const ByteOrigin& origin) {
  if (length == 0) return;
  ReplayEarly(true);
  Side(direction).OnSkipped(length, origin);
}

void Http1Connection::OnEnd(WallTime) {
  ReplayEarly(true);
  requests_.OnEnd();
  responses_.OnEnd();
  const Ending closed{ExchangeState::kClosed, {}};
  if (receiving_ != nullptr) EndOf(*std::exchange(receiving_, nullptr), closed);
  for (Http1Exchange* const in : std::exchange(waiting_, {})) EndOf(*in, closed);
}

MessageWriter& Http1Connection::OnStart(MessageRole role, const ByteOrigin& origin) {
  const bool request = role == MessageRole::kRequest;
  Http1Exchange& in = request ? StartRequest() : StartResponse();
  MessageWriter& writer = request ? in.request : in.response;
  writer.Begin(origin);
  return writer;
}

Http1Exchange& Http1Connection::NewExchange() {
  Http1Exchange& in = pool_.Take();
  in.exchange.id = {++context_.last_exchange};
  in.exchange.connection = context_.connection.id;
  in.exchange.stream = ++exchanges_;
  in.exchange.scheme = "https";
  return in;
}

Http1Exchange& Http1Connection::StartRequest() {
  if (receiving_ != nullptr && responses_.unsure()) responses_.EndWithoutBody();
  if (!waiting_.empty() || receiving_ != nullptr) NotePipelining();
  Http1Exchange& in = NewExchange();
  sending_ = &in;
  in.by_order_alone = lost_;
  if (lost_ && pipelined_) {
    EndOf(in, {ExchangeState::kGap, "which response is its own can't be told"});
  } else {
    waiting_.push_back(&in);
  }
  return in;
}

Http1Exchange& Http1Connection::StartResponse() {
  if (receiving_ != nullptr) return *receiving_;
  if (waiting_.empty()) {
    receiving_ = &NewExchange();
    receiving_->open_ends = 1;
  } else {
    receiving_ = waiting_.front();
    waiting_.pop_front();
  }
  return *receiving_;
}

void Http1Connection::NotePipelining() {
  pipelined_ = true;
  if (waiting_.empty() || !waiting_.front()->by_order_alone) return;
  const Ending ending{ExchangeState::kGap, "which response is its own can't be told"};
  for (Http1Exchange* const in : std::exchange(waiting_, {})) EndOf(*in, ending);
}

void Http1Connection::OnMessageEnd(MessageRole role, const Ending& ending) {
  Http1Exchange*& current = role == MessageRole::kRequest ? sending_ : receiving_;
  EndOf(*std::exchange(current, nullptr), ending);
}

void Http1Connection::OnLost(MessageRole role, const Ending& why) {
  lost_ = true;
  if (role == MessageRole::kRequest) return;
  if (receiving_ != nullptr) EndOf(*std::exchange(receiving_, nullptr), why);
  for (Http1Exchange* const in : std::exchange(waiting_, {})) EndOf(*in, why);
  requests_.Abandon(why);
}

// Out of step with the other direction, a start line would be one inside a body.
bool Http1Connection::MayResync(MessageRole role) {
  if (pipelined_) return true;
  if (role == MessageRole::kResponse) return requests_.lost() || !waiting_.empty();
  return waiting_.empty() && (receiving_ == nullptr || responses_.unsure());
}

void Http1Connection::ReportOpen(Http1Exchange& in) {
  if (std::exchange(in.reported, true)) return;
  context_.observer.OnExchange(in.exchange);
}

void Http1Connection::EndOf(Http1Exchange& in, const Ending& ending) {
  if (in.ending.state == ExchangeState::kComplete) in.ending = ending;
  if (--in.open_ends == 0) Finish(in);
}

void Http1Connection::Finish(Http1Exchange& ended) {
  Exchange& exchange = ended.exchange;
  // Trailers and bodies may have told more of what is known to be an RPC.
  if (exchange.rpc) RecognizeApplication(exchange);
  exchange.state = ended.ending.state;
  exchange.detail = std::move(ended.ending.detail);
  const bool cut = exchange.application == Application::kWebSocket && !ended.close_frame;
  if (cut && exchange.state == ExchangeState::kComplete) exchange.state = ExchangeState::kClosed;
  context_.observer.OnExchange(exchange);
  pool_.Release(ended);
}

std::unique_ptr<Decoder> MakeHttp1Decoder(const DecodeContext& context, bool joined) {
  return std::make_unique<Http1Connection>(context, joined);
}

}  // namespace gotls
