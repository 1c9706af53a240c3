#include "sink/safe_text.h"

#include <fmt/format.h>

#include <iterator>

#include "sink/plain_run.h"
#include "sink/utf8.h"

namespace gotls {
namespace {

constexpr std::size_t kMaxEscapedPercent = 15;

struct Range {
  char32_t first;
  char32_t last;
};

// Beyond ASCII: what moves the cursor, reorders text or can't be seen. Joiners (U+200C, U+200D)
// stay: scripts and emoji need them.
constexpr Range kHarmful[] = {
    {0x80, 0x9f},        // C1: U+009B begins an escape sequence
    {0x61c, 0x61c},      // Arabic letter mark
    {0x200b, 0x200b},    // zero width space
    {0x200e, 0x200f},    // direction marks
    {0x2028, 0x202e},    // line and paragraph separators, embeddings and overrides
    {0x2060, 0x206f},    // invisible operators, isolates, deprecated format characters
    {0xfeff, 0xfeff},    // byte order mark
    {0xfff9, 0xfffb},    // annotations
    {0xe0000, 0xe0fff},  // tags, variation selectors
};

bool IsHarmful(char32_t code) {
  for (const Range& range : kHarmful) {
    if (code >= range.first && code <= range.last) return true;
  }
  return false;
}

void AppendByteEscape(std::string& out, char c) {
  constexpr char kDigits[] = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  const char escape[] = {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
  out.append(escape, sizeof(escape));
}

struct Step {
  std::size_t size;  // of the character in the input
  bool escaped;
};

// Appends the first character of `text`, which is not printable ASCII.
Step AppendOther(std::string& out, std::string_view text) {
  const Utf8Char decoded = DecodeUtf8(text);
  if (decoded.size <= 1) {
    AppendByteEscape(out, text[0]);
    return {1, true};
  }
  if (!IsHarmful(decoded.code)) {
    out.append(text.substr(0, decoded.size));
    return {decoded.size, false};
  }
  const auto code = static_cast<std::uint32_t>(decoded.code);
  if (code > 0xffff) {
    fmt::format_to(std::back_inserter(out), "\\U{:08x}", code);
  } else {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", code);
  }
  return {decoded.size, true};
}

std::size_t PrintableRun(std::string_view text) { return PlainRun<'\0', '\0'>(text); }

}  // namespace

void AppendSafe(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t run = PrintableRun(text);
    out.append(text.substr(0, run));
    text.remove_prefix(run);
    if (text.empty()) return;
    switch (text[0]) {
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        text.remove_prefix(AppendOther(out, text).size - 1);
    }
    text.remove_prefix(1);
  }
}

bool AppendSafeLines(std::string& out, std::string_view gutter, std::string_view text) {
  const std::size_t begin = out.size();
  const std::size_t max_escaped = text.size() * kMaxEscapedPercent / 100;
  std::size_t escaped = 0;
  bool line_begun = false;
  while (!text.empty()) {
    if (text[0] == '\n' || text.starts_with("\r\n")) {
      if (!line_begun) out.append(gutter.substr(0, gutter.size() - 1));
      out += '\n';
      line_begun = false;
      text.remove_prefix(text[0] == '\n' ? 1 : 2);
      continue;
    }
    if (!line_begun) out.append(gutter);
    line_begun = true;
    if (const std::size_t run = PrintableRun(text); run > 0) {
      out.append(text.substr(0, run));
      text.remove_prefix(run);
    } else if (text[0] == '\t') {
      out += '\t';
      text.remove_prefix(1);
    } else {
      const Step step = AppendOther(out, text);
      text.remove_prefix(step.size);
      if (step.escaped) escaped += step.size;
      if (escaped > max_escaped) {
        out.resize(begin);
        return false;
      }
    }
  }
  if (line_begun) out += '\n';
  return true;
}

}  // namespace gotls
