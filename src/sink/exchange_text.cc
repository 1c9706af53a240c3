#include "sink/exchange_text.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "sink/chunk_text.h"
#include "sink/display_text.h"
#include "sink/exchange_detail.h"
#include "sink/exchange_line.h"
#include "sink/exchange_totals.h"
#include "sink/exchange_words.h"
#include "sink/held_exchanges.h"
#include "sink/message_line.h"
#include "sink/paint.h"

namespace gotls {
namespace {

class ExchangeTextSink final : public Sink, public ExchangeSink {
 public:
  ExchangeTextSink(OutputFile& out, const ExchangeStyle& style, std::function<std::size_t()> width)
      : out_(out),
        style_(style),
        width_(std::move(width)),
        clock_(style.text.utc),
        line_(style_, clock_),
        detail_(style_),
        message_(style_, line_, detail_),
        chunks_(style.text, clock_) {
    SetWidth(width_ ? width_() : style_.width);
  }

  Result<void> OnOpen(const Connection&) override { return {}; }
  Result<void> OnChunk(const Connection&, const Chunk&) override { return {}; }
  Result<void> OnGap(const Connection& connection, const Gap& gap) override;
  Result<void> OnClose(const Connection& connection, const Close& close) override;
  Result<void> OnSummary(const Summary& summary) override;

  Result<void> OnExchange(const Connection& connection, const Exchange& exchange) override;
  Result<void> OnMessage(const Connection& connection, const Exchange& exchange,
                         const Message& message) override;
  Result<void> OnOpaque(const Connection& connection, const Chunk& chunk) override;
  Result<void> OnOpaqueGap(const Connection& connection, const Gap& gap) override;
  Result<void> OnTick(WallTime now) override;

 private:
  // Of an exchange whose opening line is out.
  struct Shown {
    WallTime last;
    bool response = false;  // its head is out too
  };

  void Open(const Connection& connection, const Exchange& exchange);
  void End(const Connection& connection, const Exchange& exchange);
  void EndShown(const Connection& connection, const Exchange& exchange, const Shown& shown);
  void LetGo(ExchangeId id);
  void OpenOpaque(const Connection& connection);
  void SetWidth(std::size_t columns);
  Result<void> Send();

  OutputFile& out_;
  ExchangeStyle style_;
  std::function<std::size_t()> width_;
  ClockWriter clock_;
  ExchangeLine line_;
  ExchangeDetail detail_;
  MessageLine message_;
  TextLines chunks_;
  ExchangeTotals totals_;
  HeldExchanges held_;
  std::unordered_map<std::uint64_t, Shown> open_;  // by exchange; held ones too
  std::unordered_set<std::uint64_t> opaque_;       // connections that are shown as bytes
  std::string text_;
  std::string lines_;  // of one message
};

Result<void> ExchangeTextSink::OnExchange(const Connection& connection, const Exchange& exchange) {
  if (exchange.state == ExchangeState::kOpen) {
    Open(connection, exchange);
  } else {
    totals_.Add(exchange);
    End(connection, exchange);
  }
  return Send();
}

void ExchangeTextSink::Open(const Connection& connection, const Exchange& exchange) {
  HeldExchange held;
  held.first = FirstTime(exchange);
  held.since = LastTime(exchange);
  line_.set_names_days(false);
  line_.Append(held.opening, connection, exchange, ExchangeMoment::kOpen, held.since);
  line_.set_names_days(true);
  const bool response = exchange.response.seen;
  if (style_.detail > 0) {
    detail_.Request(held.opening, connection, exchange);
    if (response) detail_.Response(held.opening, connection, exchange);
  }
  open_[exchange.id.value] = {held.since, response};
  held_.Hold(exchange.id, std::move(held));
  if (!exchange.rpc) return LetGo(exchange.id);  // only calls are likely to be short
  while (const auto overdue = held_.Overdue()) LetGo(*overdue);
}

void ExchangeTextSink::End(const Connection& connection, const Exchange& exchange) {
  const auto held = held_.Take(exchange.id);
  const auto open = open_.find(exchange.id.value);
  if (open != open_.end()) {
    const Shown shown = open->second;
    open_.erase(open);
    if (!held) return EndShown(connection, exchange, shown);
  }
  line_.Append(text_, connection, exchange, ExchangeMoment::kWhole, LastTime(exchange));
  if (style_.detail > 0) {
    detail_.Facts(text_, connection, exchange);
    detail_.Request(text_, connection, exchange);
    detail_.Response(text_, connection, exchange);
  }
  if (held) text_ += held->messages;
  if (style_.detail > 0) detail_.Trailers(text_, connection, exchange);
}

void ExchangeTextSink::EndShown(const Connection& connection, const Exchange& exchange,
                                const Shown& shown) {
  const WallTime last = std::max(shown.last, LastTime(exchange));
  if (style_.detail > 0 && !shown.response) detail_.Response(text_, connection, exchange);
  line_.Append(text_, connection, exchange, ExchangeMoment::kEnd, last);
  if (style_.detail == 0) return;
  detail_.Facts(text_, connection, exchange);
  detail_.Trailers(text_, connection, exchange);
}

Result<void> ExchangeTextSink::OnMessage(const Connection&, const Exchange& exchange,
                                         const Message& message) {
  const auto open = open_.find(exchange.id.value);
  if (open != open_.end()) open->second.last = std::max(open->second.last, message.last);
  lines_.clear();
  line_.set_names_days(false);
  message_.Append(lines_, exchange, message);
  line_.set_names_days(true);
  if (!held_.AddMessage(exchange.id, message, lines_)) {
    LetGo(exchange.id);
    line_.AppendDay(text_, message.first);
    text_ += lines_;
  }
  while (const auto overdue = held_.Overdue()) LetGo(*overdue);
  return Send();
}

void ExchangeTextSink::LetGo(ExchangeId id) {
  const auto held = held_.Take(id);
  if (!held) return;
  line_.AppendDay(text_, held->first);
  text_ += held->opening;
  text_ += held->messages;
}

Result<void> ExchangeTextSink::OnTick(WallTime now) {
  if (width_) SetWidth(width_());
  while (const auto overdue = held_.Overdue(now)) LetGo(*overdue);
  return Send();
}

void ExchangeTextSink::OpenOpaque(const Connection& connection) {
  if (!opaque_.insert(connection.id.value).second) return;
  chunks_.Open(text_, connection);
  if (style_.width != 0) CutLastLine(text_, style_.width);
}

Result<void> ExchangeTextSink::OnOpaque(const Connection& connection, const Chunk& chunk) {
  OpenOpaque(connection);
  AppendChunkText(text_, chunks_, connection, chunk);
  return Send();
}

// That bytes were not sent is told by OnGap.
Result<void> ExchangeTextSink::OnOpaqueGap(const Connection& connection, const Gap& gap) {
  if (gap.reasons == kGapNotSent) return {};
  OpenOpaque(connection);
  chunks_.Gap(text_, connection, gap);
  return Send();
}

Result<void> ExchangeTextSink::OnGap(const Connection& connection, const Gap& gap) {
  if (gap.reasons != kGapNotSent || !opaque_.contains(connection.id.value)) return {};
  chunks_.Gap(text_, connection, gap);
  return Send();
}

Result<void> ExchangeTextSink::OnClose(const Connection& connection, const Close& close) {
  if (opaque_.erase(connection.id.value) == 0) return {};
  chunks_.Close(text_, connection, close);
  return Send();
}

Result<void> ExchangeTextSink::OnSummary(const Summary& summary) {
  while (const auto held = held_.First()) LetGo(*held);
  if (const std::string totals = totals_.Text(); !totals.empty()) {
    Paint(text_, style_.text.color, paint::kDim, "-- " + totals);
    text_ += '\n';
  }
  chunks_.Summary(text_, summary);
  if (summary.shows_secrets) {
    Paint(text_, style_.text.color, paint::kDim, "-- well-known secrets are shown (--no-redact)");
    text_ += '\n';
  }
  if (auto sent = Send(); !sent) return sent;
  return out_.Finish();
}

void ExchangeTextSink::SetWidth(std::size_t columns) {
  style_.width = columns;
  clock_.set_fraction_digits(IsNarrow(style_) ? 0 : 3);
}

Result<void> ExchangeTextSink::Send() {
  if (text_.empty()) return {};
  auto written = out_.Write(text_);
  text_.clear();
  return written;
}

}  // namespace

std::unique_ptr<Sink> MakeExchangeTextSink(OutputFile& out, const ExchangeStyle& style,
                                           std::function<std::size_t()> width) {
  ExchangeStyle own = style;
  own.text.connection_tag = 'c';
  return std::make_unique<ExchangeTextSink>(out, own, std::move(width));
}

}  // namespace gotls
