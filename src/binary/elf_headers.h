// The headers of an ELF file, checked: what of the file is mapped where. Sections are a convenience
// that may be absent.
#pragma once

#include <elf.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "binary/facts.h"
#include "gotls/error.h"

namespace gotls {

// Section names are views into ElfHeaders::section_names.
struct ElfSection {
  std::string_view name;
  VirtualAddress address;
  FileOffset offset;
  std::uint64_t size = 0;
};

struct ElfHeaders {
  Arch arch = Arch::kAmd64;
  bool executable_type = false;  // ET_EXEC; otherwise ET_DYN
  bool has_interpreter = false;
  bool has_symtab = false;
  std::uint64_t file_size = 0;
  FileOffset segments_offset;
  std::vector<Elf64_Phdr> segments;  // all of them, each inside the file
  std::vector<ElfSection> sections;  // empty: there are none, or they are not usable
  std::vector<char> section_names;

  [[nodiscard]] const ElfSection* FindSection(std::string_view name) const;
};

// `name` is for messages. All errors are of kind kTarget.
Result<ElfHeaders> ReadElfHeaders(int fd, const std::string& name);

// False when the sections say that no Go compiler made this file; true without sections.
bool MayBeGo(const ElfHeaders& headers);

// Exactly `size` bytes at `offset` of the file; false when they are not there.
bool ReadFully(int fd, void* to, std::uint64_t size, FileOffset offset);

// "corrupt pclntab at offset 0x1234".
std::unexpected<Error> Corrupt(std::string_view table, std::uint64_t offset,
                               const std::string& name);

}  // namespace gotls
