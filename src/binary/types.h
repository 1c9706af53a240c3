// Go's run-time type descriptors: every type that can stand in an interface, or that such a type is
// made of, is described in the program, with the names and offsets of its fields. Their form is the
// same from Go 1.15 to 1.27, but for names and for the offset of a field, where the program itself
// shows which form it uses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "binary/image.h"
#include "binary/moduledata.h"

namespace gotls {

enum class TypeKind : std::uint8_t { kInterface = 20, kPointer = 22, kStruct = 25 };

struct TypeDescriptor {
  VirtualAddress address;
  std::uint64_t size = 0;
  std::uint64_t pointer_bytes = 0;
  std::uint32_t name = 0;  // offset from the base of the types
  std::uint8_t flags = 0;
  TypeKind kind = TypeKind::kStruct;  // other kinds have values without a name here

  bool direct = false;  // a value is held in an interface's data word itself, not behind it
};

struct TypeField {
  std::string_view name;
  VirtualAddress type;
  std::uint64_t offset = 0;
  bool embedded = false;
};

class Types {
 public:
  // Finds the base that names are relative to among the words of `module`.
  static std::optional<Types> Find(const Image& image, const ModuleData& module);

  // Nothing unless a plausible descriptor stands at `address`. `Image` must live on; views point
  // into it.
  [[nodiscard]] std::optional<TypeDescriptor> At(VirtualAddress address) const;
  // All descriptors of the program, by address.
  [[nodiscard]] std::vector<TypeDescriptor> All() const;

  // "net.TCPConn", "*tls.Conn": with the package's name, not its path. Empty when it is broken.
  [[nodiscard]] std::string_view Name(const TypeDescriptor& type) const;
  // Import path; empty for types without a name of their own.
  [[nodiscard]] std::string_view PackagePath(const TypeDescriptor& type) const;
  // Of a pointer type.
  [[nodiscard]] VirtualAddress Element(const TypeDescriptor& pointer) const;
  // Of a struct; empty when any of them is broken.
  [[nodiscard]] std::vector<TypeField> Fields(const TypeDescriptor& type) const;
  // How many of `names` (sorted) are methods of the type: for a pointer those of its element too,
  // as in Go. `budget` counts down with each name looked at; at 0 the answer is 0.
  [[nodiscard]] std::size_t CountMethods(const TypeDescriptor& type,
                                         std::span<const std::string_view> names,
                                         std::uint64_t& budget) const;

  [[nodiscard]] VirtualAddress base() const { return base_; }

 private:
  enum class NameForm { kTwoBytes, kVarint };  // of a name's length: up to Go 1.16, from 1.17 on
  struct MethodTable {
    Bytes entries;
    std::size_t entry_size = 0;
    std::size_t count = 0;
  };

  explicit Types(const Image& image) : image_(&image) {}
  // The next descriptor of the region, at `at` or behind; moves `at` past it.
  std::optional<TypeDescriptor> Next(std::uint64_t& at) const;
  [[nodiscard]] std::optional<std::string_view> NameAt(VirtualAddress address) const;
  [[nodiscard]] std::optional<std::string_view> NameOf(std::uint32_t offset) const;
  [[nodiscard]] std::optional<VirtualAddress> Uncommon(const TypeDescriptor& type) const;
  [[nodiscard]] MethodTable Methods(const TypeDescriptor& type) const;
  [[nodiscard]] bool FieldOffsetsAreShifted() const;
  [[nodiscard]] std::size_t CountStarred(const std::vector<TypeDescriptor>& pointers) const;

  const Image* image_;
  VirtualAddress base_;
  Bytes region_;  // from base_ to the end of the types, or beyond
  NameForm name_form_ = NameForm::kVarint;
  bool shifted_offsets_ = false;  // up to Go 1.18: twice the offset, and 1 if embedded
};

}  // namespace gotls
