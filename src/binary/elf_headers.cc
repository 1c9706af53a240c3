#include "binary/elf_headers.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <optional>

namespace gotls {
namespace {

static_assert(std::endian::native == std::endian::little);

// Linkers make a dozen program headers and a few dozen sections (one a function with
// -ffunction-sections in relocatable files only). More is hostile, or nothing that we could use.
constexpr std::uint16_t kMaxSegments = 256;
constexpr std::uint16_t kMaxSections = 4096;
constexpr std::uint64_t kMaxSectionNames = 1 << 20;

std::string MachineName(std::uint16_t machine) {
  switch (machine) {
    case EM_386:
      return "386";
    case EM_ARM:
      return "arm";
    case EM_RISCV:
      return "riscv64";
    case EM_PPC64:
      return "ppc64le";
    case EM_S390:
      return "s390x";
    case EM_MIPS:
      return "mips";
    case EM_LOONGARCH:
      return "loong64";
    default:
      return fmt::format("ELF machine {}", machine);
  }
}

Result<Elf64_Ehdr> ReadFileHeader(int fd, std::uint64_t file_size, const std::string& name) {
  Elf64_Ehdr header = {};
  const std::uint64_t size = std::min<std::uint64_t>(sizeof(header), file_size);
  if (size < EI_NIDENT || !ReadFully(fd, &header, size, {0}) ||
      std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) {
    return Fail(ErrorKind::kTarget, "not an ELF file", name);
  }
  if (header.e_ident[EI_CLASS] == ELFCLASS32) {
    return Fail(ErrorKind::kTarget, "32-bit ELF file", name, "only 64-bit programs are supported");
  }
  if (header.e_ident[EI_DATA] == ELFDATA2MSB) {
    return Fail(ErrorKind::kTarget, "big-endian ELF file", name);
  }
  if (size < sizeof(header) || header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_ident[EI_DATA] != ELFDATA2LSB) {
    return Corrupt("ELF header", 0, name);
  }
  if (header.e_machine != EM_X86_64 && header.e_machine != EM_AARCH64) {
    return Fail(ErrorKind::kTarget, "unsupported architecture: " + MachineName(header.e_machine),
                name);
  }
  if (header.e_type != ET_EXEC && header.e_type != ET_DYN) {
    return Fail(ErrorKind::kTarget, "neither a program nor a shared library", name);
  }
  return header;
}

Result<std::vector<Elf64_Phdr>> ReadSegments(int fd, const Elf64_Ehdr& header,
                                             std::uint64_t file_size, const std::string& name) {
  if (header.e_phnum == 0 || header.e_phnum > kMaxSegments ||
      header.e_phentsize != sizeof(Elf64_Phdr)) {
    return Corrupt("ELF header", offsetof(Elf64_Ehdr, e_phentsize), name);
  }
  std::vector<Elf64_Phdr> segments(header.e_phnum);
  if (header.e_phoff > file_size ||
      !ReadFully(fd, segments.data(), segments.size() * sizeof(Elf64_Phdr), {header.e_phoff})) {
    return Corrupt("program headers", header.e_phoff, name);
  }
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const Elf64_Phdr& segment = segments[i];
    if (segment.p_type == PT_GNU_STACK) continue;
    if (segment.p_offset > file_size || segment.p_filesz > file_size - segment.p_offset ||
        segment.p_vaddr + segment.p_filesz < segment.p_vaddr) {
      if (segment.p_type != PT_LOAD && segment.p_type != PT_DYNAMIC) {
        segments[i].p_filesz = 0;  // of no use to us, so no reason to give up
        continue;
      }
      return Corrupt("program headers", header.e_phoff + i * sizeof(Elf64_Phdr), name);
    }
  }
  return segments;
}

// Leaves `out` without sections when they are not there or don't hold together: a program runs
// without them.
void ReadSections(int fd, const Elf64_Ehdr& header, ElfHeaders& out) {
  if (header.e_shoff == 0 || header.e_shoff > out.file_size || header.e_shnum == 0 ||
      header.e_shnum > kMaxSections || header.e_shentsize != sizeof(Elf64_Shdr) ||
      header.e_shstrndx >= header.e_shnum) {
    return;
  }
  std::vector<Elf64_Shdr> raw(header.e_shnum);
  if (!ReadFully(fd, raw.data(), raw.size() * sizeof(Elf64_Shdr), {header.e_shoff})) return;
  const Elf64_Shdr& names = raw[header.e_shstrndx];
  if (names.sh_type != SHT_STRTAB || names.sh_size == 0 || names.sh_size > kMaxSectionNames ||
      names.sh_offset > out.file_size) {
    return;
  }
  out.section_names.resize(names.sh_size);
  if (!ReadFully(fd, out.section_names.data(), names.sh_size, {names.sh_offset})) return;
  out.section_names.back() = '\0';
  for (const Elf64_Shdr& section : raw) {
    if (section.sh_type == SHT_NULL) continue;
    if (section.sh_type == SHT_SYMTAB) out.has_symtab = true;
    if (section.sh_name >= names.sh_size) continue;
    const std::uint64_t size = section.sh_type == SHT_NOBITS ? 0 : section.sh_size;
    out.sections.push_back({.name = std::string_view(out.section_names.data() + section.sh_name),
                            .address = {section.sh_addr},
                            .offset = {section.sh_offset},
                            .size = size});
  }
}

}  // namespace

const ElfSection* ElfHeaders::FindSection(std::string_view name) const {
  const auto found = std::ranges::find(sections, name, &ElfSection::name);
  return found == sections.end() ? nullptr : &*found;
}

Result<ElfHeaders> ReadElfHeaders(int fd, const std::string& name) {
  struct stat status = {};
  if (::fstat(fd, &status) != 0) {
    return Fail(ErrorKind::kTarget, fmt::format("cannot be read: {}", std::strerror(errno)), name);
  }
  if (!S_ISREG(status.st_mode)) return Fail(ErrorKind::kTarget, "not a regular file", name);
  ElfHeaders headers;
  headers.file_size = static_cast<std::uint64_t>(status.st_size);
  const auto header = ReadFileHeader(fd, headers.file_size, name);
  if (!header) return std::unexpected(header.error());
  headers.arch = header->e_machine == EM_X86_64 ? Arch::kAmd64 : Arch::kArm64;
  headers.executable_type = header->e_type == ET_EXEC;
  auto segments = ReadSegments(fd, *header, headers.file_size, name);
  if (!segments) return std::unexpected(segments.error());
  headers.segments_offset = {header->e_phoff};
  headers.segments = std::move(*segments);
  headers.has_interpreter = std::ranges::any_of(
      headers.segments, [](const Elf64_Phdr& segment) { return segment.p_type == PT_INTERP; });
  ReadSections(fd, *header, headers);
  return headers;
}

bool MayBeGo(const ElfHeaders& headers) {
  // Any one is enough: external linking up to Go 1.25 merges the pclntab into .data.rel.ro, some
  // build systems leave the build info out (esbuild), Go 1.26 dropped .gosymtab, Go 1.27 .typelink
  // and .itablink.
  static constexpr std::array<std::string_view, 9> kGoSections = {
      ".gopclntab",    ".data.rel.ro.gopclntab",
      ".go.buildinfo", ".note.go.buildid",
      ".gosymtab",     ".go.module",
      ".go.type",      ".typelink",
      ".itablink"};
  return headers.sections.empty() || std::ranges::any_of(kGoSections, [&](std::string_view name) {
           return headers.FindSection(name) != nullptr;
         });
}

bool ReadFully(int fd, void* to, std::uint64_t size, FileOffset offset) {
  auto* at = static_cast<std::byte*>(to);
  while (size > 0) {
    const ssize_t got = ::pread(fd, at, size, static_cast<off_t>(offset.value));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    offset.value += static_cast<std::uint64_t>(got);
    size -= static_cast<std::uint64_t>(got);
  }
  return true;
}

std::unexpected<Error> Corrupt(std::string_view table, std::uint64_t offset,
                               const std::string& name) {
  return Fail(ErrorKind::kTarget, fmt::format("corrupt {} at offset {:#x}", table, offset), name);
}

}  // namespace gotls
