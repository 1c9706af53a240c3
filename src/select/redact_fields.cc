#include "select/redact_fields.h"

#include <algorithm>

namespace gotls {
namespace {

// Behind the line at `begin`, without its line break.
std::size_t EndOfLine(std::string_view text, std::size_t begin) {
  return std::min(text.find('\n', begin), text.size());
}

// Where the message ends whose lines begin at `begin`: at its brace, or with the text.
std::size_t EndOfMessage(std::string_view text, std::size_t begin) {
  std::size_t depth = 1;
  while (begin < text.size()) {
    const std::size_t end = EndOfLine(text, begin);
    const std::string_view line = text.substr(begin, end - begin);
    // Braces of strings are in quotes.
    if (line.ends_with('{')) ++depth;
    if (line.ends_with('}') && --depth == 0) return end - 1;
    begin = end + 1;
  }
  return text.size();
}

SecretSpan ValueOfLine(std::string_view text, std::size_t begin, std::size_t end) {
  begin = std::min(text.find_first_not_of(' ', begin), end);
  const bool quoted = end - begin >= 2 && text[begin] == '"' && text[end - 1] == '"';
  return quoted ? SecretSpan{begin + 1, end - 1} : SecretSpan{begin, end};
}

}  // namespace

void FindFieldValues(std::string_view text, const Regex& keys, std::vector<SecretSpan>& spans) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    std::size_t end = EndOfLine(text, begin);
    const std::size_t name = std::min(text.find_first_not_of(' ', begin), end);
    const std::size_t name_end = std::min(text.find_first_of(": {\n", name), end);
    if (name_end < end && keys.FullMatch(text.substr(name, name_end - name))) {
      if (text[name_end] == ':') {
        spans.push_back(ValueOfLine(text, name_end + 1, end));
      } else if (text[end - 1] == '{') {
        const std::size_t inner = end;
        end = EndOfMessage(text, end + 1);
        spans.push_back({inner, std::max(inner, end)});
        end = EndOfLine(text, end);
      }
    }
    begin = end + 1;
  }
}

}  // namespace gotls
