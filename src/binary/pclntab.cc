#include "binary/pclntab.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gotls {
namespace {

constexpr std::uint32_t kMagicGo12 = 0xfffffffb;
constexpr std::uint32_t kMagicGo116 = 0xfffffffa;
constexpr std::uint32_t kMagicNewer = 0xffffffe0;  // 1.18: 0xfffffff0, 1.20: 0xfffffff1

// The longest names of real programs, of generic functions, have a few thousand bytes.
constexpr std::uint64_t kMaxName = 1 << 16;

// Magic, two zero bytes, the instruction size quantum (1 amd64, 4 arm64), the pointer size.
bool LooksLikeHeader(std::uint64_t word) {
  const std::uint64_t high = word >> 32;
  const auto magic = static_cast<std::uint32_t>(word);
  if (high != 0x08010000 && high != 0x08040000) return false;
  return magic == kMagicGo12 || magic == kMagicGo116 ||
         (magic >= kMagicNewer && magic < kMagicGo116);
}

}  // namespace

std::uint64_t Pclntab::StartAt(std::uint64_t index) const {
  if (layout_ == Layout::kGo118) {
    return ReadAt<std::uint32_t>(table_, functions_ + index * 8).value_or(0);
  }
  return ReadAt<std::uint64_t>(table_, functions_ + index * 16).value_or(0);
}

// Offset in the table of the function's record, which begins with its start (as in StartAt), then
// the name's offset.
std::optional<std::uint64_t> Pclntab::FunctionRecord(std::uint64_t index) const {
  if (layout_ == Layout::kGo118) {
    const auto offset = ReadAt<std::uint32_t>(table_, functions_ + index * 8 + 4);
    if (!offset) return std::nullopt;
    return records_ + *offset;
  }
  const auto offset = ReadAt<std::uint64_t>(table_, functions_ + index * 16 + 8);
  if (!offset || *offset > table_.size()) return std::nullopt;
  return records_ + *offset;
}

// Each function's start stands twice: nothing but a pclntab has that for its first, last and some
// other functions.
bool Pclntab::IsConsistent() const {
  constexpr std::uint32_t kSamples = 32;
  std::uint64_t previous = 0;
  for (std::uint32_t i = 0; i < kSamples; ++i) {
    const std::uint64_t index = std::uint64_t{count_ - 1} * i / (kSamples - 1);
    const auto record = FunctionRecord(index);
    if (!record) return false;
    const std::uint64_t start = StartAt(index);
    const std::uint64_t again = layout_ == Layout::kGo118
                                    ? ReadAt<std::uint32_t>(table_, *record).value_or(~0U)
                                    : ReadAt<std::uint64_t>(table_, *record).value_or(~0ULL);
    if (start != again || start < previous) return false;
    previous = start;
  }
  return StartAt(count_) > previous;
}

std::optional<Pclntab> Pclntab::Parse(Bytes bytes, VirtualAddress address, std::string_view where) {
  const auto word = ReadAt<std::uint64_t>(bytes, 0);
  const auto count = ReadAt<std::uint64_t>(bytes, 8);
  if (!word || !LooksLikeHeader(*word) || !count) return std::nullopt;
  Pclntab table;
  table.table_ = bytes;
  table.address_ = address;
  table.magic_ = static_cast<std::uint32_t>(*word);
  // A magic number of the future is read as the newest layout, and must pass the same checks.
  table.layout_ = table.magic_ == kMagicGo12    ? Layout::kGo12
                  : table.magic_ == kMagicGo116 ? Layout::kGo116
                                                : Layout::kGo118;
  if (table.layout_ == Layout::kGo12) {
    table.functions_ = table.second_table_ = 16;
  } else {
    // Word 2 is the number of files; 1.18 inserted textStart as word 3.
    const std::uint64_t shift = table.layout_ == Layout::kGo118 ? 8 : 0;
    const auto names = ReadAt<std::uint64_t>(bytes, 24 + shift);
    const auto functions = ReadAt<std::uint64_t>(bytes, 56 + shift);
    if (!names || !functions || *names >= bytes.size() || *functions >= bytes.size()) {
      return std::nullopt;
    }
    if (shift != 0) table.header_text_start_ = {ReadAt<std::uint64_t>(bytes, 24).value_or(0)};
    table.names_ = table.second_table_ = *names;
    table.functions_ = table.records_ = *functions;
  }
  const std::uint64_t entry_size = table.layout_ == Layout::kGo118 ? 8 : 16;
  if (*count == 0 || *count >= (bytes.size() - table.functions_) / entry_size) return std::nullopt;
  if (*count > UINT32_MAX) return std::nullopt;
  table.count_ = static_cast<std::uint32_t>(*count);
  if (!table.IsConsistent()) return std::nullopt;
  table.description_ = fmt::format("{}, magic {:#x}", where, table.magic_);
  return table;
}

Result<Pclntab> Pclntab::Find(const Image& image, const std::string& name) {
  static constexpr std::array<std::string_view, 2> kSections = {".gopclntab",
                                                                ".data.rel.ro.gopclntab"};
  std::optional<FileOffset> suspect;
  for (const std::string_view section : kSections) {
    const auto bytes = image.SectionBytes(section);
    if (!bytes) continue;
    const VirtualAddress address = image.headers().FindSection(section)->address;
    // To the segment's end: the section's size is of no use and may lie.
    if (auto table = Parse(image.From(address), address, section)) return *table;
    suspect = image.OffsetOf(address);
  }
  for (const Image::Segment& segment : image.segments()) {
    for (std::uint64_t at = -segment.address.value & 7; at + 8 <= segment.bytes.size(); at += 8) {
      if (!LooksLikeHeader(*ReadAt<std::uint64_t>(segment.bytes, at))) continue;
      const VirtualAddress address = segment.address + at;
      if (auto table = Parse(segment.bytes.subspan(at), address, "found by its magic number")) {
        return *table;
      }
      if (!suspect) suspect = image.OffsetOf(address);
    }
  }
  if (suspect) return Corrupt("pclntab", suspect->value, name);
  return Fail(ErrorKind::kTarget, "not a Go program", name);
}

void Pclntab::ForEach(std::string_view prefix,
                      const std::function<void(const Entry&)>& found) const {
  const Bytes wanted = AsBytes(prefix);
  const std::uint64_t name_field = layout_ == Layout::kGo118 ? 4 : 8;
  for (std::uint32_t i = 0; i < count_; ++i) {
    const auto record = FunctionRecord(i);
    if (!record) continue;
    const auto name_offset = ReadAt<std::uint32_t>(table_, *record + name_field);
    if (!name_offset) continue;
    const auto start = SubBytes(table_, names_ + *name_offset, wanted.size());
    if (!start || !std::ranges::equal(*start, wanted)) continue;
    const Bytes rest = table_.subspan(names_ + *name_offset);
    const std::string_view text = AsText(rest.first(std::min(rest.size(), kMaxName)));
    const std::size_t end = text.find('\0');
    if (end == std::string_view::npos) continue;
    found({.name = text.substr(0, end), .start = StartAt(i), .end = StartAt(i + 1)});
  }
}

}  // namespace gotls
