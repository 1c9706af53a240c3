#include <algorithm>
#include <array>
#include <string_view>

#include "decode/body/ascii.h"
#include "decode/http1/http1_decoder.h"

namespace gotls {
namespace {

// Those of RFC 9110, PATCH, WebDAV and its extensions, and a few in wide use. PRI is not one: it
// begins HTTP/2.
constexpr auto kMethods = std::to_array<std::string_view>({"GET",
                                                           "POST",
                                                           "HEAD",
                                                           "PUT",
                                                           "DELETE",
                                                           "CONNECT",
                                                           "OPTIONS",
                                                           "PATCH",
                                                           "TRACE",
                                                           "PROPFIND",
                                                           "PROPPATCH",
                                                           "MKCOL",
                                                           "COPY",
                                                           "MOVE",
                                                           "LOCK",
                                                           "UNLOCK",
                                                           "SEARCH",
                                                           "REPORT",
                                                           "MKACTIVITY",
                                                           "CHECKOUT",
                                                           "CHECKIN",
                                                           "UNCHECKOUT",
                                                           "MERGE",
                                                           "MKWORKSPACE",
                                                           "UPDATE",
                                                           "LABEL",
                                                           "ACL",
                                                           "BIND",
                                                           "REBIND",
                                                           "UNBIND",
                                                           "LINK",
                                                           "UNLINK",
                                                           "PURGE",
                                                           "MKCALENDAR",
                                                           "ORDERPATCH",
                                                           "VERSION-CONTROL",
                                                           "M-SEARCH",
                                                           "NOTIFY",
                                                           "SUBSCRIBE",
                                                           "UNSUBSCRIBE",
                                                           "BASELINE-CONTROL",
                                                           "QUERY"});

// Whether `text` begins with `prefix`, or is the beginning of it.
Guess HasPrefix(std::string_view text, std::string_view prefix) {
  const std::size_t common = std::min(text.size(), prefix.size());
  if (!EqualsIgnoreCase(text.substr(0, common), prefix.substr(0, common))) return Guess::kNo;
  return common == prefix.size() ? Guess::kYes : Guess::kNeedMore;
}

Guess LooksLikeTarget(std::string_view target, bool connect) {
  if (target.empty()) return Guess::kNeedMore;
  if (connect) {
    const char c = ToLowerAscii(target.front());
    const bool authority = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '[' || c == '_';
    return authority ? Guess::kYes : Guess::kNo;
  }
  if (target.front() == '/') return Guess::kYes;
  if (target.front() == '*') return HasPrefix(target, "* HTTP/1.");
  return std::max(HasPrefix(target, "http://"), HasPrefix(target, "https://"));
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Guess LooksLikeHttp1Request(Bytes start) {
  const std::string_view text = AsText(start).substr(0, kHttp1GuessBytes);
  const std::size_t end = text.find(' ');
  if (end == std::string_view::npos) {
    const bool begins = std::ranges::any_of(
        kMethods, [&](std::string_view method) { return method.starts_with(text); });
    return begins ? Guess::kNeedMore : Guess::kNo;
  }
  const std::string_view method = text.substr(0, end);
  if (std::ranges::find(kMethods, method) == kMethods.end()) return Guess::kNo;
  return LooksLikeTarget(text.substr(end + 1), method == "CONNECT");
}

Guess LooksLikeHttp1Response(Bytes start) {
  constexpr std::string_view kPattern = "HTTP/1.d ddd";  // d: a digit
  const std::string_view text = AsText(start);
  for (std::size_t i = 0; i < kPattern.size(); ++i) {
    if (i == text.size()) return Guess::kNeedMore;
    const char c = text[i];
    const bool fits = kPattern[i] == 'd' ? IsDigit(c) : c == kPattern[i];
    if (!fits) return Guess::kNo;
  }
  if (text.size() == kPattern.size()) return Guess::kNeedMore;
  const char after = text[kPattern.size()];
  return after == ' ' || after == '\r' || after == '\n' ? Guess::kYes : Guess::kNo;
}

}  // namespace gotls
