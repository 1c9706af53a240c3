// What -v and -vv show below the line of an exchange.
#pragma once

#include <string>
#include <string_view>

#include "gotls/exchange.h"
#include "gotls/records.h"
#include "sink/exchange_style.h"

namespace gotls {

// Every line begins with a gutter that has the exchange's tag: "#1 > " what the program sent, "#1 <
// " what it received (for a program whose side is not known: request and response), "#1 . " what
// gotls says. So no payload can look like a line of ours.
class ExchangeDetail {
 public:
  explicit ExchangeDetail(const ExchangeStyle& style) : style_(style) {}

  // Protocol, stream, sizes, times.
  void Facts(std::string& out, const Connection& connection, const Exchange& exchange) const;
  // Head, and from detail 2 on body, then trailers; of one that was not seen nothing.
  void Request(std::string& out, const Connection& connection, const Exchange& exchange) const;
  void Response(std::string& out, const Connection& connection, const Exchange& exchange) const;
  void Trailers(std::string& out, const Connection& connection, const Exchange& exchange) const;

  [[nodiscard]] std::string Gutter(ExchangeId id, Direction direction) const;
  [[nodiscard]] std::string NoteGutter(ExchangeId id) const;

 private:
  void Fields(std::string& out, std::string_view gutter,
              const std::vector<HeaderField>& fields) const;
  void BodyText(std::string& out, const std::string& gutter, const Exchange& exchange,
                const HttpMessage& message) const;
  void Note(std::string& out, ExchangeId id, std::string_view text) const;

  const ExchangeStyle& style_;
};

// Where requests and responses pass, seen from the traced program.
Direction RequestDirection(const Connection& connection);
Direction ResponseDirection(const Connection& connection);

// The value of the first known header of this name (in lower case); "" for none.
std::string_view HeaderValue(const std::vector<HeaderField>& fields, std::string_view name);

}  // namespace gotls
