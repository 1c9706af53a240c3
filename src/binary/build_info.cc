#include "binary/build_info.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace gotls {
namespace {

constexpr std::string_view kMagic = "\xff Go buildinf:";
constexpr std::uint64_t kMagicAlignment = 16;
constexpr std::uint64_t kHeaderSize = 32;
constexpr std::uint64_t kMaxVersion = 256;
constexpr std::uint64_t kMaxModuleInfo = 1 << 20;
constexpr std::uint64_t kMaxBuildId = 256;
constexpr std::uint64_t kMaxNotes = 1 << 16;
constexpr std::uint32_t kGoBuildIdNote = 4;

bool IsPrintable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

// A string behind its length as a varint; `at` moves past it.
std::optional<std::string_view> TakeVarintString(Bytes bytes, std::uint64_t& at,
                                                 std::uint64_t max_length) {
  std::uint64_t length = 0;
  for (int shift = 0; shift < 35; shift += 7) {
    const auto byte = ReadAt<std::uint8_t>(bytes, at++);
    if (!byte) return std::nullopt;
    length |= std::uint64_t{*byte & 0x7fU} << shift;
    if ((*byte & 0x80) != 0) continue;
    if (length > max_length) return std::nullopt;
    const auto text = SubBytes(bytes, at, length);
    if (!text) return std::nullopt;
    at += length;
    return AsText(*text);
  }
  return std::nullopt;
}

// The string whose Go header (pointer, length) is at `address`.
std::optional<std::string_view> ReadGoString(const Image& image, VirtualAddress address,
                                             std::uint64_t max_length) {
  const auto data = image.Pointer(address);
  const auto length = image.Read<std::uint64_t>(address + 8);
  if (!data || !length || *length > max_length) return std::nullopt;
  const auto text = image.At(*data, *length);
  return text ? std::optional(AsText(*text)) : std::nullopt;
}

// The module info, lines of "path\tcmd/foo", "mod\texample.com/foo\tv1", between two marks of 16
// bytes.
std::string MainPackage(std::string_view info) {
  for (const std::string_view key : {"path\t", "mod\t"}) {
    const std::size_t at = info.find(key);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = info.substr(at + key.size());
    const std::string_view value = rest.substr(0, rest.find_first_of("\t\n"));
    if (!value.empty() && value.size() < 1024 && IsPrintable(value)) return std::string(value);
  }
  return {};
}

// The magic, the pointer size, flags, then (Go 1.18 on, flag 2) the strings themselves at +32, or
// (before) pointers to the headers of the strings at +16 and +24.
BuildInfo Parse(const Image& image, Bytes bytes) {
  BuildInfo info;
  const auto flags = ReadAt<std::uint8_t>(bytes, 15);
  if (!flags) return info;
  std::optional<std::string_view> version;
  std::optional<std::string_view> module;
  if ((*flags & 2) != 0) {
    std::uint64_t at = kHeaderSize;
    version = TakeVarintString(bytes, at, kMaxVersion);
    if (version) module = TakeVarintString(bytes, at, kMaxModuleInfo);
  } else {
    const auto version_at = ReadAt<std::uint64_t>(bytes, 16);
    const auto module_at = ReadAt<std::uint64_t>(bytes, 24);
    if (version_at) version = ReadGoString(image, {*version_at}, kMaxVersion);
    if (module_at) module = ReadGoString(image, {*module_at}, kMaxModuleInfo);
  }
  if (module) info.main_package = MainPackage(*module);
  if (!version || version->empty() || !IsPrintable(*version)) return info;
  info.go_version = *version;
  info.version_source = ".go.buildinfo";
  return info;
}

bool IsBuildInfo(Bytes bytes) {
  const auto magic = SubBytes(bytes, 0, kMagic.size());
  return magic && AsText(*magic) == kMagic;
}

// Where the magic is: writable data in all versions so far. Empty: nowhere.
Bytes FindBuildInfo(const Image& image) {
  if (const ElfSection* section = image.headers().FindSection(".go.buildinfo")) {
    const Bytes bytes = image.From(section->address);
    if (IsBuildInfo(bytes)) return bytes;
  }
  for (const bool writable : {true, false}) {
    for (const Image::Segment& segment : image.segments()) {
      if (segment.writable != writable) continue;
      for (std::uint64_t at = -segment.address.value & (kMagicAlignment - 1);
           at < segment.bytes.size(); at += kMagicAlignment) {
        const Bytes bytes = segment.bytes.subspan(at);
        if (IsBuildInfo(bytes)) return bytes;
      }
    }
  }
  return {};
}

// runtime.buildVersion is a string variable: a pointer to "go1.…" and a length in writable data. A
// program may hold other such strings (a compiler, say), hence the bounds; a release with all three
// numbers wins.
std::string FindRuntimeVersion(const Image& image, std::uint32_t minimum, std::uint32_t maximum) {
  std::string best;
  for (const Image::Segment& segment : image.segments()) {
    if (!segment.writable) continue;
    for (std::uint64_t at = -segment.address.value & 7; at + 16 <= segment.bytes.size(); at += 8) {
      const std::uint64_t length = *ReadAt<std::uint64_t>(segment.bytes, at + 8);
      if (length < 5 || length > kMaxVersion) continue;
      const auto bytes = image.At({*ReadAt<std::uint64_t>(segment.bytes, at)}, length);
      if (!bytes) continue;
      const std::string_view text = AsText(*bytes);
      if (!text.starts_with("go1.") && !text.starts_with("devel go1.")) continue;
      const std::uint32_t minor = MinorVersion(text);
      if (minor < minimum || minor > maximum || !IsPrintable(text)) continue;
      if (std::ranges::count(text, '.') >= 2) return std::string(text);
      if (best.empty()) best = text;
    }
  }
  return best;
}

struct BuildIds {
  std::string gnu;
  std::string go;
};

// Notes may lie among the code, which is not loaded, so they are read from the file.
void ReadNotes(int fd, FileOffset offset, std::uint64_t size, BuildIds& ids) {
  using std::string_view_literals::operator""sv;
  if (size > kMaxNotes) return;
  std::vector<std::byte> notes(size);
  if (offset.value > INT64_MAX || !ReadFully(fd, notes.data(), size, offset)) return;
  for (std::uint64_t at = 0; const auto note = ReadAt<Elf64_Nhdr>(notes, at);) {
    const std::uint64_t name_at = at + sizeof(*note);
    const std::uint64_t text_at = name_at + ((std::uint64_t{note->n_namesz} + 3) & ~3ULL);
    const auto owner = SubBytes(notes, name_at, note->n_namesz);
    const auto text = SubBytes(notes, text_at, note->n_descsz);
    if (!owner || !text) return;
    at = text_at + ((std::uint64_t{note->n_descsz} + 3) & ~3ULL);
    if (text->size() > kMaxBuildId) continue;
    if (note->n_type == NT_GNU_BUILD_ID && AsText(*owner) == "GNU\0"sv) {
      ids.gnu.clear();
      for (const std::byte b : *text) {
        ids.gnu += fmt::format("{:02x}", std::to_integer<unsigned>(b));
      }
    }
    if (note->n_type == kGoBuildIdNote && AsText(*owner) == "Go\0\0"sv &&
        IsPrintable(AsText(*text)) && AsText(*text) != "redacted") {  // Bazel's rules_go
      ids.go = AsText(*text);
    }
  }
}

}  // namespace

std::uint32_t MinorVersion(std::string_view version) {
  const std::size_t at = version.find("go1.");
  if (at == std::string_view::npos) return 0;
  std::uint32_t minor = 0;
  const std::string_view digits = version.substr(at + 4);
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), minor);
  return parsed.ec == std::errc() && minor < 1000 ? minor : 0;
}

BuildInfo ReadBuildInfo(const Image& image, std::uint32_t minimum, std::uint32_t maximum) {
  BuildInfo info;
  const Bytes bytes = FindBuildInfo(image);
  if (!bytes.empty()) info = Parse(image, bytes);
  if (!info.go_version.empty()) return info;
  info.go_version = FindRuntimeVersion(image, minimum, maximum);
  if (!info.go_version.empty()) info.version_source = "runtime.buildVersion";
  return info;
}

std::string ReadBuildId(int fd, const ElfHeaders& headers) {
  BuildIds ids;
  for (const Elf64_Phdr& segment : headers.segments) {
    if (segment.p_type == PT_NOTE) ReadNotes(fd, {segment.p_offset}, segment.p_filesz, ids);
  }
  // Go's own linker leaves this one out of PT_NOTE.
  if (const ElfSection* section = headers.FindSection(".note.gnu.build-id")) {
    ReadNotes(fd, section->offset, section->size, ids);
  }
  return ids.gnu.empty() ? ids.go : ids.gnu;
}

}  // namespace gotls
