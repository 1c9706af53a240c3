// Values of parameters in URLs and in forms.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "select/regex.h"
#include "select/spans.h"

namespace gotls {

enum class QueryPlace : std::uint8_t {
  kTarget,  // a path or URL, all of the text: parameters begin behind ? or #
  kText,    // a header value that may have a URL in it: as kTarget, and blanks, quotes, > end it
  kForm,    // application/x-www-form-urlencoded: a parameter is there from the first byte
};

// Adds the values of the parameters whose decoded name `names` matches as a whole. Linear.
void FindQueryValues(std::string_view text, QueryPlace place, const Regex& names,
                     std::vector<SecretSpan>& spans);

}  // namespace gotls
