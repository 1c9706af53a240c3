// Takes secrets out of what decoders found, before anything is shown, stored or sent.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "decode/body/media_type.h"
#include "gotls/error.h"
#include "gotls/exchange.h"
#include "gotls/records.h"
#include "select/redact_rules.h"
#include "select/spans.h"

namespace gotls {

struct RedactOptions {
  bool defaults = true;            // headers that carry credentials
  std::vector<std::string> rules;  // of --redact: header:, json:, query:, regex:
};

// Replaces secrets by "[redacted]". A second Apply on the same data changes nothing. Bounded by the
// size of the data; safe with hostile data.
class Redactor {
 public:
  // Content that can't be searched as it is, while there are rules for content, is replaced by
  // this.
  static constexpr std::string_view kWithheld = "[not decoded: withheld by redaction rules]";

  static Result<Redactor> Make(const RedactOptions& options);

  // Every text of the exchange that an output shows. A decoder goes on reading and filling an
  // exchange that is still open: then pass a copy.
  void Apply(const Connection& connection, Exchange& exchange);
  void Apply(const Connection& connection, const Exchange& exchange, Message& message);

  // How many parts were replaced so far.
  [[nodiscard]] std::uint64_t redacted() const { return redacted_; }

 private:
  // What a text is, and so which rules look into it. All are searched for regexes.
  enum class Place : std::uint8_t { kPlain, kTarget, kHeader, kContent, kForm, kFields };

  Redactor(bool defaults, RedactRules rules) : defaults_(defaults), rules_(std::move(rules)) {}

  void ApplyTo(const Exchange& exchange, HttpMessage& message);
  void ApplyTo(Body& body, const MediaType& media, Application application);
  void ApplyTo(HeaderField& field);
  // `cut`: the text went on; what may be the beginning of a secret goes, too.
  void ApplyTo(std::string& text, Place place, bool cut = false);
  void Withhold(std::string& content);
  [[nodiscard]] std::vector<SecretSpan> FindSecrets(std::string_view text, Place place,
                                                    bool cut) const;

  bool defaults_;
  RedactRules rules_;
  std::uint64_t redacted_ = 0;
};

}  // namespace gotls
