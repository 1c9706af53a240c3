#include "sink/short_units.h"

#include "sink/json_text.h"

namespace gotls {
namespace {

constexpr std::uint64_t kMicrosecond = 1'000;
constexpr std::uint64_t kMillisecond = 1'000'000;
constexpr std::uint64_t kSecond = 1'000'000'000;

// Three digits: "1.23", "12.3", "123", of value / unit; rounded down, so that no limit is passed.
void AppendThreeDigits(std::string& out, std::uint64_t value, std::uint64_t unit) {
  const std::uint64_t whole = value / unit;
  AppendNumber(out, whole);
  if (whole >= 100) return;
  const std::uint64_t hundredths = value % unit * 100 / unit;
  out += '.';
  out += static_cast<char>('0' + hundredths / 10);
  if (whole < 10) out += static_cast<char>('0' + hundredths % 10);
}

// "4m05s"
void AppendPair(std::string& out, std::uint64_t high, char high_unit, std::uint64_t low,
                char low_unit) {
  AppendNumber(out, high);
  out += high_unit;
  if (low < 10) out += '0';
  AppendNumber(out, low);
  out += low_unit;
}

}  // namespace

void AppendShortSize(std::string& out, std::uint64_t bytes) {
  if (bytes < 1024) {
    AppendNumber(out, bytes);
    out += 'B';
    return;
  }
  constexpr char kUnits[] = {'K', 'M', 'G', 'T', 'P', 'E'};
  int unit = 0;
  std::uint64_t rest = 0;  // of 1024
  for (rest = bytes % 1024, bytes /= 1024; bytes >= 1024; bytes /= 1024, ++unit) {
    rest = bytes % 1024;
  }
  AppendNumber(out, bytes);
  if (bytes < 10) {
    out += '.';
    out += static_cast<char>('0' + rest * 10 / 1024);
  }
  out += kUnits[unit];
}

void AppendShortDuration(std::string& out, std::uint64_t ns) {
  const std::uint64_t seconds = ns / kSecond;
  if (ns < kMillisecond) {
    AppendNumber(out, ns / kMicrosecond);
    out += "µs";
  } else if (ns < kSecond) {
    AppendThreeDigits(out, ns, kMillisecond);
    out += "ms";
  } else if (seconds < 60) {
    AppendThreeDigits(out, ns, kSecond);
    out += 's';
  } else if (seconds < 3600) {
    AppendPair(out, seconds / 60, 'm', seconds % 60, 's');
  } else if (seconds < 86400) {
    AppendPair(out, seconds / 3600, 'h', seconds / 60 % 60, 'm');
  } else {
    AppendPair(out, seconds / 86400, 'd', seconds / 3600 % 24, 'h');
  }
}

std::uint64_t ElapsedNs(WallTime a, WallTime b) {
  if (b < a) return 0;
  return static_cast<std::uint64_t>(b.time_since_epoch().count()) -
         static_cast<std::uint64_t>(a.time_since_epoch().count());
}

}  // namespace gotls
