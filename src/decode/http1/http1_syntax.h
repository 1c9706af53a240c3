// Lines and fields of HTTP/1 heads, read in place. Lenient where the peers' meaning is beyond
// doubt.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string_view>
#include <vector>

#include "decode/guess.h"
#include "gotls/exchange.h"

namespace gotls {

inline constexpr std::size_t kMaxHeadBytes = 256 << 10;
inline constexpr std::size_t kMaxFields = 1000;

// Why a head can't be used. `what` is a literal.
struct HeadError {
  std::string_view what;
  bool limit = false;  // a bound of gotls, no fault of the peer
};

struct RequestLine {
  std::string_view method;
  std::string_view target;
  HttpVersion version = HttpVersion::kUnknown;
};

struct StatusLine {
  HttpVersion version = HttpVersion::kUnknown;
  int status = 0;
  std::string_view reason;
};

// `line` is without its end.
std::optional<RequestLine> ParseRequestLine(std::string_view line);
std::optional<StatusLine> ParseStatusLine(std::string_view line);

// Takes the first line off `text` and returns it without its end, which is CR LF or a bare LF. The
// last line may lack its end.
std::string_view TakeLine(std::string_view& text);

// The lines up to the first empty one as fields, folded lines joined. What `fields` held before is
// written over: strings that are there already keep their memory. After an error the fields before
// it are there.
std::expected<void, HeadError> ParseFields(std::string_view lines,
                                           std::vector<HeaderField>& fields);

// Whether `start` can still become "METHOD SP ...", of any method.
Guess LooksLikeAnyRequest(std::string_view start);

// Whether `start` begins with a whole request line of a known method, or a status line: what makes
// a boundary sure. Needs no more than kMaxStartLine bytes.
inline constexpr std::size_t kMaxStartLine = 8 << 10;
Guess StartsWithSureRequest(std::string_view start);

}  // namespace gotls
