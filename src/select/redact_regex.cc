#include "select/redact_regex.h"

#include <algorithm>
#include <cstdint>

#include "select/regex_beginning.h"

namespace gotls {
namespace {

// Each match is a search of its own, and a pattern like "x.*y|x" reads to the end of the text in
// each. When the searches may have read so much, all the rest of the text goes.
constexpr std::uint64_t kMaxRead = 256 << 20;

// What goes from the end of a cut text when it is not known what a match may begin with.
constexpr std::size_t kBlindTail = 4096;

}  // namespace

std::expected<SecretPattern, std::string> SecretPattern::Compile(std::string_view pattern) {
  auto whole = Regex::Compile(pattern);
  if (!whole) return std::unexpected(whole.error());
  std::optional<Regex> beginning;
  if (const auto text = BeginningPattern(pattern)) {
    if (auto compiled = Regex::Compile(*text)) beginning = *std::move(compiled);
  }
  return SecretPattern(*std::move(whole), std::move(beginning));
}

void SecretPattern::Find(std::string_view text, bool cut, std::vector<SecretSpan>& spans) const {
  std::uint64_t read = 0;
  for (std::size_t from = 0; from < text.size();) {
    read += text.size() - from;
    if (read > kMaxRead) {
      spans.push_back({from, text.size()});
      return;
    }
    const auto match = whole_.Find(text, from);
    if (!match) break;
    if (match->begin < match->end) spans.push_back({match->begin, match->end});
    from = std::max(match->end, match->begin + 1);
  }
  if (!cut) return;
  if (!beginning_) {
    spans.push_back({text.size() - std::min(text.size(), kBlindTail), text.size()});
  } else if (const auto match = beginning_->Find(text, 0)) {
    spans.push_back({match->begin, text.size()});
  }
}

}  // namespace gotls
