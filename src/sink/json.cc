#include "sink/json.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "sink/endpoint_text.h"
#include "sink/json_text.h"
#include "sink/time_text.h"
#include "sink/tls_names.h"

namespace gotls {
namespace {

// "," comes before every field but "type", which opens each object.
class JsonSink final : public Sink {
 public:
  explicit JsonSink(OutputFile& out) : out_(out) {}

  Result<void> OnOpen(const Connection& connection) override {
    Begin("open", connection, connection.opened);
    Text(",\"process\":", connection.process.comm);
    Text(",\"exe\":", connection.process.exe);
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
    NumberOrNull(",\"goroutine\":", connection.goroutine);
    Text(",\"tls_conn\":", fmt::format("{:#x}", connection.tls_conn));
    return End();
  }

  Result<void> OnChunk(const Connection& connection, const Chunk& chunk) override {
    Begin("chunk", connection, chunk.time);
    Place(chunk.direction, chunk.position, chunk.data.size());
    NumberOrNull(",\"goroutine\":", chunk.goroutine);
    NumberOrNull(",\"thread\":", chunk.thread);
    const std::size_t before = line_.size();
    line_ += ",\"text\":";
    if (!AppendJsonStringIfUtf8(line_, AsText(chunk.data))) {
      line_.resize(before);
      line_ += ",\"base64\":\"";
      AppendBase64(line_, chunk.data);
      line_ += '"';
    }
    return End();
  }

  Result<void> OnGap(const Connection& connection, const Gap& gap) override {
    const bool not_sent = gap.reasons == kGapNotSent;
    Begin(not_sent ? "not_sent" : "gap", connection, gap.time);
    Place(gap.direction, gap.position, gap.length);
    if (!not_sent) Reasons(gap.reasons);
    return End();
  }

  Result<void> OnClose(const Connection& connection, const Close& close) override {
    Begin("close", connection, close.time);
    Text(",\"reason\":", CloseReasonName(close.reason));
    Totals(close.read, close.write);
    return End();
  }

  Result<void> OnSummary(const Summary& summary) override {
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

 private:
  static std::string_view RoleName(Role role) {
    if (role == Role::kUnknown) return {};
    return role == Role::kClient ? "client" : "server";
  }

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

  void Number(std::string_view key, std::uint64_t number) {
    line_ += key;
    AppendNumber(line_, number);
  }

  void NumberOrNull(std::string_view key, std::uint64_t number) {
    if (number != 0) return Number(key, number);
    line_ += key;
    line_ += "null";
  }

  // Nothing is null: what is empty is what is not known.
  void Text(std::string_view key, std::string_view text) {
    line_ += key;
    if (text.empty()) {
      line_ += "null";
    } else {
      AppendJsonString(line_, text);
    }
  }

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
    Number(",\"chunks\":", totals.chunks);
  }

  Result<void> End() {
    line_ += "}\n";
    return out_.Write(line_);
  }

  OutputFile& out_;
  Rfc3339Writer time_;
  std::string line_;
};

}  // namespace

std::unique_ptr<Sink> MakeJsonSink(OutputFile& out) { return std::make_unique<JsonSink>(out); }

}  // namespace gotls
