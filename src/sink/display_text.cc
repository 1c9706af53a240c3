#include "sink/display_text.h"

#include <algorithm>
#include <cstdint>

#include "sink/plain_run.h"
#include "sink/utf8.h"

namespace gotls {
namespace {

constexpr std::string_view kEllipsis = "…";

struct Range {
  char32_t first;
  char32_t last;
};

constexpr Range kCombining[] = {{0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},
                                {0x610, 0x61a},   {0x64b, 0x65f},   {0x1ab0, 0x1aff},
                                {0x1dc0, 0x1dff}, {0x200c, 0x200d}, {0x20d0, 0x20f0},
                                {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};

constexpr Range kWide[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},
                           {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
                           {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f},
                           {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};

template <std::size_t kCount>
bool IsIn(const Range (&ranges)[kCount], char32_t code) {
  return std::ranges::any_of(
      ranges, [code](const Range& range) { return code >= range.first && code <= range.last; });
}

std::size_t WidthOf(char32_t code) {
  if (code < 0x300) return 1;
  if (IsIn(kCombining, code)) return 0;
  return IsIn(kWide, code) ? 2 : 1;
}

// One character; what is not UTF-8 counts as one column a byte.
struct Step {
  std::size_t bytes;
  std::size_t columns;
};

Step NextStep(std::string_view text) {
  const Utf8Char decoded = DecodeUtf8(text);
  if (decoded.size == 0) return {1, 1};
  return {decoded.size, WidthOf(decoded.code)};
}

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// The longest beginning of `text` that fits.
Step Head(std::string_view text, std::size_t columns) {
  Step head{0, 0};
  while (head.bytes < text.size()) {
    const Step step = NextStep(text.substr(head.bytes));
    if (head.columns + step.columns > columns) break;
    head.bytes += step.bytes;
    head.columns += step.columns;
  }
  return head;
}

// The longest end of `text` that fits.
Step Tail(std::string_view text, std::size_t columns) {
  Step tail{0, 0};
  while (tail.bytes < text.size()) {
    std::size_t begin = text.size() - tail.bytes - 1;
    while (begin > 0 && text.size() - begin < tail.bytes + 4 && IsContinuation(text[begin])) {
      --begin;
    }
    const std::size_t bytes = text.size() - tail.bytes - begin;
    Step step = NextStep(text.substr(begin, bytes));
    if (step.bytes != bytes) step = {1, 1};
    if (tail.columns + step.columns > columns) break;
    tail.bytes += step.bytes;
    tail.columns += step.columns;
  }
  return tail;
}

// Whether `text` fits; then it is appended. `width` is what it takes. No more of it is looked at
// than matters.
bool AppendIfFits(std::string& out, std::string_view text, std::size_t columns,
                  std::size_t& width) {
  if (text.size() <= columns && PlainRun<'\0', '\0'>(text) == text.size()) {
    width = text.size();
  } else {
    const Step head = Head(text, columns);
    if (head.bytes < text.size()) return false;
    width = head.columns;
  }
  out += text;
  return true;
}

}  // namespace

std::size_t DisplayWidth(std::string_view text) {
  std::size_t width = PlainRun<'\0', '\0'>(text);
  text.remove_prefix(width);
  while (!text.empty()) {
    const Step step = NextStep(text);
    text.remove_prefix(step.bytes);
    width += step.columns;
  }
  return width;
}

std::size_t AppendCutEnd(std::string& out, std::string_view text, std::size_t columns) {
  std::size_t width = 0;
  if (AppendIfFits(out, text, columns, width)) return width;
  if (columns == 0) return 0;
  const Step head = Head(text, columns - 1);
  out += text.substr(0, head.bytes);
  out += kEllipsis;
  return head.columns + 1;
}

std::size_t AppendCutBegin(std::string& out, std::string_view text, std::size_t columns) {
  std::size_t width = 0;
  if (AppendIfFits(out, text, columns, width)) return width;
  if (columns == 0) return 0;
  const Step tail = Tail(text, columns - 1);
  out += kEllipsis;
  out += text.substr(text.size() - tail.bytes);
  return tail.columns + 1;
}

std::size_t AppendCutMiddle(std::string& out, std::string_view text, std::size_t columns) {
  std::size_t width = 0;
  if (AppendIfFits(out, text, columns, width)) return width;
  if (columns < 3) return AppendCutEnd(out, text, columns);
  const Step head = Head(text, (columns - 1) / 2);
  const Step tail = Tail(text, columns - 1 - head.columns);
  out += text.substr(0, head.bytes);
  out += kEllipsis;
  out += text.substr(text.size() - tail.bytes);
  return head.columns + 1 + tail.columns;
}

void CutLastLine(std::string& out, std::size_t columns) {
  if (!out.ends_with('\n')) return;
  const std::size_t end = out.size() - 1;
  std::size_t at = end == 0 ? 0 : out.rfind('\n', end - 1) + 1;  // npos + 1 is 0
  std::size_t cut = at;  // where the line ends when it has to be cut
  std::size_t width = 0;
  bool colored = false;
  while (at < end) {
    if (out[at] == '\x1b') {
      colored = true;
      at = std::min(out.find('m', at), end - 1) + 1;
      continue;
    }
    const Step step = NextStep(std::string_view(out).substr(at, end - at));
    width += step.columns;
    if (width > columns) break;
    at += step.bytes;
    if (width < columns) cut = at;
  }
  if (at >= end) return;
  out.resize(cut);
  out += kEllipsis;
  if (colored) out += "\x1b[0m";
  out += '\n';
}

}  // namespace gotls
