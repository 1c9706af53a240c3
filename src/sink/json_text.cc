#include "sink/json_text.h"

#include <array>
#include <charconv>
#include <cstring>

#include "sink/fraction.h"
#include "sink/plain_run.h"
#include "sink/utf8.h"

namespace gotls {
namespace {

constexpr std::size_t kMaxDigits = 20;
constexpr std::size_t kMaxGrowth = 6;  // a byte becomes \u001b at most

char* Put(char* to, std::string_view text) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

char* PutUnicodeEscape(char* to, unsigned code) {
  constexpr char kDigits[] = "0123456789abcdef";
  const char escape[] = {'\\', 'u', '0', '0', kDigits[code >> 4 & 15], kDigits[code & 15]};
  return Put(to, {escape, sizeof(escape)});
}

// The letter behind the backslash, for those that have a short form.
constexpr auto kShortEscapes = [] {
  std::array<char, 128> letters{};
  letters['"'] = '"';
  letters['\\'] = '\\';
  letters['\n'] = 'n';
  letters['\r'] = 'r';
  letters['\t'] = 't';
  letters['\b'] = 'b';
  letters['\f'] = 'f';
  return letters;
}();

char* PutAscii(char* to, unsigned char c) {
  if (kShortEscapes[c] == 0) return PutUnicodeEscape(to, c);
  *to++ = '\\';
  *to++ = kShortEscapes[c];
  return to;
}

// Appends until the first byte that is not UTF-8; returns how far it came. Runs between escapes are
// short in JSON and HTML, so they are copied by hand and not through the string.
std::size_t AppendContent(std::string& out, std::string_view text) {
  std::size_t at = 0;
  const std::size_t begin = out.size();
  out.resize_and_overwrite(begin + kMaxGrowth * text.size(), [&](char* data, std::size_t) {
    char* to = data + begin;
    while (at < text.size()) {
      const std::size_t run = CopyPlainRun<'"', '\\'>(to, text.substr(at));
      to += run;
      at += run;
      if (at == text.size()) break;
      if (const auto byte = static_cast<unsigned char>(text[at]); byte < 0x80) {
        to = PutAscii(to, byte);
        ++at;
        continue;
      }
      const Utf8Char decoded = DecodeUtf8(text.substr(at));
      if (decoded.size == 0) break;
      if (decoded.code < 0xa0) {
        to = PutUnicodeEscape(to, static_cast<unsigned>(decoded.code));
      } else {
        to = Put(to, text.substr(at, decoded.size));
      }
      at += decoded.size;
    }
    return static_cast<std::size_t>(to - data);
  });
  return at;
}

constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Two characters for each 12 bits.
constexpr auto kBase64Pairs = [] {
  std::array<std::array<char, 2>, 4096> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = {kBase64[i >> 6], kBase64[i & 63]};
  return pairs;
}();

}  // namespace

void AppendJsonString(std::string& out, std::string_view text) {
  out += '"';
  for (;;) {
    text.remove_prefix(AppendContent(out, text));
    if (text.empty()) break;
    out += "\xef\xbf\xbd";
    text.remove_prefix(1);
  }
  out += '"';
}

bool AppendJsonStringIfUtf8(std::string& out, std::string_view text) {
  const std::size_t begin = out.size();
  out += '"';
  if (AppendContent(out, text) < text.size()) {
    out.resize(begin);
    return false;
  }
  out += '"';
  return true;
}

void AppendBase64(std::string& out, Bytes bytes) {
  const auto byte = [&bytes](std::size_t i) { return std::to_integer<unsigned>(bytes[i]); };
  const std::size_t begin = out.size();
  out.resize(begin + (bytes.size() + 2) / 3 * 4);
  char* to = out.data() + begin;
  std::size_t at = 0;
  for (; at + 3 <= bytes.size(); at += 3, to += 4) {
    const unsigned word = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
    std::memcpy(to, kBase64Pairs[word >> 12].data(), 2);
    std::memcpy(to + 2, kBase64Pairs[word & 4095].data(), 2);
  }
  if (at == bytes.size()) return;
  const bool two = bytes.size() - at == 2;
  const unsigned word = byte(at) << 16 | (two ? byte(at + 1) << 8 : 0);
  std::memcpy(to, kBase64Pairs[word >> 12].data(), 2);
  to[2] = two ? kBase64[word >> 6 & 63] : '=';
  to[3] = '=';
}

void AppendNumber(std::string& out, std::uint64_t number) {
  if (number < 10) {  // many are
    out += static_cast<char>('0' + number);
    return;
  }
  char digits[kMaxDigits];  // not in place: short strings have no room for the longest number
  const auto end = std::to_chars(digits, digits + kMaxDigits, number).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

void AppendNumber(std::string& out, std::string_view key, std::uint64_t number) {
  const std::size_t begin = out.size();
  out.resize_and_overwrite(begin + key.size() + kMaxDigits, [&](char* data, std::size_t) {
    char* const to = Put(data + begin, key);
    return static_cast<std::size_t>(std::to_chars(to, to + kMaxDigits, number).ptr - data);
  });
}

void AppendMillionth(std::string& out, std::uint64_t number) {
  char digits[7];
  WriteFraction<6>(digits, number);
  AppendNumber(out, number / 1'000'000);
  out.append(digits, sizeof(digits));
}

}  // namespace gotls
