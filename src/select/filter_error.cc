#include "select/filter_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "decode/body/ascii.h"

namespace gotls {
namespace {

constexpr std::size_t kShownBefore = 50;  // characters around the place, of a long expression
constexpr std::size_t kShownAfter = 25;

// One text a character, harmless to the eye: control characters, also those of a tab or a line
// break, are shown as blanks, so that the mark stands below its place.
std::vector<std::string> Characters(std::string_view text) {
  std::vector<std::string> characters;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) == 0x80 && !characters.empty()) {
      characters.back() += c;
    } else {
      characters.emplace_back(1, byte < 0x20 || byte == 0x7f ? ' ' : c);
    }
  }
  return characters;
}

// Edits that lead from one word to the other: letters put in, taken out, changed.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const bool same = ToLowerAscii(a[i]) == ToLowerAscii(b[j]);
      const std::size_t changed = diagonal + (same ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

Error DescribeFilterError(std::string_view expression, const FilterError& error) {
  const std::vector<std::string> all = Characters(expression);
  const std::size_t column = Characters(expression.substr(0, error.offset)).size();
  const std::size_t from = column > kShownBefore ? column - kShownBefore : 0;
  const std::size_t to = std::min(all.size(), column + kShownAfter);
  std::string shown = from > 0 ? "..." : "";
  const std::size_t mark = shown.size() + column - from;
  for (std::size_t i = from; i < to; ++i) shown += all[i];
  if (to < all.size()) shown += "...";
  return Error{
      ErrorKind::kUsage,
      fmt::format("column {}: {}\n  {}\n  {:>{}}", column + 1, error.what, shown, '^', mark + 1),
      "filter",
      {}};
}

std::string_view ClosestWord(std::string_view word, std::span<const std::string_view> candidates) {
  constexpr std::size_t kLongest = 32;  // longer is no slip of a name
  if (word.size() > kLongest) return {};
  std::string_view best;
  std::size_t best_distance = word.size() < 4 ? 2 : 3;  // the first that is too far
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = Distance(word, candidate);
    if (distance >= best_distance) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

}  // namespace gotls
