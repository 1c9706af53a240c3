// Matches of a user's pattern, all of them.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "select/regex.h"
#include "select/spans.h"

namespace gotls {

class SecretPattern {
 public:
  static std::expected<SecretPattern, std::string> Compile(std::string_view pattern);

  // Adds all matches. `cut`: the text went on, and its end may be the beginning of a match.
  void Find(std::string_view text, bool cut, std::vector<SecretSpan>& spans) const;

 private:
  SecretPattern(Regex whole, std::optional<Regex> beginning)
      : whole_(std::move(whole)), beginning_(std::move(beginning)) {}

  Regex whole_;
  std::optional<Regex> beginning_;  // at the end of a text; none: it could not be made
};

}  // namespace gotls
