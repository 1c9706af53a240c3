// One line an exchange.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gotls/exchange.h"
#include "gotls/records.h"
#include "sink/exchange_style.h"
#include "sink/time_text.h"

namespace gotls {

// Which moment of an exchange a line tells of.
enum class ExchangeMoment : std::uint8_t {
  kWhole,  // all of it; the line's time is that of its first byte
  kOpen,   // it goes on: messages follow
  kEnd,    // of one whose beginning was shown; the line's time is that of its end
};

// Columns of fixed width, and the one that has none (host and path, then what there is to remark)
// comes last:
//
//   12:04:31.508 #1    fetch[4711]      -> 200 37.0ms   13B GET     example.com/hello
//   12:04:31.600 #2    web[801]         <- 404 1.23ms  1.2K POST    192.0.2.7 /cart?id=3
//   12:04:31.700 #3    web[801]         <- 14  12.4ms   34B gRPC    192.0.2.7 /shop.Cart/Add
//   12:04:31.700 #3      UNAVAILABLE: no cart
//
// A remark for which there is no room gets a line of its own. What is not known is "?"; what did
// not come is "-".
class ExchangeLine {
 public:
  ExchangeLine(const ExchangeStyle& style, ClockWriter& clock) : style_(style), clock_(clock) {}

  // `last`: when the last that is known of it passed.
  void Append(std::string& out, const Connection& connection, const Exchange& exchange,
              ExchangeMoment moment, WallTime last);

  // A line that names the day of `time`, when it is another one than the last that was named.
  void AppendDay(std::string& out, WallTime time);
  // Whether the other methods do so themselves. Not for lines that are kept: what comes before them
  // is known when they are shown, and that may be never.
  void set_names_days(bool names) { names_days_ = names; }

  // Time and tag, what every line begins with. Returns the columns taken.
  std::size_t AppendBegin(std::string& out, WallTime time, ExchangeId id, bool lines_follow);

 private:
  std::size_t Column(std::string& out, std::string_view style, std::string_view text,
                     std::size_t width, bool right = false);
  std::size_t AppendProcess(std::string& out, const Process& process);
  std::size_t AppendStatus(std::string& out, const Exchange& exchange);
  std::size_t AppendLatency(std::string& out, const Exchange& exchange, ExchangeMoment moment,
                            WallTime last);
  std::size_t AppendSize(std::string& out, const Exchange& exchange, ExchangeMoment moment);
  std::size_t AppendMethod(std::string& out, const Exchange& exchange);
  void AppendTarget(std::string& out, const Connection& connection, const Exchange& exchange,
                    ExchangeMoment moment, WallTime time, std::size_t used);
  std::string_view MakeRemark(const Exchange& exchange, ExchangeMoment moment);
  void AppendRemarkLine(std::string& out, const Exchange& exchange, WallTime time,
                        std::string_view style);
  void AppendPlace(std::string& out, std::size_t columns, const Exchange& exchange);

  const ExchangeStyle& style_;
  ClockWriter& clock_;
  bool names_days_ = true;
  std::string scratch_;
  std::string peer_;  // the three parts of the last column
  std::string path_;
  std::string remark_;
};

// When the first and the last byte of an exchange passed, as far as it says so.
WallTime FirstTime(const Exchange& exchange);
WallTime LastTime(const Exchange& exchange);

}  // namespace gotls
