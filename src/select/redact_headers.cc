#include "select/redact_headers.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "decode/body/ascii.h"

namespace gotls {
namespace {

constexpr auto kNames = std::to_array<std::string_view>({
    "access-token",
    "aeg-sas-key",
    "api-key",
    "apikey",
    "auth-token",
    "authorization",
    "cf-access-client-secret",
    "cf-access-jwt-assertion",
    "cf-access-token",
    "client-secret",
    "cookie",
    "cookie2",
    "csrf-token",
    "dd-api-key",
    "dd-application-key",
    "deploy-token",
    "grpcgateway-authorization",
    "grpcgateway-cookie",
    "job-token",
    "ocp-apim-subscription-key",
    "private-token",
    "proxy-authorization",
    "set-cookie",
    "set-cookie2",
    "x-access-token",
    "x-algolia-api-key",
    "x-amz-security-token",
    "x-amzn-oidc-accesstoken",
    "x-amzn-oidc-data",
    "x-api-key",
    "x-api-token",
    "x-apikey",
    "x-auth-key",
    "x-auth-request-access-token",
    "x-auth-token",
    "x-aws-ec2-metadata-token",
    "x-cassandra-token",
    "x-client-secret",
    "x-consul-token",
    "x-csrf-token",
    "x-csrftoken",
    "x-forwarded-access-token",
    "x-forwarded-authorization",
    "x-functions-key",
    "x-gitlab-token",
    "x-goog-api-key",
    "x-goog-iap-jwt-assertion",
    "x-honeycomb-team",
    "x-id-token",
    "x-jwt-assertion",
    "x-ms-token-aad-access-token",
    "x-nomad-token",
    "x-original-authorization",
    "x-plex-token",
    "x-rapidapi-key",
    "x-refresh-token",
    "x-registry-auth",
    "x-registry-config",
    "x-sentry-auth",
    "x-serverless-authorization",
    "x-service-token",
    "x-session-token",
    "x-shopify-access-token",
    "x-storage-token",
    "x-subject-token",
    "x-token",
    "x-user-token",
    "x-vault-token",
    "x-xsrf-token",
});

constexpr std::size_t kLongest = std::ranges::max(kNames, {}, &std::string_view::size).size();

// Which of the names: a bit for each.
using NameSet = std::array<std::uint64_t, 2>;
static_assert(kNames.size() <= 128);

constexpr void Insert(NameSet& names, std::size_t i) {
  names[i / 64] |= std::uint64_t{1} << (i % 64);
}

// The names of each length, and those with each last letter: most headers are ruled out by one
// look.
constexpr auto kByLength = [] {
  std::array<NameSet, kLongest + 1> table{};
  for (std::size_t i = 0; i < kNames.size(); ++i) Insert(table[kNames[i].size()], i);
  return table;
}();
constexpr auto kByEnd = [] {
  std::array<NameSet, 256> table{};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    const char last = kNames[i].back();
    Insert(table[static_cast<unsigned char>(last)], i);
    if (last >= 'a' && last <= 'z') Insert(table[static_cast<unsigned char>(last - 'a' + 'A')], i);
  }
  return table;
}();

// Only what is known to be a scheme is kept: it could be the first half of a secret.
constexpr auto kSchemes = std::to_array<std::string_view>({"basic",
                                                           "bearer",
                                                           "digest",
                                                           "negotiate",
                                                           "ntlm",
                                                           "token",
                                                           "apikey",
                                                           "dpop",
                                                           "gnap",
                                                           "hoba",
                                                           "mutual",
                                                           "oauth",
                                                           "hawk",
                                                           "mac",
                                                           "vapid",
                                                           "privatetoken",
                                                           "scram-sha-1",
                                                           "scram-sha-256",
                                                           "googlelogin",
                                                           "sharedkey",
                                                           "sharedkeylite",
                                                           "signature",
                                                           "aws",
                                                           "aws4-hmac-sha256",
                                                           "aws4-ecdsa-p256-sha256",
                                                           "goog4-hmac-sha256",
                                                           "goog4-rsa-sha256",
                                                           "concealed",
                                                           "snowflake"});

constexpr auto kCookieAttributes =
    std::to_array<std::string_view>({"expires", "max-age", "domain", "path", "secure", "httponly",
                                     "samesite", "partitioned", "priority"});

template <std::size_t n>
bool IsOneOf(const std::array<std::string_view, n>& words, std::string_view word) {
  return std::ranges::any_of(words,
                             [word](std::string_view w) { return EqualsIgnoreCase(w, word); });
}

void FindAuthorization(std::string_view value, std::vector<SecretSpan>& spans) {
  std::size_t begin = value.find(' ');
  if (begin == std::string_view::npos || !IsOneOf(kSchemes, value.substr(0, begin))) {
    begin = 0;
  } else {
    begin = std::min(value.find_first_not_of(' ', begin), value.size());
  }
  spans.push_back({begin, value.size()});
}

// The end of the cookie at `begin`: its semicolon, but not one in a quoted value.
std::size_t EndOfCookie(std::string_view value, std::size_t begin) {
  std::size_t end = value.find_first_of("=;", begin);
  if (end == std::string_view::npos || value[end] == ';') return std::min(end, value.size());
  if (end + 1 < value.size() && value[end + 1] == '"') end = value.find('"', end + 2);
  return std::min(value.find(';', end), value.size());
}

// A cookie without a name is all value.
void FindCookie(std::string_view value, std::size_t begin, std::size_t end,
                std::vector<SecretSpan>& spans) {
  begin = std::min(value.find_first_not_of(" \t", begin), end);
  const std::size_t equals = value.find('=', begin);
  spans.push_back({equals < end ? equals + 1 : begin, end});
}

// Servers fold several Set-Cookie fields into one, though they must not: an attribute that goes on
// with a comma may hide the next cookie. Only the date of `expires` has one, and no "=".
bool IsPlainAttribute(std::string_view attribute) {
  const auto equals = attribute.find('=');
  const std::string_view name = TrimBlanks(attribute.substr(0, equals));
  if (!IsOneOf(kCookieAttributes, name)) return false;
  if (equals == std::string_view::npos) return true;
  const std::string_view value = attribute.substr(equals + 1);
  return !value.contains('=') && (!value.contains(',') || EqualsIgnoreCase(name, "expires"));
}

void FindCookies(std::string_view value, bool attributes, std::vector<SecretSpan>& spans) {
  for (std::size_t begin = 0; begin < value.size();) {
    const std::size_t end = EndOfCookie(value, begin);
    if (begin == 0 || !attributes || !IsPlainAttribute(value.substr(begin, end - begin))) {
      FindCookie(value, begin, end, spans);
    }
    begin = end + 1;
  }
}

}  // namespace

bool IsCredentialHeader(std::string_view name) {
  if (name.empty() || name.size() > kLongest) return false;
  const NameSet& long_so = kByLength[name.size()];
  const NameSet& end_so = kByEnd[static_cast<unsigned char>(name.back())];
  for (std::size_t half = 0; half < 2; ++half) {
    for (std::uint64_t left = long_so[half] & end_so[half]; left != 0; left &= left - 1) {
      const auto i = half * 64 + static_cast<std::size_t>(std::countr_zero(left));
      if (EqualsIgnoreCase(kNames[i], name)) return true;
    }
  }
  return false;
}

void FindCredentials(std::string_view name, std::string_view value,
                     std::vector<SecretSpan>& spans) {
  if (EqualsIgnoreCase(name, "cookie")) return FindCookies(value, false, spans);
  if (EqualsIgnoreCase(name, "set-cookie")) return FindCookies(value, true, spans);
  constexpr std::string_view kAuthorization = "authorization";
  if (name.size() >= kAuthorization.size() &&
      EqualsIgnoreCase(name.substr(name.size() - kAuthorization.size()), kAuthorization)) {
    return FindAuthorization(value, spans);
  }
  spans.push_back({0, value.size()});
}

}  // namespace gotls
