#include "select/redact_rules.h"

#include <fmt/format.h>

#include <string_view>

namespace gotls {
namespace {

// The patterns of one kind's globs, joined by |.
struct Globs {
  std::string headers;
  std::string json;
  std::string query;
};

std::unexpected<Error> BadRule(std::string what, std::string_view rule, std::string hint = {}) {
  return Fail(ErrorKind::kUsage, std::move(what), fmt::format("redaction rule '{}'", rule),
              std::move(hint));
}

void AddGlob(std::string& pattern, std::string_view glob) {
  if (!pattern.empty()) pattern += '|';
  pattern += GlobPattern(glob);
}

Result<void> AddRule(std::string_view rule, Globs& globs, RedactRules& rules) {
  const auto colon = rule.find(':');
  const std::string_view kind = rule.substr(0, colon);
  const bool known = kind == "header" || kind == "json" || kind == "query" || kind == "regex";
  if (!known || colon == std::string_view::npos) {
    return BadRule("unknown kind of rule", rule,
                   "rules are header:NAME, json:KEY, query:NAME, regex:PATTERN");
  }
  const std::string_view value = rule.substr(colon + 1);
  if (value.empty()) return BadRule("nothing behind the colon", rule);
  if (kind == "header") AddGlob(globs.headers, value);
  if (kind == "json") AddGlob(globs.json, value);
  if (kind == "query") AddGlob(globs.query, value);
  if (kind != "regex") return {};
  auto pattern = SecretPattern::Compile(value);
  if (!pattern) return BadRule("bad regular expression: " + pattern.error(), rule);
  rules.patterns.push_back(*std::move(pattern));
  return {};
}

Result<void> CompileGlobs(const std::string& pattern, std::string_view kind,
                          std::optional<Regex>& out) {
  if (pattern.empty()) return {};
  auto regex = Regex::Compile(pattern, LetterCase::kIgnored);
  if (!regex)
    return BadRule(regex.error(), fmt::format("{}:...", kind), "use fewer or shorter names");
  out = *std::move(regex);
  return {};
}

}  // namespace

Result<RedactRules> ParseRedactRules(std::span<const std::string> rules) {
  if (rules.size() > RedactRules::kMaxRules) {
    return Fail(ErrorKind::kUsage,
                fmt::format("more than {} redaction rules", RedactRules::kMaxRules));
  }
  RedactRules parsed;
  Globs globs;
  for (const std::string& rule : rules) {
    if (auto added = AddRule(rule, globs, parsed); !added) return std::unexpected(added.error());
  }
  auto compiled = CompileGlobs(globs.headers, "header", parsed.headers);
  if (compiled) compiled = CompileGlobs(globs.json, "json", parsed.json);
  if (compiled) compiled = CompileGlobs(globs.query, "query", parsed.query);
  if (!compiled) return std::unexpected(compiled.error());
  return parsed;
}

}  // namespace gotls
