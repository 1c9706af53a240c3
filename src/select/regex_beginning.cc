#include "select/regex_beginning.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

namespace gotls {
namespace {

constexpr std::size_t kMaxSize = 32 << 10;
constexpr int kMaxDepth = 100;  // of groups

// A part of a pattern. With  B(x) = what a text of x can begin with, but for nothing and all of it:
//   B of one character: nothing
//   B of x{n,m}:        x{0,m} B(x)?
//   B of a|b:           all of a, B(a), all of b, B(b)
//   B of e1 e2 e3:      B(e1) | e1 (B(e2) | e2 (B(e3) | e3)?)?
struct Part {
  std::string whole;
  std::string beginning;  // B, or more than that; empty: none
};

class BeginningParser {
 public:
  explicit BeginningParser(std::string_view pattern) : rest_(pattern) {}

  std::optional<std::string> Parse() {
    const std::string flags = TakeFlags();
    const Part part = ParseAlternatives();
    if (failed_ || !rest_.empty()) return std::nullopt;
    return fmt::format("{}(?:{})\\z", flags, part.beginning);
  }

 private:
  [[nodiscard]] bool At(char c) const { return !rest_.empty() && rest_.front() == c; }

  std::string Take(std::size_t length) {
    std::string taken(rest_.substr(0, length));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  Part Fail() {
    failed_ = true;
    rest_ = {};
    return {};
  }

  // "(?i)" before everything else; elsewhere it would change what comes behind its group.
  std::string TakeFlags() {
    if (!rest_.starts_with("(?")) return {};
    const auto end = rest_.find_first_not_of("imsU-", 2);
    return end != std::string_view::npos && rest_[end] == ')' ? Take(end + 1) : std::string();
  }

  // Both `whole` and `beginning` have to be put in a group before anything is joined to them.
  Part ParseAlternatives() {
    Part all = ParseRow();
    while (At('|')) {
      Take(1);
      const Part next = ParseRow();
      all.whole += '|' + next.whole;
      all.beginning += '|' + next.beginning;
    }
    return all;
  }

  // `beginning` also matches all of it.
  Part ParseRow() {
    std::vector<Part> parts;
    while (!rest_.empty() && !At('|') && !At(')')) {
      parts.push_back(ParseRepeated());
      size_ += 2 * parts.back().whole.size() + parts.back().beginning.size();
      if (size_ > kMaxSize) Fail();
    }
    Part row;
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
      const std::string behind = row.beginning.empty()
                                     ? part->whole
                                     : fmt::format("{}(?:{})?", part->whole, row.beginning);
      row.beginning =
          part->beginning.empty() ? behind : fmt::format("(?:{}|{})", part->beginning, behind);
      if (row.beginning.size() > kMaxSize) return Fail();
    }
    for (const Part& part : parts) row.whole += part.whole;
    return row;
  }

  Part ParseRepeated() {
    Part part = ParseOne();
    const std::string repetition = TakeRepetition();
    if (repetition.empty()) return part;
    // From x{n,m} to x{0,m}, from x+ to x*.
    std::string fewer = repetition;
    if (fewer.front() == '+') fewer.front() = '*';
    if (fewer.front() == '{') {
      const auto comma = fewer.find(',');
      fewer = "{0," + fewer.substr(comma == std::string::npos ? 1 : comma + 1);
      if (fewer.starts_with("{0,}")) fewer.replace(0, 4, "*");
    }
    Part repeated{part.whole + repetition, part.whole + fewer};
    if (!part.beginning.empty()) repeated.beginning += fmt::format("(?:{})?", part.beginning);
    return repeated;
  }

  std::string TakeRepetition() {
    std::size_t length = 0;
    if (At('*') || At('+') || At('?')) length = 1;
    if (At('{')) {
      const auto end = rest_.find_first_not_of("0123456789,", 1);
      // Else the brace stands for itself.
      if (end != std::string_view::npos && end > 1 && rest_[end] == '}' && rest_[1] != ',') {
        length = end + 1;
      }
    }
    if (length == 0) return {};
    if (length < rest_.size() && rest_[length] == '?') ++length;
    return Take(length);
  }

  // A character, a class, a group, or what matches between characters.
  Part ParseOne() {
    if (At('(')) return ParseGroup();
    if (At('[')) return ParseClass();
    if (At('\\')) return ParseEscape();
    return {Take(1), {}};
  }

  Part ParseGroup() {
    if (depth_ == kMaxDepth) return Fail();
    std::string open = "(?:";
    Take(1);
    if (At('?')) {
      const auto end = rest_.find_first_of(":>)");
      const std::string head = Take(end == std::string_view::npos ? end : end + 1);
      if (head.back() == ')') return Fail();
      if (head.back() == ':') open = '(' + head;
    }
    ++depth_;
    const Part inner = ParseAlternatives();
    --depth_;
    if (!At(')')) return Fail();
    Take(1);
    return {open + inner.whole + ')', open + inner.beginning + ')'};
  }

  Part ParseClass() {
    std::size_t at = rest_.starts_with("[^") ? 2 : 1;
    if (at < rest_.size() && rest_[at] == ']') ++at;
    while (at < rest_.size() && rest_[at] != ']') {
      if (rest_.substr(at).starts_with("[:")) {
        at = std::min(rest_.find(":]", at), rest_.size() - 1) + 1;
      } else if (rest_[at] == '\\') {
        ++at;
      }
      ++at;
    }
    return {Take(at + 1), {}};
  }

  Part ParseEscape() {
    std::size_t length = 2;
    const char kind = rest_.size() > 1 ? rest_[1] : '\0';
    if (kind == 'Q') return Fail();
    if (kind == 'x' || kind == 'p' || kind == 'P') {
      if (rest_.size() > 2 && rest_[2] == '{') {
        length = std::min(rest_.find('}'), rest_.size() - 1) + 1;
      } else {
        length = kind == 'x' ? 4 : 3;
      }
    } else if (kind >= '0' && kind <= '7') {
      while (length < 4 && length < rest_.size() && rest_[length] >= '0' && rest_[length] <= '7') {
        ++length;
      }
    }
    return {Take(length), {}};
  }

  std::string_view rest_;
  std::size_t size_ = 0;  // of what was read so far, as often as it was copied
  int depth_ = 0;
  bool failed_ = false;
};

}  // namespace

std::optional<std::string> BeginningPattern(std::string_view pattern) {
  return BeginningParser(pattern).Parse();
}

}  // namespace gotls
