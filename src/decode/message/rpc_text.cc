#include "decode/message/rpc_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "decode/body/ascii.h"

namespace gotls {
namespace {

template <typename Number>
std::optional<Number> ParseDecimal(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::uint64_t SaturatingMultiply(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  const bool overflow = __builtin_mul_overflow(a, b, &product);
  return overflow ? std::numeric_limits<std::uint64_t>::max() : product;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = ToLowerAscii(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// In the order of gRPC's numbers.
constexpr std::array<std::string_view, 17> kConnectCodes = {
    "ok",        "canceled",       "unknown",           "invalid_argument",   "deadline_exceeded",
    "not_found", "already_exists", "permission_denied", "resource_exhausted", "failed_precondition",
    "aborted",   "out_of_range",   "unimplemented",     "internal",           "unavailable",
    "data_loss", "unauthenticated"};
constexpr std::uint32_t kUnknownCode = 2;

using Json = nlohmann::json;

std::string StringAt(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

ConnectEnd FromError(const Json& error) {
  return {ConnectCode(StringAt(error, "code")), StringAt(error, "message"), {}};
}

void AddMetadata(const Json& metadata, std::vector<HeaderField>& fields) {
  if (!metadata.is_object()) return;
  for (const auto& [name, values] : metadata.items()) {
    if (!values.is_array()) continue;
    for (const Json& value : values) {
      if (value.is_string()) fields.push_back({name, value.get<std::string>()});
    }
  }
}

}  // namespace

std::optional<RpcPath> ParseRpcPath(std::string_view path) {
  path = path.substr(0, path.find_first_of("?#"));
  const auto method_at = path.rfind('/');
  if (method_at == std::string_view::npos || method_at == 0) return std::nullopt;
  const std::string_view method = path.substr(method_at + 1);
  std::string_view service = path.substr(0, method_at);
  const auto service_at = service.rfind('/');
  if (service_at != std::string_view::npos) service.remove_prefix(service_at + 1);
  if (service.empty() || method.empty()) return std::nullopt;
  return RpcPath{std::string(service), std::string(method)};
}

std::optional<std::uint64_t> ParseGrpcTimeout(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t unit = 0;
  switch (text.back()) {
    case 'H':
      unit = 3'600'000'000'000;
      break;
    case 'M':
      unit = 60'000'000'000;
      break;
    case 'S':
      unit = 1'000'000'000;
      break;
    case 'm':
      unit = 1'000'000;
      break;
    case 'u':
      unit = 1'000;
      break;
    case 'n':
      unit = 1;
      break;
    default:
      return std::nullopt;
  }
  const auto count = ParseDecimal<std::uint64_t>(text.substr(0, text.size() - 1));
  if (!count) return std::nullopt;
  return SaturatingMultiply(*count, unit);
}

std::optional<std::uint64_t> ParseConnectTimeout(std::string_view text) {
  const auto milliseconds = ParseDecimal<std::uint64_t>(text);
  if (!milliseconds) return std::nullopt;
  return SaturatingMultiply(*milliseconds, 1'000'000);
}

std::optional<std::uint32_t> ParseGrpcStatus(std::string_view text) {
  return ParseDecimal<std::uint32_t>(text);
}

std::string PercentDecode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool coded = text[i] == '%' && text.size() - i > 2 && HexDigit(text[i + 1]) >= 0 &&
                       HexDigit(text[i + 2]) >= 0;
    if (coded) {
      out += static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::uint32_t ConnectCode(std::string_view name) {
  const auto* found = std::ranges::find(kConnectCodes, name);
  if (found == kConnectCodes.end() || found == kConnectCodes.begin()) return kUnknownCode;
  return static_cast<std::uint32_t>(found - kConnectCodes.begin());
}

std::uint32_t ConnectCodeOfHttp(int status) {
  switch (status) {
    case 400:
      return 13;  // internal
    case 401:
      return 16;  // unauthenticated
    case 403:
      return 7;  // permission_denied
    case 404:
      return 12;  // unimplemented
    case 429:
    case 502:
    case 503:
    case 504:
      return 14;  // unavailable
    default:
      return kUnknownCode;
  }
}

std::optional<ConnectEnd> ParseConnectError(std::string_view json) {
  const Json error = Json::parse(json, nullptr, false);
  if (!error.is_object() || !error.contains("code")) return std::nullopt;
  return FromError(error);
}

std::optional<ConnectEnd> ParseConnectEndOfStream(std::string_view json) {
  const Json end = Json::parse(json, nullptr, false);
  if (!end.is_object()) return std::nullopt;
  ConnectEnd result;
  const auto error = end.find("error");
  if (error != end.end() && error->is_object()) result = FromError(*error);
  const auto metadata = end.find("metadata");
  if (metadata != end.end()) AddMetadata(*metadata, result.metadata);
  return result;
}

}  // namespace gotls
