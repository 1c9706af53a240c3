#include "decode/body/media_type.h"

#include <algorithm>
#include <array>

#include "decode/body/ascii.h"

namespace gotls {
namespace {

// Takes a parameter's value, quoted or not, off the front of `rest`, up to the next ';'.
std::string TakeValue(std::string_view& rest) {
  std::string value;
  rest = TrimBlanks(rest);
  if (rest.starts_with('"')) {
    std::size_t at = 1;
    for (; at < rest.size() && rest[at] != '"'; ++at) {
      if (rest[at] == '\\' && at + 1 < rest.size()) ++at;
      value += rest[at];
    }
    rest.remove_prefix(std::min(at, rest.size()));
    rest.remove_prefix(std::min(rest.find(';'), rest.size()));
    return value;
  }
  const std::size_t end = std::min(rest.find(';'), rest.size());
  value = TrimBlanks(rest.substr(0, end));
  rest.remove_prefix(end);
  return value;
}

}  // namespace

MediaType ParseMediaType(std::string_view content_type) {
  MediaType media;
  const std::size_t type_end = std::min(content_type.find_first_of(";,"), content_type.size());
  media.type = ToLowerAscii(TrimBlanks(content_type.substr(0, type_end)));
  std::string_view rest = content_type.substr(type_end);
  while (!rest.empty()) {
    rest.remove_prefix(1);  // the ';'
    const std::size_t end = std::min(rest.find_first_of("=;"), rest.size());
    const std::string_view name = TrimBlanks(rest.substr(0, end));
    const bool has_value = end < rest.size() && rest[end] == '=';
    rest.remove_prefix(end);
    if (!has_value) continue;
    rest.remove_prefix(1);
    std::string value = TakeValue(rest);
    if (EqualsIgnoreCase(name, "charset") && media.charset.empty()) {
      media.charset = ToLowerAscii(value);
    } else if (EqualsIgnoreCase(name, "boundary") && media.boundary.empty()) {
      media.boundary = std::move(value);
    }
  }
  return media;
}

MediaType MediaTypeOf(const HttpMessage& message) {
  for (const HeaderField& field : message.headers) {
    if (!EqualsIgnoreCase(field.name, "content-type")) continue;
    if (!field.value_known || field.redacted) continue;
    MediaType media = ParseMediaType(field.value);
    if (message.body.in_utf8) media.charset.clear();
    return media;
  }
  return {};
}

bool IsJson(std::string_view type) {
  return type == "application/json" || type == "text/json" || type.ends_with("+json");
}

bool IsTextual(std::string_view type) {
  static constexpr std::array<std::string_view, 12> kTextual = {
      "application/ecmascript",   "application/graphql",  "application/javascript",
      "application/ld+json",      "application/sql",      "application/toml",
      "application/x-javascript", "application/x-ndjson", "application/x-www-form-urlencoded",
      "application/x-yaml",       "application/xml",      "application/yaml"};
  return type.starts_with("text/") || IsJson(type) || type.ends_with("+xml") ||
         type.ends_with("+yaml") || std::ranges::binary_search(kTextual, type);
}

}  // namespace gotls
