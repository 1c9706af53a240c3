// The lines that the formats for eyes share: everything but payload.
#pragma once

#include <string>
#include <string_view>

#include "gotls/records.h"
#include "sink/time_text.h"

namespace gotls {

struct TextStyle {
  bool color = false;
  bool utc = false;           // times in UTC, not in local time
  char connection_tag = '#';  // what a connection's number is begun by
};

// Each method appends whole lines to `out`. Every line begins with a time and a tag, or (payload)
// with a gutter, so no payload can look like a line of ours:
//
//   12:04:31.508112 #1 open fetch[4711] client 10.0.0.5:51234 -> 93.184.216.34:443 (example.com),
//   TLS 1.3 ... 12:04:31.508201 #1 -> 78 bytes, goroutine 18 #1 > GET / HTTP/1.1 12:04:31.545001 #1
//   <- 154 bytes, goroutine 19 12:04:31.700000 #1 close after 191.9 ms: wrote 78 bytes, read 154
//   bytes
class TextLines {
 public:
  // `clock` is shared with others that write lines between these, and outlives this.
  TextLines(TextStyle style, ClockWriter& clock) : style_(style), clock_(clock) {}

  void Open(std::string& out, const Connection& connection);
  void ChunkHead(std::string& out, const Connection& connection, const Chunk& chunk);
  void Gap(std::string& out, const Connection& connection, const Gap& gap);
  void Close(std::string& out, const Connection& connection, const Close& close);
  void Summary(std::string& out, const Summary& summary);

  // "#1 > ", what begins a line of payload.
  [[nodiscard]] std::string Gutter(ConnId id, Direction direction) const;

 private:
  void Begin(std::string& out, WallTime time, ConnId id);
  void Day(std::string& out, WallTime time);
  void Painted(std::string& out, std::string_view style, std::string_view text) const;
  void Arrow(std::string& out, Direction direction) const;
  [[nodiscard]] std::string Tag(ConnId id) const;

  TextStyle style_;
  ClockWriter& clock_;
};

}  // namespace gotls
