#include "sink/time_text.h"

#include <fmt/format.h>

#include <ctime>

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

template <int kDigits>
void AppendFraction(std::string& out, std::uint32_t value) {
  char digits[kDigits + 1];
  digits[0] = '.';
  for (int i = kDigits; i > 0; --i) {
    digits[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  out.append(digits, sizeof(digits));
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
  out += text_;
  AppendFraction<9>(out, split.nanosecond);
  out += 'Z';
}

void ClockWriter::Append(std::string& out, WallTime time) {
  const SplitTime split = Split(time);
  Update(split.second);
  out += text_;
  const std::size_t end = out.size();
  AppendFraction<6>(out, split.nanosecond / 1000);
  const auto digits = static_cast<std::size_t>(fraction_digits_);
  out.resize(end + (digits == 0 ? 0 : 1 + digits));
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
