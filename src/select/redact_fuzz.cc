// Any bytes around a secret: it never survives, the second time changes nothing, and the work is
// bounded.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "select/redact.h"
#include "select/test_dump.h"
#include "select/test_subject.h"

namespace {

using gotls::Redactor;

constexpr std::string_view kSecret = "S3CR3T";

void Check(bool holds) {
  if (!holds) std::abort();
}

Redactor& MadeWith(std::vector<std::string> rules) {
  return *new Redactor(*Redactor::Make({true, std::move(rules)}));
}

void CheckApply(Redactor& redactor, gotls::Exchange exchange) {
  const gotls::Connection connection;
  redactor.Apply(connection, exchange);
  const std::string once = gotls::testing::Dump(exchange);
  Check(!once.contains(kSecret));
  redactor.Apply(connection, exchange);
  Check(gotls::testing::Dump(exchange) == once);
}

void CheckJson(const std::string& before, const std::string& after) {
  static Redactor& redactor = MadeWith({"json:pw"});
  gotls::Exchange exchange = gotls::testing::MakeExchange();
  exchange.response.headers.clear();  // JSON by its type is withheld when it is not UTF-8
  exchange.response.body.content = before + "{\"pw\":\"" + std::string(kSecret) + "\"}" + after;
  CheckApply(redactor, exchange);
}

void CheckQuery(const std::string& before, const std::string& after) {
  static Redactor& redactor = MadeWith({"query:token"});
  gotls::Exchange exchange = gotls::testing::MakeExchange();
  exchange.path = "/?" + before + "&token=" + std::string(kSecret) + after;
  exchange.response.headers = {{"location", exchange.path}};
  exchange.request.headers.clear();
  exchange.request.body.content = before + "&token=" + std::string(kSecret) + after;
  CheckApply(redactor, exchange);
}

void CheckRegex(const std::string& before, const std::string& after) {
  static Redactor& redactor = MadeWith({"regex:S3C[A-Z]3T\\w*", "regex:[a-d]+\\]?", "json:*a"});
  gotls::Exchange exchange = gotls::testing::MakeExchange();
  exchange.path = exchange.host = exchange.detail = before + std::string(kSecret) + after;
  exchange.response.headers.clear();
  exchange.response.body.content = before + std::string(kSecret) + after + "S3CR";
  exchange.response.body.truncated = true;
  CheckApply(redactor, exchange);
}

void CheckHeaders(const std::string& before, const std::string& after) {
  static Redactor& redactor = MadeWith({});
  gotls::Exchange exchange = gotls::testing::MakeExchange();
  const std::string secret(kSecret);
  exchange.request.headers = {{"authorization", "Bearer " + secret + after},
                              {"authorization", "Basic " + before + secret},
                              {"x-api-key", before + secret + after},
                              {"cookie", "a=" + secret + after}};
  exchange.response.headers = {{"set-cookie", "a=" + secret + "; " + after}};
  CheckApply(redactor, exchange);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (rest.contains(kSecret)) return 0;
  const std::size_t split = rest.empty() ? 0 : data[0] % (rest.size() + 1);
  const std::string before(rest.substr(0, split));
  const std::string after(rest.substr(split));
  constexpr std::array kChecks = {CheckJson, CheckQuery, CheckRegex, CheckHeaders};
  kChecks[data[1] % kChecks.size()](before, after);
  return 0;
}
