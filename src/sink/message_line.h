// A message of an exchange: a line, and from detail 2 on its content below.
#pragma once

#include <string>

#include "gotls/exchange.h"
#include "gotls/records.h"
#include "sink/exchange_detail.h"
#include "sink/exchange_line.h"
#include "sink/exchange_style.h"

namespace gotls {

//   12:04:31.600 #7      -> 1     15B text   {"user":"anna"}
//
// Number, size of the content, kind, and as much of it as fits (in a file 120 characters).
class MessageLine {
 public:
  MessageLine(const ExchangeStyle& style, ExchangeLine& line, const ExchangeDetail& detail)
      : style_(style), line_(line), detail_(detail) {}

  void Append(std::string& out, const Exchange& exchange, const Message& message);

 private:
  void AppendKind(std::string& out, const Message& message);
  void AppendPreview(const Message& message);
  void AppendTrouble(const Message& message);
  void AppendContent(std::string& out, const Exchange& exchange, const Message& message) const;

  const ExchangeStyle& style_;
  ExchangeLine& line_;
  const ExchangeDetail& detail_;
  std::string kind_;
  std::string preview_;
  std::string trouble_;
};

}  // namespace gotls
