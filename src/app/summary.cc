#include "app/summary.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace gotls {
namespace {

std::string Bytes(std::uint64_t n) {
  constexpr std::array<const char*, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(n);
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kUnits.size(); unit++) value /= 1024;
  return unit == 0 ? fmt::format("{} B", n) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

// Counts of normal work: worth a line only when all counters are asked for.
bool IsTrouble(std::string_view name) {
  constexpr std::array<std::string_view, 11> kNormal = {
      "hits",           "hits_other_process", "operations",       "operations_empty", "chunks",
      "bytes_captured", "bytes_skipped",      "decode_exchanges", "decode_messages",  "secrets",
      "wake_ups"};
  for (const std::string_view normal : kNormal) {
    if (name == normal) return false;
  }
  return true;
}

std::string Totals(const Summary& summary) {
  const std::uint64_t missing = summary.read.missing + summary.write.missing;
  const std::uint64_t skipped = summary.read.skipped + summary.write.skipped;
  return fmt::format("gotls: {} connection{} of {} process{}; read {}, wrote {}; {}{}{}\n",
                     summary.connections, summary.connections == 1 ? "" : "s", summary.processes,
                     summary.processes == 1 ? "" : "es", Bytes(summary.read.captured),
                     Bytes(summary.write.captured),
                     missing == 0 ? "nothing missing" : fmt::format("{} bytes missing", missing),
                     skipped == 0 ? "" : fmt::format("; {} not wanted", Bytes(skipped)),
                     summary.shows_secrets ? "; well-known secrets are shown (--no-redact)" : "");
}

// The user waited for nothing: why, if that can be told.
std::string WhyNothing(const Summary& summary) {
  if (summary.connections != 0) return {};
  for (const Counter& counter : summary.counters) {
    if (counter.name != "hits_other_process" || counter.value == 0) continue;
    return fmt::format(
        "gotls: other processes that run the same program had TLS traffic ({} probe hits) and were "
        "not asked for; --exe and --comm take all of them\n",
        counter.value);
  }
  return {};
}

}  // namespace

std::string SummaryText(const Summary& summary, bool totals, bool all_counters) {
  std::string text = totals ? Totals(summary) : std::string();
  text += WhyNothing(summary);
  for (const Counter& counter : summary.counters) {
    if (!all_counters && (counter.value == 0 || !IsTrouble(counter.name))) continue;
    text += fmt::format("  {:<24} {:>12}  {}\n", counter.name, counter.value, counter.meaning);
  }
  return text;
}

}  // namespace gotls
