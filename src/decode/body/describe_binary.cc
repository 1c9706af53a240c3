#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "decode/body/pretty.h"

namespace gotls {
namespace {

using namespace std::string_view_literals;

// A number of `size` bytes at `at`; 0 when they are not all there.
std::uint32_t BigEndian(std::string_view bytes, std::size_t at, std::size_t size) {
  if (at > bytes.size() || size > bytes.size() - at) return 0;
  std::uint32_t value = 0;
  for (const char c : bytes.substr(at, size)) value = value * 256 + static_cast<unsigned char>(c);
  return value;
}

std::uint32_t LittleEndian(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value * 256 + BigEndian(bytes, at + i, 1);
  return value;
}

std::string Image(std::string_view kind, std::uint32_t width, std::uint32_t height) {
  if (width == 0 || height == 0) return fmt::format("{} image", kind);
  return fmt::format("{} image, {}x{}", kind, width, height);
}

std::string Png(std::string_view content) {
  if (BigEndian(content, 12, 4) != 0x49484452) return "PNG image";  // IHDR
  return Image("PNG", BigEndian(content, 16, 4), BigEndian(content, 20, 4));
}

std::string Gif(std::string_view content) {
  return Image("GIF", LittleEndian(content, 6, 2), LittleEndian(content, 8, 2));
}

// The size stands in the first start-of-frame segment.
std::string Jpeg(std::string_view content) {
  std::size_t at = 2;
  while (at + 4 <= content.size() && BigEndian(content, at, 1) == 0xFF) {
    const std::uint32_t marker = BigEndian(content, at + 1, 1);
    const bool frame =
        marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (frame) {
      return Image("JPEG", BigEndian(content, at + 7, 2), BigEndian(content, at + 5, 2));
    }
    if (marker == 0xDA) break;  // the picture itself begins
    at += marker == 0xFF ? 1 : 2 + BigEndian(content, at + 2, 2);
  }
  return "JPEG image";
}

std::string Webp(std::string_view content) {
  const std::string_view form = content.substr(12, 4);
  if (form == "VP8 ") {
    return Image("WebP", LittleEndian(content, 26, 2) & 0x3FFFU,
                 LittleEndian(content, 28, 2) & 0x3FFFU);
  }
  if (form == "VP8L" && content.size() >= 25) {
    const std::uint32_t bits = LittleEndian(content, 21, 4);
    return Image("WebP", (bits & 0x3FFFU) + 1, ((bits >> 14U) & 0x3FFFU) + 1);
  }
  if (form == "VP8X" && content.size() >= 30) {
    return Image("WebP", LittleEndian(content, 24, 3) + 1, LittleEndian(content, 27, 3) + 1);
  }
  return "WebP image";
}

std::string Pdf(std::string_view content) {
  const std::string_view version = content.substr(5, 3);
  const bool plain = version.size() == 3 && version[0] >= '1' && version[0] <= '9' &&
                     version[1] == '.' && version[2] >= '0' && version[2] <= '9';
  return plain ? fmt::format("PDF document, version {}", version) : "PDF document";
}

// Fit to be shown: the peer chose these bytes.
bool IsPlainType(std::string_view type) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || "!#$&-^_.+/"sv.contains(c);
  };
  return !type.empty() && type.size() <= 64 && std::ranges::all_of(type, plain);
}

struct Magic {
  std::string_view start;
  std::string_view text;
};

constexpr std::array kMagics = {
    Magic{"PK\x03\x04"sv, "ZIP archive"},
    Magic{"PK\x05\x06"sv, "ZIP archive, empty"},
    Magic{"\x1f\x8b"sv, "gzip data"},
    Magic{"\x28\xb5\x2f\xfd"sv, "zstd data"},
    Magic{"\xfd"
          "7zXZ\0"sv,
          "xz data"},
    Magic{"BZh"sv, "bzip2 data"},
    Magic{"\0asm"sv, "WebAssembly module"},
    Magic{"\x7f"
          "ELF"sv,
          "ELF file"},
    Magic{"wOFF"sv, "WOFF font"},
    Magic{"wOF2"sv, "WOFF2 font"},
    Magic{"\0\0\1\0"sv, "ICO image"},
    Magic{"OggS"sv, "Ogg media"},
    Magic{"\x1a\x45\xdf\xa3"sv, "Matroska or WebM media"},
    Magic{"ID3"sv, "MP3 audio"},
    Magic{"SQLite format 3\0"sv, "SQLite database"},
};

// "": not a format that is known here.
std::string KnownFormat(std::string_view content) {
  if (content.starts_with("\x89PNG\r\n\x1a\n"sv)) return Png(content);
  if (content.starts_with("\xff\xd8\xff"sv)) return Jpeg(content);
  if (content.starts_with("GIF87a") || content.starts_with("GIF89a")) return Gif(content);
  if (content.starts_with("RIFF") &&
      content.substr(std::min<std::size_t>(8, content.size())).starts_with("WEBP")) {
    return Webp(content);
  }
  if (content.starts_with("%PDF-")) return Pdf(content);
  for (const Magic& magic : kMagics) {
    if (content.starts_with(magic.start)) return std::string(magic.text);
  }
  return {};
}

}  // namespace

bool IsKnownBinary(std::string_view content) { return !KnownFormat(content).empty(); }

std::string DescribeBinary(std::string_view content, std::string_view media_type) {
  if (std::string format = KnownFormat(content); !format.empty()) return format;
  if (media_type == "application/octet-stream" || !IsPlainType(media_type)) return "binary";
  return std::string(media_type);
}

}  // namespace gotls
