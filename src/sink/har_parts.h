// Lists of an archive's entry that are taken out of URLs and header fields.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gotls/exchange.h"
#include "gotls/records.h"

namespace gotls::har {

// A whole URL, every byte of it one that a URL may have: what is not is percent-encoded. A host
// that is not known is the one of the handshake, or the address, or "unknown.invalid".
void AppendUrl(std::string& out, const Connection& connection, const Exchange& exchange);

// [{"name":...,"value":...},...], each without percent-encoding, of "a=1&b=2".
void AppendPairs(std::string& out, std::string_view pairs);

// The query of a path, without the question mark; "" for none.
std::string_view QueryOf(std::string_view path);

// [{"name":...,"value":...},...]. What is not known of a field is "?", and a comment says so.
void AppendHeaders(std::string& out, const std::vector<HeaderField>& fields);

// Of Cookie, and of Set-Cookie. Redacted ones are not taken apart.
void AppendRequestCookies(std::string& out, const std::vector<HeaderField>& fields);
void AppendResponseCookies(std::string& out, const std::vector<HeaderField>& fields);

}  // namespace gotls::har
