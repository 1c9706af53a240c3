// Heads of requests and responses: what they put into an exchange, and how long what follows is.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decode/http1/http1_syntax.h"
#include "gotls/exchange.h"

namespace gotls {

// How the end of a body is told (RFC 9112, 6.3).
struct Framing {
  enum class Kind : std::uint8_t { kNone, kLength, kChunked, kUntilClose };
  Kind kind = Kind::kNone;
  std::uint64_t length = 0;  // kLength; never 0
};

// What fields say about the connection and the body. Views are into the fields' strings.
struct HeadFacts {
  std::string_view host;
  std::string_view upgrade;         // first protocol of the Upgrade field
  bool connection_upgrade = false;  // Connection: upgrade
  bool transfer_encoding = false;
  bool chunked = false;  // is the last transfer coding
  std::optional<std::uint64_t> content_length;
  bool bad_length = false;  // a Content-Length that is no number, or two that differ
  std::string content_encoding;
};

HeadFacts ReadFacts(const std::vector<HeaderField>& fields);

// Fill the exchange from a head: start line and fields, up to the empty line. One whose end is not
// there is read as far as its lines are whole.
std::expected<HeadFacts, HeadError> ReadRequestHead(std::string_view head, Exchange& exchange);
std::expected<HeadFacts, HeadError> ReadResponseHead(std::string_view head, Exchange& exchange);

// The status, when it is a 1xx one; else 0.
int InterimStatus(std::string_view head);

std::expected<Framing, HeadError> RequestFraming(const HeadFacts& facts, HttpVersion version);
// `no_body`: the request was HEAD.
std::expected<Framing, HeadError> ResponseFraming(const HeadFacts& facts, HttpVersion version,
                                                  int status, bool no_body);

}  // namespace gotls
