#include "decode/http1/http1_head.h"

#include <charconv>
#include <limits>

#include "decode/body/ascii.h"

namespace gotls {
namespace {

// Calls `use` with each element of a comma-separated list.
template <typename Use>
void ForEachElement(std::string_view list, Use use) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    const std::string_view element = TrimBlanks(list.substr(0, comma));
    if (!element.empty()) use(element);
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

// Lists of equal numbers come from intermediaries that joined fields.
void ReadLength(std::string_view value, HeadFacts& facts) {
  if (TrimBlanks(value).empty()) facts.bad_length = true;
  ForEachElement(value, [&](std::string_view element) {
    std::uint64_t length = 0;
    const char* const end = element.data() + element.size();
    const auto result = std::from_chars(element.data(), end, length);
    const bool number = result.ec == std::errc() && result.ptr == end &&
                        length <= std::numeric_limits<std::int64_t>::max();
    if (!number || (facts.content_length && *facts.content_length != length)) {
      facts.bad_length = true;
    }
    facts.content_length = length;
  });
}

void ReadTransferEncoding(std::string_view value, HeadFacts& facts) {
  ForEachElement(value, [&](std::string_view coding) {
    if (EqualsIgnoreCase(coding, "identity")) return;
    facts.transfer_encoding = true;
    facts.chunked = EqualsIgnoreCase(coding, "chunked");
  });
}

void ReadField(std::string_view name, std::string_view value, HeadFacts& facts) {
  switch (name.size()) {
    case 4:
      if (facts.host.empty() && EqualsIgnoreCase(name, "host")) facts.host = value;
      break;
    case 7:
      if (facts.upgrade.empty() && EqualsIgnoreCase(name, "upgrade")) {
        facts.upgrade = TrimBlanks(value.substr(0, value.find(',')));
      }
      break;
    case 10:
      if (!EqualsIgnoreCase(name, "connection")) break;
      ForEachElement(value, [&](std::string_view option) {
        if (EqualsIgnoreCase(option, "upgrade")) facts.connection_upgrade = true;
      });
      break;
    case 14:
      if (EqualsIgnoreCase(name, "content-length")) ReadLength(value, facts);
      break;
    case 16:
      if (!EqualsIgnoreCase(name, "content-encoding")) break;
      if (!facts.content_encoding.empty()) facts.content_encoding += ", ";
      facts.content_encoding += value;
      break;
    case 17:
      if (EqualsIgnoreCase(name, "transfer-encoding")) ReadTransferEncoding(value, facts);
      break;
    default:
      break;
  }
}

// "http://host/path?query": the form for proxies.
bool ReadAbsoluteTarget(std::string_view target, Exchange& exchange) {
  const std::size_t colon = target.find("://");
  if (colon == std::string_view::npos || colon == 0) return false;
  if (target.substr(0, colon).find_first_of("/?#") != std::string_view::npos) return false;
  exchange.scheme = ToLowerAscii(target.substr(0, colon));
  const std::string_view rest = target.substr(colon + 3);
  const std::size_t path = rest.find_first_of("/?");
  exchange.host.assign(rest.substr(0, path));
  exchange.path.assign("/");
  if (path == std::string_view::npos) return true;
  exchange.path.assign(rest[path] == '/' ? "" : "/");
  exchange.path += rest.substr(path);
  return true;
}

void FillRequest(const RequestLine& line, Exchange& exchange) {
  exchange.version = line.version;
  exchange.method.assign(line.method);
  if (line.method == "CONNECT") {
    exchange.host.assign(line.target);
    exchange.path.assign(line.target);
  } else if (line.target.starts_with('/') || !ReadAbsoluteTarget(line.target, exchange)) {
    exchange.path.assign(line.target);
  }
}

// Without the bytes behind the last line end: they could be half a line.
std::string_view WholeLines(std::string_view head) {
  const std::size_t end = head.rfind('\n');
  return end == std::string_view::npos ? std::string_view() : head.substr(0, end + 1);
}

// RFC 9112, 6.1, has such a message's framing as faulty; Go ignores the field, and so does gotls.
bool HasTransferEncoding(const HeadFacts& facts, HttpVersion version) {
  return facts.transfer_encoding && version != HttpVersion::kHttp10;
}

std::expected<Framing, HeadError> LengthFraming(const HeadFacts& facts, Framing otherwise) {
  if (facts.bad_length) return std::unexpected(HeadError{"no clear Content-Length"});
  if (!facts.content_length) return otherwise;
  if (*facts.content_length == 0) return Framing{};
  return Framing{Framing::Kind::kLength, *facts.content_length};
}

}  // namespace

HeadFacts ReadFacts(const std::vector<HeaderField>& fields) {
  HeadFacts facts;
  for (const HeaderField& field : fields) ReadField(field.name, field.value, facts);
  return facts;
}

std::expected<HeadFacts, HeadError> ReadRequestHead(std::string_view head, Exchange& exchange) {
  head = WholeLines(head);
  std::vector<HeaderField>& fields = exchange.request.headers;
  const auto line = ParseRequestLine(TakeLine(head));
  if (!line) {
    fields.clear();
    return std::unexpected(HeadError{"not a request line"});
  }
  FillRequest(*line, exchange);
  const auto parsed = ParseFields(head, fields);
  HeadFacts facts = ReadFacts(fields);
  if (exchange.host.empty()) exchange.host.assign(facts.host);
  if (!parsed) return std::unexpected(parsed.error());
  return facts;
}

std::expected<HeadFacts, HeadError> ReadResponseHead(std::string_view head, Exchange& exchange) {
  head = WholeLines(head);
  std::vector<HeaderField>& fields = exchange.response.headers;
  const auto line = ParseStatusLine(TakeLine(head));
  if (!line) {
    fields.clear();
    return std::unexpected(HeadError{"not a status line"});
  }
  if (exchange.version == HttpVersion::kUnknown) exchange.version = line->version;
  exchange.status = line->status;
  exchange.reason.assign(line->reason);
  const auto parsed = ParseFields(head, fields);
  if (!parsed) return std::unexpected(parsed.error());
  return ReadFacts(fields);
}

int InterimStatus(std::string_view head) {
  constexpr std::size_t kStatusAt = 9;  // behind "HTTP/1.1 "
  if (head.size() <= kStatusAt || head[kStatusAt] != '1') return 0;
  const auto line = ParseStatusLine(TakeLine(head));
  return line ? line->status : 0;
}

std::expected<Framing, HeadError> RequestFraming(const HeadFacts& facts, HttpVersion version) {
  if (!HasTransferEncoding(facts, version)) return LengthFraming(facts, {});
  if (!facts.chunked) return std::unexpected(HeadError{"the last transfer coding is not chunked"});
  return Framing{Framing::Kind::kChunked, 0};
}

std::expected<Framing, HeadError> ResponseFraming(const HeadFacts& facts, HttpVersion version,
                                                  int status, bool no_body) {
  constexpr int kNoContent = 204;
  constexpr int kNotModified = 304;
  if (no_body || status < 200 || status == kNoContent || status == kNotModified) return Framing{};
  const Framing until_close{Framing::Kind::kUntilClose, 0};
  if (!HasTransferEncoding(facts, version)) return LengthFraming(facts, until_close);
  return facts.chunked ? Framing{Framing::Kind::kChunked, 0} : until_close;
}

}  // namespace gotls
