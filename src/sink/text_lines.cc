#include "sink/text_lines.h"

#include <fmt/format.h>

#include <iterator>

#include "sink/container_text.h"
#include "sink/endpoint_text.h"
#include "sink/paint.h"
#include "sink/safe_text.h"
#include "sink/short_units.h"
#include "sink/tls_names.h"

namespace gotls {
namespace {

std::string_view DirectionStyle(Direction direction) {
  return direction == Direction::kWrite ? paint::kSent : paint::kReceived;
}

std::string Count(std::uint64_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
}

std::string ByteCount(std::uint64_t number) { return Count(number, "byte", "bytes"); }

std::string DurationText(std::uint64_t ns) {
  if (ns < 1'000'000'000) return fmt::format("{:.1f} ms", static_cast<double>(ns) / 1e6);
  const std::uint64_t seconds = ns / 1'000'000'000;
  if (seconds < 60) return fmt::format("{:.2f} s", static_cast<double>(ns) / 1e9);
  if (seconds < 3600) return fmt::format("{}m{:02}s", seconds / 60, seconds % 60);
  return fmt::format("{}h{:02}m", seconds / 3600, seconds / 60 % 60);
}

void AppendProcess(std::string& out, const Process& process) {
  AppendSafe(out, process.comm.empty() ? "?" : process.comm);
  fmt::format_to(std::back_inserter(out), "[{}]", process.pid);
}

// The arrow goes from who connected to who accepted.
void AppendEndpoints(std::string& out, const Connection& connection) {
  if (connection.role != Role::kUnknown) {
    out += connection.role == Role::kClient ? " client" : " server";
  }
  const bool known = connection.local.family != AddressFamily::kNone ||
                     connection.remote.family != AddressFamily::kNone;
  if (known) {
    const auto text = [](const Endpoint& endpoint) {
      return endpoint.family == AddressFamily::kNone ? "?" : EndpointText(endpoint);
    };
    static constexpr std::string_view kArrows[] = {" -- ", " -> ", " <- "};  // by role
    out += ' ';
    AppendSafe(out, text(connection.local));
    out += kArrows[static_cast<std::size_t>(connection.role)];
    AppendSafe(out, text(connection.remote));
  }
  if (!connection.transport.empty()) {
    out += " over ";
    AppendSafe(out, connection.transport);
  }
  if (connection.stream_id)
    fmt::format_to(std::back_inserter(out), " stream {}", *connection.stream_id);
  if (!connection.server_name.empty()) {
    out += " (";
    AppendSafe(out, connection.server_name);
    out += ')';
  }
}

void AppendTls(std::string& out, const Connection& connection) {
  if (connection.tls_version != 0) out += ", " + TlsVersionName(connection.tls_version);
  if (connection.cipher_suite != 0) out += ", " + CipherSuiteName(connection.cipher_suite);
  if (!connection.alpn.empty()) {
    out += ", ALPN ";
    AppendSafe(out, connection.alpn);
  }
  if (connection.resumed) out += ", resumed";
  if (connection.nested) out += ", inside another TLS connection";
  if (connection.goroutine != 0) {
    fmt::format_to(std::back_inserter(out), ", goroutine {}", connection.goroutine);
  }
  if (const std::string home = ContainerText(connection.process); !home.empty()) {
    out += ", ";
    AppendSafe(out, home);
  }
}

std::string ReasonsText(std::uint8_t reasons) {
  std::string text;
  const auto add = [&text](std::string_view reason) {
    if (!text.empty()) text += ", ";
    text += reason;
  };
  if (reasons & kGapRingFull) add("the ring buffer was full (raise --ring)");
  if (reasons & kGapUnreadable) add("the program's memory could not be read");
  if (reasons & kGapCapped) add("beyond --max-op");
  if (reasons & kGapSkipped) add("not wanted");
  return text.empty() ? "the reason is not known" : text;
}

std::string_view EndText(CloseReason reason) {
  switch (reason) {
    case CloseReason::kClosed:
      return "";
    case CloseReason::kProcessExit:
      return "; the process ended";
    case CloseReason::kReused:
      return "; dropped without Close";
    case CloseReason::kDetached:
      return "; still open when tracing ended";
  }
  return "";
}

void AppendTotals(std::string& out, const StreamTotals& read, const StreamTotals& write) {
  out += "wrote " + ByteCount(write.captured) + ", read " + ByteCount(read.captured);
  const std::uint64_t missing = read.missing + write.missing;
  if (missing != 0) out += ", " + ByteCount(missing) + " missing";
  const std::uint64_t skipped = read.skipped + write.skipped;
  if (skipped != 0) out += ", " + ByteCount(skipped) + " not wanted";
  if (write.not_sent != 0) out += ", " + ByteCount(write.not_sent) + " not sent";
}

}  // namespace

void TextLines::Open(std::string& out, const Connection& connection) {
  Begin(out, connection.opened, connection.id);
  Painted(out, paint::kBold, "open");
  out += ' ';
  AppendProcess(out, connection.process);
  AppendEndpoints(out, connection);
  AppendTls(out, connection);
  out += '\n';
}

void TextLines::ChunkHead(std::string& out, const Connection& connection, const Chunk& chunk) {
  Begin(out, chunk.time, connection.id);
  Arrow(out, chunk.direction);
  out += ' ';
  out += ByteCount(chunk.data.size());
  if (chunk.position.value != 0) {
    fmt::format_to(std::back_inserter(out), " at {}", chunk.position.value);
  }
  if (chunk.goroutine != 0) {
    fmt::format_to(std::back_inserter(out), ", goroutine {}", chunk.goroutine);
  }
  out += '\n';
}

void TextLines::Gap(std::string& out, const Connection& connection, const struct Gap& gap) {
  Begin(out, gap.time, connection.id);
  Arrow(out, gap.direction);
  out += ' ';
  const std::string where = fmt::format("{} at {}", ByteCount(gap.length), gap.position.value);
  if (gap.reasons == kGapNotSent) {
    Painted(out, paint::kWarning, where + " not sent");
    out += ": the Write that was given them failed\n";
    return;
  }
  Painted(out, paint::kWarning, where + " missing");
  out += ": " + ReasonsText(gap.reasons) + '\n';
}

void TextLines::Close(std::string& out, const Connection& connection, const struct Close& close) {
  Begin(out, close.time, connection.id);
  Painted(out, paint::kBold, "close");
  out += " after " + DurationText(ElapsedNs(connection.opened, close.time)) + ": ";
  AppendTotals(out, close.read, close.write);
  out += EndText(close.reason);
  out += '\n';
}

void TextLines::Summary(std::string& out, const struct Summary& summary) {
  std::string text = Count(summary.connections, "connection", "connections") + " of " +
                     Count(summary.processes, "process", "processes") + ": ";
  AppendTotals(text, summary.read, summary.write);
  Painted(out, paint::kDim, "-- " + text);
  out += '\n';
}

std::string TextLines::Gutter(ConnId id, Direction direction) const {
  std::string gutter = Tag(id) + ' ';
  Painted(gutter, DirectionStyle(direction), direction == Direction::kWrite ? ">" : "<");
  return gutter + ' ';
}

void TextLines::Begin(std::string& out, WallTime time, ConnId id) {
  Day(out, time);
  if (style_.color) out += "\x1b[2m";
  clock_.Append(out, time);
  if (style_.color) out += "\x1b[0m";
  out += ' ';
  out += Tag(id);
  out += ' ';
}

void TextLines::Day(std::string& out, WallTime time) {
  const std::string_view day = clock_.NewDay(time);
  if (day.empty()) return;
  Painted(out, paint::kDim, "-- " + std::string(day));
  out += '\n';
}

void TextLines::Painted(std::string& out, std::string_view style, std::string_view text) const {
  Paint(out, style_.color, style, text);
}

void TextLines::Arrow(std::string& out, Direction direction) const {
  Painted(out, DirectionStyle(direction), direction == Direction::kWrite ? "->" : "<-");
}

std::string TextLines::Tag(ConnId id) const {
  std::string tag;
  Painted(tag, paint::TagStyle(id.value), fmt::format("{}{}", style_.connection_tag, id.value));
  return tag;
}

}  // namespace gotls
