// For tests: small ELF files made in memory, and files in memory to open them from.
#pragma once

#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"

namespace gotls {

// Bytes that stand at an address, written from front to back.
class Blob {
 public:
  explicit Blob(std::uint64_t address) : address_(address) {}

  [[nodiscard]] std::uint64_t here() const { return address_ + bytes_.size(); }
  [[nodiscard]] std::uint64_t start() const { return address_; }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

  template <typename T>
  void Put(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  void Words(std::initializer_list<std::uint64_t> words) {
    for (const std::uint64_t word : words) Put(word);
  }
  void Text(std::string_view text) { bytes_.append(text); }
  void Align(std::size_t to) { bytes_.resize((bytes_.size() + to - 1) / to * to); }
  void Fill(std::size_t count, char c = '\0') { bytes_.append(count, c); }
  template <typename T>
  void Patch(std::uint64_t address, T value) {
    std::memcpy(bytes_.data() + (address - address_), &value, sizeof(value));
  }

 private:
  std::uint64_t address_;
  std::string bytes_;
};

struct TestSegment {
  std::uint32_t type = PT_LOAD;
  std::uint32_t flags = PF_R;
  std::uint64_t address = 0;
  std::string bytes;
};

struct TestSection {
  std::string name;
  std::uint64_t address = 0;
  std::uint64_t size = 0;
  std::uint32_t type = SHT_PROGBITS;
};

struct TestElf {
  std::uint16_t type = ET_EXEC;
  std::uint16_t machine = EM_X86_64;
  std::vector<TestSegment> segments;
  std::vector<TestSection> sections;  // none: no section headers at all

  [[nodiscard]] std::string Build() const {
    Elf64_Ehdr header = {};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = type;
    header.e_machine = machine;
    header.e_phoff = sizeof(header);
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_phnum = static_cast<std::uint16_t>(segments.size());
    std::string file(sizeof(header) + segments.size() * sizeof(Elf64_Phdr), '\0');
    std::vector<Elf64_Phdr> table;
    for (const TestSegment& segment : segments) {
      table.push_back({.p_type = segment.type,
                       .p_flags = segment.flags,
                       .p_offset = file.size(),
                       .p_vaddr = segment.address,
                       .p_paddr = segment.address,
                       .p_filesz = segment.bytes.size(),
                       .p_memsz = segment.bytes.size(),
                       .p_align = 16});
      file += segment.bytes;
      file.resize((file.size() + 15) / 16 * 16);
    }
    if (!sections.empty()) AppendSections(file, header, table);
    std::memcpy(file.data(), &header, sizeof(header));
    if (!table.empty()) {
      std::memcpy(file.data() + sizeof(header), table.data(), table.size() * sizeof(Elf64_Phdr));
    }
    return file;
  }

 private:
  void AppendSections(std::string& file, Elf64_Ehdr& header,
                      const std::vector<Elf64_Phdr>& table) const {
    std::string names(1, '\0');
    std::vector<Elf64_Shdr> headers(1);
    for (const TestSection& section : sections) {
      Elf64_Shdr raw = {};
      raw.sh_name = static_cast<std::uint32_t>(names.size());
      raw.sh_type = section.type;
      raw.sh_addr = section.address;
      raw.sh_size = section.size;
      for (const Elf64_Phdr& segment : table) {
        if (section.address - segment.p_vaddr < segment.p_filesz) {
          raw.sh_offset = segment.p_offset + (section.address - segment.p_vaddr);
        }
      }
      names += section.name + '\0';
      headers.push_back(raw);
    }
    Elf64_Shdr strings = {};
    strings.sh_name = static_cast<std::uint32_t>(names.size());
    names += std::string(".shstrtab") + '\0';
    strings.sh_type = SHT_STRTAB;
    strings.sh_offset = file.size();
    strings.sh_size = names.size();
    headers.push_back(strings);
    file += names;
    file.resize((file.size() + 15) / 16 * 16);
    header.e_shoff = file.size();
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = static_cast<std::uint16_t>(headers.size());
    header.e_shstrndx = static_cast<std::uint16_t>(headers.size() - 1);
    file.append(reinterpret_cast<const char*>(headers.data()), headers.size() * sizeof(Elf64_Shdr));
  }
};

// A file without a name that holds `bytes`.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : fd_(::memfd_create("test", MFD_CLOEXEC)) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(fd_.get(), bytes.data(), bytes.size());
      if (written <= 0) break;
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  [[nodiscard]] int fd() const { return fd_.get(); }
  // Changes the file in place.
  void Write(std::uint64_t offset, std::string_view bytes) const {
    if (::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset)) < 0) return;
  }
  void Truncate(std::uint64_t size) const {
    if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) return;
  }

 private:
  UniqueFd fd_;
};

}  // namespace gotls
