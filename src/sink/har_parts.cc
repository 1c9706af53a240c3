#include "sink/har_parts.h"

#include <algorithm>

#include "decode/body/ascii.h"
#include "sink/endpoint_text.h"
#include "sink/json_fields.h"

namespace gotls::har {
namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

// Bytes that RFC 3986 allows in a path and a query, and '%', which is there already.
bool IsUrlByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~:/?@!$&'()*+,;=%[]").find(c) != std::string_view::npos;
}

void AppendEncoded(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (IsUrlByte(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHexDigits[byte >> 4];
    out += kHexDigits[byte & 15];
  }
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = ToLowerAscii(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string Decoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && text.size() - i > 2;
    const int high = escape ? HexValue(text[i + 1]) : -1;
    const int low = escape ? HexValue(text[i + 2]) : -1;
    if (high >= 0 && low >= 0) {
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      decoded += text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

// Takes the piece up to `separator` off the start of `text`.
std::string_view NextPiece(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view piece = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return piece;
}

void AppendPair(std::string& out, std::string_view name, std::string_view value) {
  if (out.back() != '[') out += ',';
  out += "{\"name\":";
  AppendJsonString(out, name);
  out += ",\"value\":";
  AppendJsonString(out, value);
}

// What a Set-Cookie says behind name and value.
void AppendCookieAttribute(std::string& out, std::string_view attribute) {
  const std::string_view name = TrimBlanks(NextPiece(attribute, '='));
  const std::string_view value = TrimBlanks(attribute);
  if (EqualsIgnoreCase(name, "path")) json::Text(out, ",\"path\":", value.empty() ? "/" : value);
  if (EqualsIgnoreCase(name, "domain") && !value.empty()) json::Text(out, ",\"domain\":", value);
  if (EqualsIgnoreCase(name, "httponly")) out += ",\"httpOnly\":true";
  if (EqualsIgnoreCase(name, "secure")) out += ",\"secure\":true";
}

std::string_view HostOf(const Connection& connection, const Exchange& exchange) {
  return exchange.host.empty() ? std::string_view(connection.server_name) : exchange.host;
}

}  // namespace

void AppendUrl(std::string& out, const Connection& connection, const Exchange& exchange) {
  const std::size_t scheme = exchange.path.find("://");
  if (!exchange.path.starts_with('/') && scheme < exchange.path.find('?') &&
      scheme != std::string::npos) {
    return AppendEncoded(out, exchange.path);
  }
  if (exchange.application == Application::kWebSocket) {
    out += exchange.scheme == "http" ? "ws" : "wss";
  } else {
    AppendEncoded(out, exchange.scheme.empty() ? "https" : exchange.scheme);
  }
  out += "://";
  const Endpoint& server = connection.role == Role::kServer ? connection.local : connection.remote;
  if (const std::string_view host = HostOf(connection, exchange); !host.empty()) {
    AppendEncoded(out, host);
  } else if (HasIp(server)) {
    AppendEndpoint(out, server);
  } else {
    out += "unknown.invalid";
  }
  if (!exchange.path.starts_with('/')) out += '/';
  if (exchange.method != "CONNECT" && exchange.path != "*") AppendEncoded(out, exchange.path);
}

std::string_view QueryOf(std::string_view path) {
  const std::size_t mark = path.find('?');
  if (mark == std::string_view::npos) return {};
  const std::string_view query = path.substr(mark + 1);
  return query.substr(0, query.find('#'));
}

void AppendPairs(std::string& out, std::string_view pairs) {
  out += '[';
  while (!pairs.empty()) {
    std::string_view value = NextPiece(pairs, '&');
    if (value.empty()) continue;
    const std::string_view name = NextPiece(value, '=');
    AppendPair(out, Decoded(name), Decoded(value));
    out += '}';
  }
  out += ']';
}

void AppendHeaders(std::string& out, const std::vector<HeaderField>& fields) {
  out += '[';
  for (const HeaderField& field : fields) {
    AppendPair(out, field.name_known ? std::string_view(field.name) : "?",
               field.value_known ? std::string_view(field.value) : "?");
    if (!field.value_known || !field.name_known) {
      out += ",\"comment\":\"not known: the connection was joined in the middle\"";
    } else if (field.redacted) {
      out += ",\"comment\":\"redacted\"";
    }
    out += '}';
  }
  out += ']';
}

void AppendRequestCookies(std::string& out, const std::vector<HeaderField>& fields) {
  out += '[';
  for (const HeaderField& field : fields) {
    if (field.redacted || !EqualsIgnoreCase(field.name, "cookie")) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      std::string_view value = NextPiece(rest, ';');
      if (TrimBlanks(value).empty()) continue;
      const std::string_view name = TrimBlanks(NextPiece(value, '='));
      AppendPair(out, name, TrimBlanks(value));
      out += '}';
    }
  }
  out += ']';
}

void AppendResponseCookies(std::string& out, const std::vector<HeaderField>& fields) {
  out += '[';
  for (const HeaderField& field : fields) {
    if (field.redacted || !EqualsIgnoreCase(field.name, "set-cookie")) continue;
    std::string_view rest = field.value;
    std::string_view value = NextPiece(rest, ';');
    const std::string_view name = TrimBlanks(NextPiece(value, '='));
    AppendPair(out, name, TrimBlanks(value));
    while (!rest.empty()) AppendCookieAttribute(out, NextPiece(rest, ';'));
    out += '}';
  }
  out += ']';
}

}  // namespace gotls::har
