// What to trace, and how. Plain data; the defaults are the command's.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace gotls {

// Which probe plan: lean (a site or two a direction, emulated by the kernel), classic (entry and
// every return), or lean where it can be proved and else classic.
enum class PlanChoice : std::uint8_t { kAuto, kLean, kClassic };

enum class NoticeLevel : std::uint8_t {
  kError,
  kWarning,
  kStatus,  // for somebody who watches: what is going on
  kInfo,
  kDebug,
};

// Called from the session's thread with one line of text.
using NoticeHandler = std::function<void(NoticeLevel, const std::string&)>;

// What becomes of what was captured, live or replayed. Redaction and the filter work on what
// decoders found; formats that keep raw bytes (record, pcapng, hex, the raw text view, JSON's
// chunks) are not redacted, and filtered by what is known of a connection.
struct ViewOptions {
  std::string filter{};                     // an expression (docs/filters.md); empty: everything
  bool redact = true;                       // Authorization, Cookie and other well-known secrets
  std::vector<std::string> redact_rules{};  // more: "header:NAME", "json:KEY", "query:NAME",
                                            // "regex:PATTERN"
  std::uint64_t max_body = 64 << 10;        // bytes of a body that outputs get, decoded
  bool headers_only = false;                // no bodies in what was decoded
  std::string proto_file{};                 // a FileDescriptorSet: names for protobuf fields
  std::string rotate{};  // output files anew at a size or time: "100MB,1h,keep=10"
  int detail = 0;        // text: 1 with headers, 2 with bodies
  bool raw = false;      // text: chunks, not exchanges
  bool pretty = false;   // text: JSON bodies indented
};

struct TraceOptions {
  // Targets; what any of them names is traced. `command` excludes the others.
  std::vector<std::uint32_t> pids{};  // in our pid namespace; each must be traceable now
  std::vector<std::string>
      exe_globs{};  // of the executable's path, or of its last part when there is no '/'
  std::vector<std::string> comms{};       // process names, exact, 15 bytes at most
  std::vector<std::string> containers{};  // names, or beginnings of ids of 4 digits at least
  bool all = false;                       // every Go program with crypto/tls, now and later
  std::vector<std::string> command{};  // started and traced from its first byte, and its children

  // "FORMAT" to stdout or "FORMAT:PATH": text, hex, json, har, pcapng, keylog, record
  // (docs/outputs.md). Sinks of your own come by Session::AddSink().
  std::vector<std::string> outputs{};
  // Capture TLS session secrets even when none of `outputs` wants them: for a SecretSink of your
  // own.
  bool secrets = false;
  ViewOptions view{};

  // Import paths of packages that are to be hooked as copies of crypto/tls, beside those that are
  // found by their functions and types.
  std::vector<std::string> packages{};
  PlanChoice plan = PlanChoice::kAuto;
  std::uint64_t max_op =
      1 << 20;  // bytes of one Read or Write that are captured; the rest is announced as a gap
  std::uint64_t ring_bytes = 16 << 20;  // rounded up to a power of two
  std::optional<std::chrono::nanoseconds> duration{};
  std::optional<std::uint64_t> count{};  // end after so many chunks

  // Raise our limit of open files as far as it goes: before Linux 6.6 each probe is one. The
  // command keeps the limit that there was.
  bool raise_file_limit = false;

  NoticeHandler on_notice{};  // may be empty
};

}  // namespace gotls
