#include "sink/har.h"

#include <string>
#include <string_view>

#include "sink/har_entry.h"
#include "sink/har_messages.h"
#include "sink/json_text.h"
#include "sink/part_sink.h"
#include "sink/time_text.h"

namespace gotls {
namespace {

constexpr std::string_view kTail = "\n]}}\n";

class HarSink final : public Sink, public ExchangeSink, public PartSink {
 public:
  HarSink(OutputFile& out, std::string version) : out_(out), version_(std::move(version)) {}

  Result<void> OnOpen(const Connection&) override { return {}; }
  Result<void> OnChunk(const Connection&, const Chunk&) override { return {}; }
  Result<void> OnGap(const Connection&, const Gap&) override { return {}; }
  Result<void> OnClose(const Connection&, const Close&) override { return {}; }
  Result<void> OnSummary(const Summary&) override {
    if (auto ended = EndPart(); !ended) return ended;
    return out_.Finish();
  }

  Result<void> OnExchange(const Connection& connection, const Exchange& exchange) override {
    if (exchange.state == ExchangeState::kOpen) return {};
    text_ = empty_ ? "\n" : ",\n";
    empty_ = false;
    AppendHarEntry(text_, clock_, connection, exchange, messages_.Take(exchange.id));
    if (!replaces_) return out_.Write(text_);
    text_ += kTail;
    return out_.ReplaceEnd(kTail, text_);
  }

  Result<void> OnMessage(const Connection&, const Exchange& exchange,
                         const Message& message) override {
    messages_.Add(exchange, message);
    return {};
  }

  Result<void> OnOpaque(const Connection&, const Chunk&) override { return {}; }
  Result<void> OnOpaqueGap(const Connection&, const Gap&) override { return {}; }
  Result<void> OnTick(WallTime) override { return {}; }

  Result<void> BeginPart() override {
    replaces_ = out_.can_replace();
    empty_ = true;
    text_ = "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"gotls\",\"version\":";
    AppendJsonString(text_, version_);
    text_ += "},\"pages\":[],\"entries\":[";
    if (replaces_) text_ += kTail;
    return out_.Write(text_);
  }

  Result<void> EndPart() override { return replaces_ ? Result<void>{} : out_.Write(kTail); }

 private:
  OutputFile& out_;
  std::string version_;
  bool replaces_ = false;  // the tail is there, and the next entry goes over it
  bool empty_ = true;
  Rfc3339Writer clock_;
  HarMessageStore messages_;
  std::string text_;
};

}  // namespace

Result<std::unique_ptr<Sink>> MakeHarSink(OutputFile& out, const std::string& version) {
  auto sink = std::make_unique<HarSink>(out, version);
  if (auto begun = sink->BeginPart(); !begun) return std::unexpected(begun.error());
  return sink;
}

}  // namespace gotls
