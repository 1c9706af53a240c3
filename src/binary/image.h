// The loadable part of an ELF file in memory that we own, addressed as the linker did, with
// relocations applied for the load bias 0. Code is left in the file until it is asked for; DWARF
// and the symbol table are never read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/units.h"
#include "binary/elf_headers.h"
#include "gotls/error.h"

namespace gotls {

class Image {
 public:
  // One PT_LOAD. `bytes` is its file-backed part, empty where only code lies.
  struct Segment {
    VirtualAddress address;
    std::uint64_t size = 0;  // file-backed
    FileOffset offset;
    bool executable = false;
    bool writable = false;
    std::unique_ptr<std::byte[]> storage;
    Bytes bytes;

    [[nodiscard]] bool Contains(VirtualAddress a) const {
      return a >= address && a - address < size;
    }
  };

  static Result<Image> Load(int fd, ElfHeaders headers, const std::string& name);

  [[nodiscard]] const ElfHeaders& headers() const { return headers_; }
  [[nodiscard]] std::span<const Segment> segments() const { return segments_; }

  // The bytes at `address`; nothing unless all of them are loaded and in one segment.
  [[nodiscard]] std::optional<Bytes> At(VirtualAddress address, std::uint64_t size) const;
  // From `address` to the end of its segment; empty when not loaded.
  [[nodiscard]] Bytes From(VirtualAddress address) const;
  template <typename T>
  [[nodiscard]] std::optional<T> Read(VirtualAddress address) const {
    const auto bytes = At(address, sizeof(T));
    return bytes ? ReadAt<T>(*bytes, 0) : std::nullopt;
  }
  [[nodiscard]] std::optional<VirtualAddress> Pointer(VirtualAddress address) const {
    const auto word = Read<std::uint64_t>(address);
    return word ? std::optional(VirtualAddress{*word}) : std::nullopt;
  }

  [[nodiscard]] const Segment* FindSegment(VirtualAddress address) const;
  [[nodiscard]] std::optional<FileOffset> OffsetOf(VirtualAddress address) const;
  [[nodiscard]] bool IsCode(VirtualAddress address) const;

  // The section's bytes when there is such a section and it is loaded where it says.
  [[nodiscard]] std::optional<Bytes> SectionBytes(std::string_view name) const;

  // Code that is in the file at `address`, read from `fd`; lives as long as the image.
  std::optional<Bytes> ReadCode(int fd, VirtualAddress address, std::uint64_t size);

 private:
  void ApplyRelocations();
  void ApplyRela(Bytes table, VirtualAddress symbols);
  std::byte* Writable(VirtualAddress address, std::uint64_t size);

  ElfHeaders headers_;
  std::vector<Segment> segments_;  // by address, not overlapping
  std::vector<std::unique_ptr<std::byte[]>> code_;
};

}  // namespace gotls
