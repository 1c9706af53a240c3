#include "sink/hexdump.h"

#include <algorithm>

namespace gotls {
namespace {

constexpr char kDigits[] = "0123456789abcdef";
constexpr std::size_t kPerLine = 16;

void AppendHexNumber(std::string& out, std::uint64_t value) {
  const int digits = value > 0xffffffff ? 16 : 8;
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += kDigits[value >> shift & 15];
}

// "47 45 54 20 2f 20 48 54  54 50 ...  |GET / HTTP/1.1..|", the text column in place for short
// lines too.
void AppendLine(std::string& out, Bytes bytes) {
  char line[2 + 3 * kPerLine + 2 + 1 + kPerLine + 2];
  std::fill(std::begin(line), std::end(line), ' ');
  char* const text = line + 3 * kPerLine + 2;
  *text = '|';
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = std::to_integer<unsigned>(bytes[i]);
    char* const hex = line + 3 * i + (i >= kPerLine / 2 ? 1 : 0);
    hex[0] = kDigits[byte >> 4];
    hex[1] = kDigits[byte & 15];
    text[1 + i] = byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '.';
  }
  char* end = text + 1 + bytes.size();
  *end++ = '|';
  *end++ = '\n';
  out.append(line, static_cast<std::size_t>(end - line));
}

}  // namespace

void AppendHexdump(std::string& out, std::string_view gutter, std::uint64_t position, Bytes bytes) {
  while (!bytes.empty()) {
    const Bytes line = bytes.first(std::min(bytes.size(), kPerLine));
    out.append(gutter);
    AppendHexNumber(out, position);
    out += "  ";
    AppendLine(out, line);
    bytes = bytes.subspan(line.size());
    position += line.size();
  }
}

}  // namespace gotls
