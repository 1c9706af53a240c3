// What a Content-Type header says.
#pragma once

#include <string>
#include <string_view>

#include "gotls/exchange.h"

namespace gotls {

struct MediaType {
  std::string type;      // "text/html", in lower case; empty: the header has none
  std::string charset;   // in lower case; empty: not said
  std::string boundary;  // of multipart
};

// Never fails: takes what can be made out. The first of several equal parameters counts.
MediaType ParseMediaType(std::string_view content_type);

// Of the first Content-Type header that is known; without its charset where the content is UTF-8
// by now.
MediaType MediaTypeOf(const HttpMessage& message);

// Something that people read: text/*, JSON, XML, forms, scripts. `type` as in MediaType.
bool IsTextual(std::string_view type);
bool IsJson(std::string_view type);

}  // namespace gotls
