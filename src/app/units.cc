#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "app/cli.h"

namespace gotls {
namespace {

// Splits "1.5m" into number and lower-case unit.
bool Split(const std::string& text, double* number, std::string* unit) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), *number);
  if (parsed.ec != std::errc() || !std::isfinite(*number) || *number < 0) return false;
  unit->assign(parsed.ptr, text.data() + text.size());
  std::ranges::transform(*unit, unit->begin(), [](unsigned char c) { return std::tolower(c); });
  return true;
}

}  // namespace

Result<std::chrono::nanoseconds> ParseDuration(const std::string& text) {
  double number = 0;
  std::string unit;
  double seconds = -1;
  if (Split(text, &number, &unit)) {
    if (unit.empty() || unit == "s") seconds = number;
    if (unit == "ms") seconds = number / 1000;
    if (unit == "m" || unit == "min") seconds = number * 60;
    if (unit == "h") seconds = number * 3600;
  }
  constexpr double kMost = 1e9;  // 31 years, far from overflow
  if (seconds < 0 || seconds > kMost)
    return Fail(ErrorKind::kUsage, "not a duration like 10s, 1.5m or 250ms", text);
  return std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
}

Result<std::uint64_t> ParseSize(const std::string& text) {
  double number = 0;
  std::string unit;
  double factor = 0;
  if (Split(text, &number, &unit)) {
    if (unit.empty() || unit == "b") factor = 1;
    if (unit == "k" || unit == "kb" || unit == "kib") factor = 1024;
    if (unit == "m" || unit == "mb" || unit == "mib") factor = 1024.0 * 1024;
    if (unit == "g" || unit == "gb" || unit == "gib") factor = 1024.0 * 1024 * 1024;
  }
  constexpr double kMost = 1e15;
  if (factor == 0 || number * factor > kMost)
    return Fail(ErrorKind::kUsage, "not a size like 4096, 64K or 1MiB", text);
  return static_cast<std::uint64_t>(number * factor);
}

}  // namespace gotls
