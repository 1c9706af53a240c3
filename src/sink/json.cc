#include "sink/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "sink/endpoint_text.h"
#include "sink/exchange_line.h"
#include "sink/json_exchange.h"
#include "sink/json_fields.h"
#include "sink/json_text.h"
#include "sink/time_text.h"
#include "sink/tls_names.h"

namespace gotls {
namespace {

// "," comes before every field but "type", which opens each object.
class JsonLines {
 public:
  explicit JsonLines(OutputFile& out) : out_(out) {}

  Result<void> Open(const Connection& connection) {
    Begin("open", connection, connection.opened);
    Text(",\"process\":", connection.process.comm);
    Text(",\"exe\":", connection.process.exe);
    NumberOrNull(",\"namespace_pid\":", connection.process.namespace_pid);
    json::ContainerFields(line_, connection.process.container);
    Text(",\"role\":", RoleName(connection.role));
    Text(",\"local\":", EndpointText(connection.local));
    Text(",\"remote\":", EndpointText(connection.remote));
    if (connection.fd < 0) {
      line_ += ",\"fd\":null";
    } else {
      Number(",\"fd\":", static_cast<std::uint64_t>(connection.fd));
    }
    Text(",\"server_name\":", connection.server_name);
    Text(",\"tls_version\":", TlsVersionName(connection.tls_version));
    Text(",\"cipher_suite\":", CipherSuiteName(connection.cipher_suite));
    Text(",\"alpn\":", connection.alpn);
    line_ += connection.resumed ? ",\"resumed\":true" : ",\"resumed\":false";
    line_ += connection.nested ? ",\"nested\":true" : ",\"nested\":false";
    Text(",\"transport\":", connection.transport);
    if (connection.stream_id) {
      Number(",\"stream_id\":", *connection.stream_id);
    } else {
      line_ += ",\"stream_id\":null";
    }
    NumberOrNull(",\"goroutine\":", connection.goroutine);
    Text(",\"tls_conn\":", fmt::format("{:#x}", connection.tls_conn));
    return End();
  }

  Result<void> Chunk(const Connection& connection, const struct Chunk& chunk) {
    Begin("chunk", connection, chunk.time);
    Place(chunk.direction, chunk.position, chunk.data.size());
    NumberOrNull(",\"goroutine\":", chunk.goroutine);
    NumberOrNull(",\"thread\":", chunk.thread);
    json::Payload(line_, AsText(chunk.data));
    return End();
  }

  Result<void> Gap(const Connection& connection, const struct Gap& gap) {
    const bool not_sent = gap.reasons == kGapNotSent;
    Begin(not_sent ? "not_sent" : "gap", connection, gap.time);
    Place(gap.direction, gap.position, gap.length);
    if (!not_sent) Reasons(gap.reasons);
    return End();
  }

  Result<void> Close(const Connection& connection, const struct Close& close) {
    Begin("close", connection, close.time);
    Text(",\"reason\":", CloseReasonName(close.reason));
    Totals(close.read, close.write);
    return End();
  }

  Result<void> Summary(const struct Summary& summary) {
    BeginType("summary", summary.time);
    Number(",\"connections\":", summary.connections);
    Number(",\"processes\":", summary.processes);
    Totals(summary.read, summary.write);
    line_ += ",\"counters\":{";
    for (const Counter& counter : summary.counters) {
      if (line_.back() != '{') line_ += ',';
      AppendJsonString(line_, counter.name);
      Number(":", counter.value);
    }
    line_ += '}';
    if (auto ended = End(); !ended) return ended;
    return out_.Finish();
  }

  Result<void> Exchange(const Connection& connection, const struct Exchange& exchange) {
    Begin("exchange", connection, FirstTime(exchange));
    AppendExchangeFields(line_, time_, connection, exchange);
    return End();
  }

  Result<void> Message(const Connection& connection, const struct Exchange& exchange,
                       const struct Message& message) {
    Begin("message", connection, message.first);
    AppendMessageFields(line_, time_, exchange, message);
    return End();
  }

 private:
  static std::string_view CloseReasonName(CloseReason reason) {
    switch (reason) {
      case CloseReason::kClosed:
        return "closed";
      case CloseReason::kProcessExit:
        return "process_exit";
      case CloseReason::kReused:
        return "reused";
      case CloseReason::kDetached:
        return "detached";
    }
    return {};
  }

  void BeginType(std::string_view type, WallTime time) {
    line_ = "{\"type\":\"";
    line_ += type;
    line_ += "\",\"time\":\"";
    time_.Append(line_, time);
    line_ += '"';
  }

  void Begin(std::string_view type, const Connection& connection, WallTime time) {
    BeginType(type, time);
    Number(",\"connection\":", connection.id.value);
    Number(",\"pid\":", connection.process.pid);
  }

  Result<void> End() {
    line_ += "}\n";
    return out_.Write(line_);
  }

  void Number(std::string_view key, std::uint64_t number) { json::Number(line_, key, number); }
  void NumberOrNull(std::string_view key, std::uint64_t number) {
    json::NumberOrNull(line_, key, number);
  }
  void Text(std::string_view key, std::string_view text) { json::Text(line_, key, text); }

  void Place(Direction direction, StreamPosition position, std::uint64_t length) {
    line_ += direction == Direction::kRead ? ",\"direction\":\"read\"" : ",\"direction\":\"write\"";
    Number(",\"position\":", position.value);
    Number(",\"length\":", length);
  }

  void Reasons(std::uint8_t reasons) {
    line_ += ",\"reasons\":[";
    const auto add = [&](std::uint8_t bit, std::string_view name) {
      if ((reasons & bit) == 0) return;
      if (line_.back() != '[') line_ += ',';
      line_ += name;
    };
    add(kGapRingFull, "\"ring_full\"");
    add(kGapUnreadable, "\"unreadable\"");
    add(kGapCapped, "\"capped\"");
    add(kGapSkipped, "\"skipped\"");
    line_ += ']';
  }

  void Totals(const StreamTotals& read, const StreamTotals& write) {
    Total(",\"read\":{", read);
    line_ += '}';
    Total(",\"write\":{", write);
    Number(",\"not_sent\":", write.not_sent);
    line_ += '}';
  }

  void Total(std::string_view key, const StreamTotals& totals) {
    line_ += key;
    Number("\"bytes\":", totals.captured);
    Number(",\"missing\":", totals.missing);
    Number(",\"skipped\":", totals.skipped);
    Number(",\"chunks\":", totals.chunks);
  }

  OutputFile& out_;
  Rfc3339Writer time_;
  std::string line_;
};

// One that doesn't show exchanges is no ExchangeSink, so that nothing is decoded for it.
class ChunkSink final : public Sink {
 public:
  explicit ChunkSink(OutputFile& out) : lines_(out) {}

  Result<void> OnOpen(const Connection& connection) override { return lines_.Open(connection); }
  Result<void> OnChunk(const Connection& connection, const Chunk& chunk) override {
    return lines_.Chunk(connection, chunk);
  }
  Result<void> OnGap(const Connection& connection, const Gap& gap) override {
    return lines_.Gap(connection, gap);
  }
  Result<void> OnClose(const Connection& connection, const Close& close) override {
    return lines_.Close(connection, close);
  }
  Result<void> OnSummary(const Summary& summary) override { return lines_.Summary(summary); }

 private:
  JsonLines lines_;
};

class JsonSink final : public Sink, public ExchangeSink {
 public:
  JsonSink(OutputFile& out, bool chunks) : lines_(out), chunks_(chunks) {}

  Result<void> OnOpen(const Connection& connection) override { return lines_.Open(connection); }
  Result<void> OnChunk(const Connection& connection, const Chunk& chunk) override {
    return chunks_ ? lines_.Chunk(connection, chunk) : Result<void>{};
  }
  Result<void> OnGap(const Connection& connection, const Gap& gap) override {
    return chunks_ ? lines_.Gap(connection, gap) : Result<void>{};
  }
  Result<void> OnClose(const Connection& connection, const Close& close) override {
    return lines_.Close(connection, close);
  }
  Result<void> OnSummary(const Summary& summary) override { return lines_.Summary(summary); }

  Result<void> OnExchange(const Connection& connection, const Exchange& exchange) override {
    return lines_.Exchange(connection, exchange);
  }
  Result<void> OnMessage(const Connection& connection, const Exchange& exchange,
                         const Message& message) override {
    return lines_.Message(connection, exchange, message);
  }
  Result<void> OnOpaque(const Connection&, const Chunk&) override { return {}; }
  Result<void> OnOpaqueGap(const Connection&, const Gap&) override { return {}; }
  Result<void> OnTick(WallTime) override { return {}; }

 private:
  JsonLines lines_;
  bool chunks_;
};

}  // namespace

std::optional<JsonRecords> ParseJsonRecords(std::string_view text) {
  JsonRecords records{false, false};
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('+', begin), text.size());
    const std::string_view word = text.substr(begin, end - begin);
    if (word != "all" && word != "chunks" && word != "exchanges") return std::nullopt;
    records.chunks |= word != "exchanges";
    records.exchanges |= word != "chunks";
    begin = end + 1;
  }
  return records;
}

std::unique_ptr<Sink> MakeJsonSink(OutputFile& out, JsonRecords records) {
  if (records.exchanges) return std::make_unique<JsonSink>(out, records.chunks);
  return std::make_unique<ChunkSink>(out);
}

}  // namespace gotls
