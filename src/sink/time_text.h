// Times as text. Both writers keep the text of the second before, since records come many to a
// second.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gotls/records.h"

namespace gotls {

// "2026-03-01T12:04:31.508112003Z"
class Rfc3339Writer {
 public:
  void Append(std::string& out, WallTime time);

 private:
  std::int64_t second_ = -1;
  std::string text_ = "1969-12-31T23:59:59";
};

// "12:04:31.508112" and, apart, the day "2026-03-01 UTC+01:00", both in local time or in UTC.
class ClockWriter {
 public:
  explicit ClockWriter(bool utc, int fraction_digits = 6)
      : utc_(utc), fraction_digits_(fraction_digits) {}
  void Append(std::string& out, WallTime time);
  void set_fraction_digits(int digits) { fraction_digits_ = digits; }  // 0 to 6
  // The day of `time`, when it is another one than at the last call; otherwise nothing.
  std::string_view NewDay(WallTime time);

 private:
  void Update(std::int64_t second);

  bool utc_;
  int fraction_digits_;
  bool known_ = false;
  std::int64_t second_ = 0;
  std::string text_;
  std::string day_;
  std::string told_day_;
};

}  // namespace gotls
