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

struct TraceOptions {
  // Targets; what any of them names is traced. `command` excludes the others.
  std::vector<std::uint32_t> pids{};  // in our pid namespace; each must be traceable now
  std::vector<std::string>
      exe_globs{};  // of the executable's path, or of its last part when there is no '/'
  std::vector<std::string> comms{};    // process names, exact, 15 bytes at most
  bool all = false;                    // every Go program with crypto/tls, now and later
  std::vector<std::string> command{};  // started and traced from its first byte, and its children

  // "FORMAT" to stdout or "FORMAT:PATH": text, hex, json, record. Sinks of your own come by
  // Session::AddSink().
  std::vector<std::string> outputs{};

  PlanChoice plan = PlanChoice::kAuto;
  std::uint64_t max_op =
      1 << 20;  // bytes of one Read or Write that are captured; the rest is announced as a gap
  std::uint64_t ring_bytes = 16 << 20;  // rounded up to a power of two
  std::optional<std::chrono::nanoseconds> duration{};
  std::optional<std::uint64_t> count{};  // end after so many chunks

  NoticeHandler on_notice{};  // may be empty
};

}  // namespace gotls
