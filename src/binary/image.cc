#include "binary/image.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace gotls {
namespace {

constexpr std::uint64_t kMaxLoaded = std::uint64_t{2} << 30;
// Neighbouring segments may share a page of the file; more overlap than that only serves to make us
// read the same bytes again and again.
constexpr std::uint64_t kMaxSharedPage = 1 << 16;

// Old linkers, gold, and -z noseparate-code put read-only data into the code's segment: then it
// can't be left out.
bool HasOwnReadOnlySegment(const ElfHeaders& headers) {
  return std::ranges::any_of(headers.segments, [](const Elf64_Phdr& segment) {
    return segment.p_type == PT_LOAD && (segment.p_flags & (PF_W | PF_X)) == 0;
  });
}

// Where DT_* tables stand, as addresses.
struct DynamicTables {
  VirtualAddress rela;
  std::uint64_t rela_size = 0;
  VirtualAddress symbols;
};

DynamicTables FindDynamicTables(Bytes dynamic) {
  DynamicTables tables;
  for (std::uint64_t at = 0;; at += sizeof(Elf64_Dyn)) {
    const auto entry = ReadAt<Elf64_Dyn>(dynamic, at);
    if (!entry || entry->d_tag == DT_NULL) return tables;
    if (entry->d_tag == DT_RELA) tables.rela = {entry->d_un.d_ptr};
    if (entry->d_tag == DT_RELASZ) tables.rela_size = entry->d_un.d_val;
    if (entry->d_tag == DT_SYMTAB) tables.symbols = {entry->d_un.d_ptr};
  }
}

}  // namespace

Result<Image> Image::Load(int fd, ElfHeaders headers, const std::string& name) {
  Image image;
  image.headers_ = std::move(headers);
  const ElfHeaders& elf = image.headers_;
  const bool code_apart = HasOwnReadOnlySegment(elf);
  std::uint64_t total = 0;
  for (const Elf64_Phdr& raw : elf.segments) {
    if (raw.p_type != PT_LOAD || raw.p_filesz == 0) continue;
    total += raw.p_filesz;
    if (total > kMaxLoaded) {
      return Fail(ErrorKind::kTarget, "more than 2 GiB to load", name);
    }
    if (total > elf.file_size + elf.segments.size() * kMaxSharedPage) {
      return Corrupt("program headers", elf.segments_offset.value, name);
    }
    image.segments_.push_back({.address = {raw.p_vaddr},
                               .size = raw.p_filesz,
                               .offset = {raw.p_offset},
                               .executable = (raw.p_flags & PF_X) != 0,
                               .writable = (raw.p_flags & PF_W) != 0,
                               .storage = nullptr,
                               .bytes = {}});
  }
  std::ranges::sort(image.segments_, {}, &Segment::address);
  for (std::size_t i = 0; i < image.segments_.size(); ++i) {
    Segment& segment = image.segments_[i];
    if (i > 0 && image.segments_[i - 1].Contains(segment.address)) {
      return Corrupt("program headers", elf.segments_offset.value, name);
    }
    if (segment.executable && code_apart) continue;
    segment.storage = std::make_unique_for_overwrite<std::byte[]>(segment.size);
    if (!ReadFully(fd, segment.storage.get(), segment.size, segment.offset)) {
      return Fail(ErrorKind::kTarget, "cannot be read, or shrank while being read", name);
    }
    segment.bytes = {segment.storage.get(), segment.size};
  }
  image.ApplyRelocations();
  return image;
}

const Image::Segment* Image::FindSegment(VirtualAddress address) const {
  for (const Segment& segment : segments_) {
    if (segment.Contains(address)) return &segment;
  }
  return nullptr;
}

std::optional<Bytes> Image::At(VirtualAddress address, std::uint64_t size) const {
  const Segment* segment = FindSegment(address);
  if (segment == nullptr) return std::nullopt;
  return SubBytes(segment->bytes, address - segment->address, size);
}

Bytes Image::From(VirtualAddress address) const {
  const Segment* segment = FindSegment(address);
  if (segment == nullptr || segment->bytes.empty()) return {};
  return segment->bytes.subspan(address - segment->address);
}

std::optional<FileOffset> Image::OffsetOf(VirtualAddress address) const {
  const Segment* segment = FindSegment(address);
  if (segment == nullptr) return std::nullopt;
  return FileOffset{segment->offset.value + (address - segment->address)};
}

bool Image::IsCode(VirtualAddress address) const {
  const Segment* segment = FindSegment(address);
  return segment != nullptr && segment->executable;
}

std::optional<Bytes> Image::SectionBytes(std::string_view name) const {
  const ElfSection* section = headers_.FindSection(name);
  if (section == nullptr || section->size == 0) return std::nullopt;
  return At(section->address, section->size);
}

std::optional<Bytes> Image::ReadCode(int fd, VirtualAddress address, std::uint64_t size) {
  const Segment* segment = FindSegment(address);
  if (segment == nullptr || size == 0) return std::nullopt;
  const std::uint64_t within = address - segment->address;
  if (size > segment->size - within) return std::nullopt;
  if (!segment->bytes.empty()) return segment->bytes.subspan(within, size);
  auto storage = std::make_unique_for_overwrite<std::byte[]>(size);
  if (!ReadFully(fd, storage.get(), size, {segment->offset.value + within})) return std::nullopt;
  code_.push_back(std::move(storage));
  return Bytes{code_.back().get(), size};
}

std::byte* Image::Writable(VirtualAddress address, std::uint64_t size) {
  for (Segment& segment : segments_) {
    if (!segment.Contains(address)) continue;
    const std::uint64_t within = address - segment.address;
    const bool fits = segment.storage != nullptr && size <= segment.size - within;
    return fits ? segment.storage.get() + within : nullptr;
  }
  return nullptr;
}

// Of PIE and shared libraries, so that pointers read as link-time addresses. A word under DT_RELR
// is its own addend and holds the link-time address already, so RELR tables need no work at the
// bias 0.
void Image::ApplyRelocations() {
  for (const Elf64_Phdr& segment : headers_.segments) {
    if (segment.p_type != PT_DYNAMIC) continue;
    const auto dynamic = At({segment.p_vaddr}, segment.p_filesz);
    if (!dynamic) continue;
    const DynamicTables tables = FindDynamicTables(*dynamic);
    const auto rela = At(tables.rela, tables.rela_size);
    if (!rela || rela->empty()) continue;
    ApplyRela(*rela, tables.symbols);
    return;
  }
}

void Image::ApplyRela(Bytes table, VirtualAddress symbols) {
  const bool amd64 = headers_.arch == Arch::kAmd64;
  const std::uint32_t relative = amd64 ? R_X86_64_RELATIVE : R_AARCH64_RELATIVE;
  const std::uint32_t absolute = amd64 ? R_X86_64_64 : R_AARCH64_ABS64;
  for (std::uint64_t at = 0;; at += sizeof(Elf64_Rela)) {
    const auto entry = ReadAt<Elf64_Rela>(table, at);
    if (!entry) return;
    const std::uint32_t type = ELF64_R_TYPE(entry->r_info);
    auto value = static_cast<std::uint64_t>(entry->r_addend);
    if (type == absolute) {
      const std::uint64_t index = ELF64_R_SYM(entry->r_info);
      const auto symbol = Read<Elf64_Sym>(symbols + index * sizeof(Elf64_Sym));
      if (!symbol || symbol->st_shndx == SHN_UNDEF) continue;
      value += symbol->st_value;
    } else if (type != relative) {
      continue;
    }
    std::byte* word = Writable({entry->r_offset}, sizeof(value));
    if (word != nullptr) std::memcpy(word, &value, sizeof(value));
  }
}

}  // namespace gotls
