// --redact RULE: what a user wants hidden beside the defaults.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gotls/error.h"
#include "select/redact_regex.h"
#include "select/regex.h"

namespace gotls {

struct RedactRules {
  static constexpr std::size_t kMaxRules = 256;

  // Names and globs of names, case ignored, all of a kind in one; none: no such rule.
  std::optional<Regex> headers;         // header:NAME
  std::optional<Regex> json;            // json:KEY
  std::optional<Regex> query;           // query:NAME
  std::vector<SecretPattern> patterns;  // regex:PATTERN

  // Rules that look into texts: bodies, messages, paths, headers' values. header: needs but a name.
  [[nodiscard]] bool LookIntoTexts() const { return json || query || !patterns.empty(); }
};

// An error (kUsage) quotes the rule.
Result<RedactRules> ParseRedactRules(std::span<const std::string> rules);

}  // namespace gotls
