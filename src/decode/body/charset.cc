#include "decode/body/charset.h"

#include <array>
#include <cstdint>

#include "decode/body/ascii.h"

namespace gotls {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

void AppendCodePoint(std::string& out, std::uint32_t point) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0U | (point >> 6U));
    put(0x80U | (point & 0x3FU));
  } else if (point < 0x10000) {
    put(0xE0U | (point >> 12U));
    put(0x80U | ((point >> 6U) & 0x3FU));
    put(0x80U | (point & 0x3FU));
  } else {
    put(0xF0U | (point >> 18U));
    put(0x80U | ((point >> 12U) & 0x3FU));
    put(0x80U | ((point >> 6U) & 0x3FU));
    put(0x80U | (point & 0x3FU));
  }
}

std::string CleanUtf8(std::string_view content) {
  if (content.starts_with("\xEF\xBB\xBF")) content.remove_prefix(3);
  std::string out;
  out.reserve(content.size());
  for (std::size_t at = 0; at < content.size();) {
    const std::size_t length = Utf8SequenceAt(content, at);
    out += length > 0 ? content.substr(at, length) : kReplacement;
    at += length > 0 ? length : 1;
  }
  return out;
}

// 0x80 to 0x9F of windows-1252; the five unused ones are controls, as browsers have it.
constexpr std::array<std::uint16_t, 32> kWindows1252 = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

std::string FromWindows1252(std::string_view content) {
  std::string out;
  out.reserve(content.size());
  for (const char c : content) {
    const auto byte = static_cast<unsigned char>(c);
    AppendCodePoint(out, byte >= 0x80 && byte < 0xA0 ? kWindows1252[byte - 0x80] : byte);
  }
  return out;
}

class Utf16Units {
 public:
  Utf16Units(std::string_view content, bool big_endian)
      : content_(content), big_endian_(big_endian) {}

  std::size_t size() const { return content_.size() / 2; }

  std::uint32_t operator[](std::size_t index) const {
    const auto first = static_cast<unsigned char>(content_[2 * index]);
    const auto second = static_cast<unsigned char>(content_[2 * index + 1]);
    return big_endian_ ? first * 256U + second : second * 256U + first;
  }

 private:
  std::string_view content_;
  bool big_endian_;
};

std::string FromUtf16(std::string_view content, bool big_endian) {
  if (content.starts_with("\xFF\xFE")) {
    big_endian = false;
    content.remove_prefix(2);
  } else if (content.starts_with("\xFE\xFF")) {
    big_endian = true;
    content.remove_prefix(2);
  }
  const Utf16Units units(content, big_endian);
  std::string out;
  out.reserve(content.size());
  for (std::size_t i = 0; i < units.size(); ++i) {
    const std::uint32_t unit = units[i];
    const bool high = unit >= 0xD800 && unit < 0xDC00;
    if (high && i + 1 < units.size() && units[i + 1] >= 0xDC00 && units[i + 1] < 0xE000) {
      AppendCodePoint(out, 0x10000 + ((unit - 0xD800) << 10U) + (units[++i] - 0xDC00));
    } else if (unit >= 0xD800 && unit < 0xE000) {
      out += kReplacement;
    } else {
      AppendCodePoint(out, unit);
    }
  }
  if (content.size() % 2 != 0) out += kReplacement;
  return out;
}

}  // namespace

std::size_t Utf8SequenceAt(std::string_view text, std::size_t at) {
  const auto byte = [text](std::size_t index) -> unsigned {
    return index < text.size() ? static_cast<unsigned char>(text[index]) : 0;
  };
  const auto continues = [&byte](std::size_t index) { return (byte(index) & 0xC0U) == 0x80; };
  if (at >= text.size()) return 0;
  const unsigned first = byte(at);
  const unsigned second = byte(at + 1);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4 || !continues(at + 1)) return 0;
  if (first < 0xE0) return 2;
  // Neither longer than needed, nor surrogates, nor beyond U+10FFFF.
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second >= 0xA0)) return 0;
  if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second >= 0x90)) return 0;
  if (!continues(at + 2)) return 0;
  if (first < 0xF0) return 3;
  return continues(at + 3) ? 4 : 0;
}

std::optional<Charset> FindCharset(std::string_view name) {
  struct Name {
    std::string_view name;
    Charset charset;
  };
  // Browsers take Latin-1 for windows-1252, because its senders do.
  static constexpr std::array kNames = {Name{"", Charset::kUtf8},
                                        Name{"utf-8", Charset::kUtf8},
                                        Name{"utf8", Charset::kUtf8},
                                        Name{"us-ascii", Charset::kUtf8},
                                        Name{"ascii", Charset::kUtf8},
                                        Name{"iso-8859-1", Charset::kWindows1252},
                                        Name{"iso8859-1", Charset::kWindows1252},
                                        Name{"iso_8859-1", Charset::kWindows1252},
                                        Name{"latin1", Charset::kWindows1252},
                                        Name{"windows-1252", Charset::kWindows1252},
                                        Name{"cp1252", Charset::kWindows1252},
                                        Name{"utf-16", Charset::kUtf16},
                                        Name{"utf-16le", Charset::kUtf16},
                                        Name{"utf-16be", Charset::kUtf16Be}};
  for (const Name& known : kNames) {
    if (EqualsIgnoreCase(name, known.name)) return known.charset;
  }
  return std::nullopt;
}

std::string ToUtf8(std::string_view content, Charset charset) {
  switch (charset) {
    case Charset::kUtf8:
      break;
    case Charset::kWindows1252:
      return FromWindows1252(content);
    case Charset::kUtf16:
      return FromUtf16(content, false);
    case Charset::kUtf16Be:
      return FromUtf16(content, true);
  }
  return CleanUtf8(content);
}

}  // namespace gotls
