// Regular expressions that hostile text can't slow down: RE2, linear in the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace gotls {

enum class LetterCase : std::uint8_t { kMatters, kIgnored };

// A part of a text: [begin, end).
struct TextRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool operator==(const TextRange&) const = default;
};

// Works on bytes, not on characters: what comes from the network need not be UTF-8, and a "." that
// refuses a broken character would end a match too early.
class Regex {
 public:
  // The error is RE2's words about the pattern: "missing ): (abc".
  static std::expected<Regex, std::string> Compile(std::string_view pattern,
                                                   LetterCase letter_case = LetterCase::kMatters);

  [[nodiscard]] bool Search(std::string_view text) const;
  [[nodiscard]] bool FullMatch(std::string_view text) const;
  // The leftmost match that begins at `from` or later; it may be empty.
  [[nodiscard]] std::optional<TextRange> Find(std::string_view text, std::size_t from) const;

 private:
  explicit Regex(std::shared_ptr<const re2::RE2> re) : re_(std::move(re)) {}

  std::shared_ptr<const re2::RE2> re_;  // shared: it can't be copied, and never changes
};

// The pattern of a glob: * for any run of bytes, ? for one, anything else for itself.
std::string GlobPattern(std::string_view glob);

}  // namespace gotls
