#include "sink/time_text.h"

#include <fmt/format.h>

#include <ctime>

#include "sink/fraction.h"

namespace gotls {
namespace {

constexpr std::int64_t kBillion = 1'000'000'000;

struct SplitTime {
  std::int64_t second;
  std::uint32_t nanosecond;
};

// Toward the past, so that times before 1970 (from hostile recordings) have a positive fraction
// too.
SplitTime Split(WallTime time) {
  const std::int64_t ns = time.time_since_epoch().count();
  std::int64_t second = ns / kBillion;
  std::int64_t rest = ns % kBillion;
  if (rest < 0) {
    --second;
    rest += kBillion;
  }
  return {second, static_cast<std::uint32_t>(rest)};
}

std::string OffsetText(long seconds) {
  if (seconds == 0) return "UTC";
  const long minutes = (seconds < 0 ? -seconds : seconds) / 60;
  return fmt::format("UTC{}{:02}:{:02}", seconds < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

}  // namespace

void Rfc3339Writer::Append(std::string& out, WallTime time) {
  const SplitTime split = Split(time);
  if (split.second != second_) {
    second_ = split.second;
    std::tm parts{};
    const std::time_t second = split.second;
    ::gmtime_r(&second, &parts);
    text_ = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", parts.tm_year + 1900,
                        parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
  }
  constexpr int kDigits = 9;
  char rest[kDigits + 2];
  WriteFraction<kDigits>(rest, split.nanosecond);
  rest[kDigits + 1] = 'Z';
  out += text_;
  out.append(rest, sizeof(rest));
}

void ClockWriter::Append(std::string& out, WallTime time) {
  const SplitTime split = Split(time);
  Update(split.second);
  out += text_;
  char fraction[7];
  WriteFraction<6>(fraction, split.nanosecond / 1000);
  const auto digits = static_cast<std::size_t>(fraction_digits_);
  out.append(fraction, digits == 0 ? 0 : 1 + digits);
}

std::string_view ClockWriter::NewDay(WallTime time) {
  Update(Split(time).second);
  if (day_ == told_day_) return {};
  told_day_ = day_;
  return told_day_;
}

void ClockWriter::Update(std::int64_t second) {
  if (known_ && second == second_) return;
  known_ = true;
  second_ = second;
  std::tm parts{};
  const std::time_t time = second;
  if (utc_) {
    ::gmtime_r(&time, &parts);
  } else {
    ::localtime_r(&time, &parts);
  }
  text_ = fmt::format("{:02}:{:02}:{:02}", parts.tm_hour, parts.tm_min, parts.tm_sec);
  day_ = fmt::format("{:04}-{:02}-{:02} {}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     OffsetText(parts.tm_gmtoff));
}

}  // namespace gotls
