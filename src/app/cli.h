// The command line: parsed into plain options, nothing done yet.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "gotls/error.h"
#include "gotls/options.h"

namespace gotls {

enum class Command : std::uint8_t { kTrace, kInspect, kDoctor, kReplay };

struct CommandLine {
  Command command = Command::kTrace;
  TraceOptions trace;                // kTrace; outputs also for kReplay
  std::vector<std::string> targets;  // kInspect: files or pids
  std::string recording;             // kReplay
  bool json = false;                 // kInspect
  bool stats = false;
  bool quiet = false;
  int verbose = 0;
};

// What to do, or the exit code when everything is said already (--help, --version, wrong usage).
std::variant<CommandLine, int> ParseCommandLine(int argc, char** argv);

// "90", "10s", "1.5m", "2h", "250ms" to a duration; kUsage otherwise.
Result<std::chrono::nanoseconds> ParseDuration(const std::string& text);

// "4096", "64K", "1MiB", "16m" (powers of 1024) to bytes; kUsage otherwise.
Result<std::uint64_t> ParseSize(const std::string& text);

}  // namespace gotls
