#include "binary/types.h"

#include <algorithm>
#include <array>
#include <bit>

namespace gotls {
namespace {

// struct abi.Type: size 0, pointer bytes 8, hash 16, flags 20, alignment 21, of a field 22, kind
// 23, equal 24, gc data 32, name 40, pointer to this 44. What follows depends on the kind.
constexpr std::uint64_t kTypeSize = 48;
constexpr std::uint64_t kPointerElement = 48;
constexpr std::uint64_t kStructFields = 56;      // slice
constexpr std::uint64_t kInterfaceMethods = 56;  // slice
// struct abi.UncommonType behind them, when the flag says so: package path 0, count 4, exported 6,
// methods 8.
constexpr std::uint64_t kFieldSize = 24;           // name, type, offset
constexpr std::uint64_t kMethodSize = 16;          // name, type, two functions
constexpr std::uint64_t kInterfaceMethodSize = 8;  // name, type
constexpr std::uint8_t kFlagUncommon = 1;
constexpr std::uint8_t kFlagExtraStar = 2;
constexpr std::uint8_t kFlagDirect = 32;  // in the kind's byte up to Go 1.25, in the flags since
constexpr std::uint8_t kMaxFlags = 127;   // six bits are in use in Go 1.27
constexpr std::uint8_t kKindMask = 31;
constexpr std::uint8_t kMaxKind = 26;
// Alignment 8, alignment of a field 8, kind pointer, as the 4 bytes at +20; the flags are open.
constexpr std::uint32_t kPointerAttributes = 0x16080800;
constexpr std::uint32_t kAttributesMask = 0x1fffff00;
constexpr std::uint8_t kNameEmbedded = 8;  // bit of a name's first byte, Go 1.19 on
constexpr std::uint8_t kMaxNameFlags = 15;

constexpr std::uint64_t kMaxName = 1 << 16;
constexpr std::uint64_t kMaxFields = 1 << 14;
constexpr std::uint64_t kMaxMethods = 1 << 12;

bool IsAlignment(std::uint8_t value) { return value <= 16 && std::has_single_bit(value); }

// Of a name: its value, and the bytes that it takes behind the flags.
struct Length {
  std::uint64_t value = 0;
  std::uint64_t bytes = 0;
};

std::optional<Length> TwoByteLength(Bytes name) {
  const auto high = ReadAt<std::uint8_t>(name, 1);
  const auto low = ReadAt<std::uint8_t>(name, 2);
  if (!high || !low) return std::nullopt;
  return Length{(std::uint64_t{*high} << 8) | *low, 2};
}

std::optional<Length> VarintLength(Bytes name) {
  Length length;
  while (length.bytes < 3) {
    const auto byte = ReadAt<std::uint8_t>(name, 1 + length.bytes);
    if (!byte) return std::nullopt;
    length.value |= std::uint64_t{*byte & 0x7fU} << (7 * length.bytes);
    ++length.bytes;
    if (*byte < 0x80) return length;
  }
  return std::nullopt;
}

// Checks what needs no other memory than the descriptor's own.
std::optional<TypeDescriptor> ParseDescriptor(Bytes bytes, std::uint64_t at,
                                              VirtualAddress address) {
  const auto head = SubBytes(bytes, at, kTypeSize);
  if (!head) return std::nullopt;
  const auto attributes = *ReadAt<std::uint32_t>(*head, 20);
  const auto flags = static_cast<std::uint8_t>(attributes);
  const auto kind = static_cast<std::uint8_t>((attributes >> 24) & kKindMask);
  if (kind == 0 || kind > kMaxKind || flags > kMaxFlags ||
      !IsAlignment(static_cast<std::uint8_t>(attributes >> 8)) ||
      !IsAlignment(static_cast<std::uint8_t>(attributes >> 16))) {
    return std::nullopt;
  }
  const TypeDescriptor type{.address = address,
                            .size = *ReadAt<std::uint64_t>(*head, 0),
                            .pointer_bytes = *ReadAt<std::uint64_t>(*head, 8),
                            .name = *ReadAt<std::uint32_t>(*head, 40),
                            .flags = flags,
                            .kind = TypeKind{kind},
                            .direct = ((attributes >> 24 | flags) & kFlagDirect) != 0};
  if (type.pointer_bytes > type.size || type.pointer_bytes % 8 != 0) return std::nullopt;
  if (type.kind == TypeKind::kPointer && (type.size != 8 || type.pointer_bytes != 8)) {
    return std::nullopt;
  }
  if (type.kind == TypeKind::kInterface && type.size != 16) return std::nullopt;
  return type;
}

// Descriptors of pointer types whose element is one too: hardly anything else looks like that, so
// they can tell whether a guess at the base is right.
std::vector<TypeDescriptor> FindSomePointers(const Image& image, const Image::Segment& segment) {
  constexpr std::size_t kEnough = 256;
  std::vector<TypeDescriptor> found;
  for (std::uint64_t at = -segment.address.value & 7; at < segment.bytes.size(); at += 8) {
    // Most of a segment is no descriptor, and this sorts it out at the speed of memory.
    const auto attributes = ReadAt<std::uint32_t>(segment.bytes, at + 20);
    if (!attributes) break;
    if ((*attributes & kAttributesMask) != kPointerAttributes) continue;
    const auto type = ParseDescriptor(segment.bytes, at, segment.address + at);
    if (!type) continue;
    const auto element = ReadAt<std::uint64_t>(segment.bytes, at + kPointerElement);
    if (!element || *element % 8 != 0) continue;
    const auto head = image.At({*element}, kTypeSize);
    if (!head || !ParseDescriptor(*head, 0, {*element})) continue;
    found.push_back(*type);
    if (found.size() == kEnough) break;
  }
  return found;
}

}  // namespace

// The base is one of the words of moduledata behind `text`, and which one depends on the version:
// the right one makes the names of pointer types begin with a star, and so does the right form of a
// name.
std::optional<Types> Types::Find(const Image& image, const ModuleData& module) {
  std::optional<Types> best;
  std::size_t best_score = 0;
  for (const Image::Segment& segment : image.segments()) {
    const std::vector<TypeDescriptor> pointers = FindSomePointers(image, segment);
    if (pointers.empty()) continue;
    for (std::size_t i = 0; i < module.words.size(); ++i) {
      Types types(image);
      types.base_ = {module.words[i]};
      if (!segment.Contains(types.base_)) continue;
      types.region_ = image.From(types.base_);
      for (const NameForm form : {NameForm::kVarint, NameForm::kTwoBytes}) {
        types.name_form_ = form;
        const std::size_t score = types.CountStarred(pointers);
        if (score * 4 < pointers.size() * 3 || score <= best_score) continue;
        best_score = score;
        best = types;
        // types, etypes; since Go 1.27 a length between them. Too far does no harm.
        std::uint64_t end = 0;
        for (std::size_t next = i + 1; next < std::min(i + 3, module.words.size()); ++next) {
          const std::uint64_t length = module.words[next] - types.base_.value;
          if (length <= types.region_.size()) end = std::max(end, length);
        }
        if (end != 0) best->region_ = types.region_.first(end);
      }
    }
  }
  if (best) best->shifted_offsets_ = best->FieldOffsetsAreShifted();
  return best;
}

std::size_t Types::CountStarred(const std::vector<TypeDescriptor>& pointers) const {
  return static_cast<std::size_t>(std::ranges::count_if(pointers, [&](const TypeDescriptor& type) {
    const auto name = NameOf(type.name);
    return name && name->starts_with('*');
  }));
}

// Twice an offset soon exceeds the size of its struct.
bool Types::FieldOffsetsAreShifted() const {
  constexpr std::size_t kEnough = 256;
  std::size_t beyond = 0;
  std::size_t seen = 0;
  for (std::uint64_t at = -base_.value & 7; seen < kEnough;) {
    const auto type = Next(at);
    if (!type) break;
    if (type->kind != TypeKind::kStruct) continue;
    const auto fields = image_->Pointer(type->address + kStructFields);
    const auto count = image_->Read<std::uint64_t>(type->address + kStructFields + 8);
    if (!fields || !count || *count < 3 || *count > kMaxFields) continue;
    const auto last = image_->Read<std::uint64_t>(*fields + (*count - 1) * kFieldSize + 16);
    if (!last) continue;
    ++seen;
    if (*last > type->size) ++beyond;
  }
  return beyond * 4 > seen;
}

std::optional<TypeDescriptor> Types::At(VirtualAddress address) const {
  if (address.value % 8 != 0) return std::nullopt;
  const auto head = image_->At(address, kTypeSize);
  if (!head) return std::nullopt;
  auto type = ParseDescriptor(*head, 0, address);
  if (!type || !NameOf(type->name)) return std::nullopt;
  return type;
}

std::optional<TypeDescriptor> Types::Next(std::uint64_t& at) const {
  while (at < region_.size()) {
    const std::uint64_t here = at;
    at += 8;
    const auto type = ParseDescriptor(region_, here, base_ + here);
    if (type && NameOf(type->name)) return type;
  }
  return std::nullopt;
}

std::vector<TypeDescriptor> Types::All() const {
  std::vector<TypeDescriptor> all;
  std::uint64_t at = -base_.value & 7;
  while (const auto type = Next(at)) all.push_back(*type);
  return all;
}

// A byte of flags, the length, the text.
std::optional<std::string_view> Types::NameAt(VirtualAddress address) const {
  const Bytes bytes =
      region_.data() != nullptr && address >= base_ && address - base_ < region_.size()
          ? region_.subspan(address - base_)
          : image_->From(address);
  const auto flags = ReadAt<std::uint8_t>(bytes, 0);
  if (!flags || *flags > kMaxNameFlags) return std::nullopt;
  const auto length =
      name_form_ == NameForm::kTwoBytes ? TwoByteLength(bytes) : VarintLength(bytes);
  if (!length || length->value == 0 || length->value > kMaxName) return std::nullopt;
  const auto text = SubBytes(bytes, 1 + length->bytes, length->value);
  if (!text || std::to_integer<unsigned>(text->front()) <= ' ') return std::nullopt;
  return AsText(*text);
}

std::optional<std::string_view> Types::NameOf(std::uint32_t offset) const {
  if (offset == 0 || offset > INT32_MAX) return std::nullopt;
  return NameAt(base_ + offset);
}

std::string_view Types::Name(const TypeDescriptor& type) const {
  std::string_view name = NameOf(type.name).value_or(std::string_view());
  if ((type.flags & kFlagExtraStar) != 0 && name.starts_with('*')) name.remove_prefix(1);
  return name;
}

std::optional<VirtualAddress> Types::Uncommon(const TypeDescriptor& type) const {
  if ((type.flags & kFlagUncommon) == 0) return std::nullopt;
  switch (type.kind) {
    case TypeKind::kPointer:
      return type.address + kPointerElement + 8;
    case TypeKind::kStruct:
      return type.address + kStructFields + 24;
    case TypeKind::kInterface:
      return type.address + kInterfaceMethods + 24;
  }
  return std::nullopt;
}

std::string_view Types::PackagePath(const TypeDescriptor& type) const {
  const auto uncommon = Uncommon(type);
  if (!uncommon) return {};
  const auto path = image_->Read<std::uint32_t>(*uncommon);
  return path ? NameOf(*path).value_or(std::string_view()) : std::string_view();
}

VirtualAddress Types::Element(const TypeDescriptor& pointer) const {
  if (pointer.kind != TypeKind::kPointer) return {};
  return image_->Pointer(pointer.address + kPointerElement).value_or(VirtualAddress{});
}

std::vector<TypeField> Types::Fields(const TypeDescriptor& type) const {
  if (type.kind != TypeKind::kStruct) return {};
  const auto at = image_->Pointer(type.address + kStructFields);
  const auto count = image_->Read<std::uint64_t>(type.address + kStructFields + 8);
  if (!at || !count || *count > kMaxFields) return {};
  const auto entries = image_->At(*at, *count * kFieldSize);
  if (!entries) return {};
  std::vector<TypeField> fields;
  for (std::uint64_t i = 0; i < *count; ++i) {
    const VirtualAddress name_at{*ReadAt<std::uint64_t>(*entries, i * kFieldSize)};
    const std::uint64_t offset = *ReadAt<std::uint64_t>(*entries, i * kFieldSize + 16);
    const auto name = NameAt(name_at);
    if (!name) return {};
    const auto flags = image_->Read<std::uint8_t>(name_at).value_or(0);
    TypeField field{.name = *name,
                    .type = {*ReadAt<std::uint64_t>(*entries, i * kFieldSize + 8)},
                    .offset = shifted_offsets_ ? offset >> 1 : offset,
                    .embedded = ((shifted_offsets_ ? offset & 1 : flags & kNameEmbedded) != 0)};
    if (field.offset > type.size) return {};
    fields.push_back(field);
  }
  return fields;
}

Types::MethodTable Types::Methods(const TypeDescriptor& type) const {
  if (type.kind == TypeKind::kInterface) {
    const auto at = image_->Pointer(type.address + kInterfaceMethods);
    const auto count = image_->Read<std::uint64_t>(type.address + kInterfaceMethods + 8);
    if (!at || !count || *count > kMaxMethods) return {};
    const auto entries = image_->At(*at, *count * kInterfaceMethodSize);
    return entries ? MethodTable{*entries, kInterfaceMethodSize, *count} : MethodTable{};
  }
  const auto uncommon = Uncommon(type);
  if (!uncommon) return {};
  const auto count = image_->Read<std::uint16_t>(*uncommon + 4);
  const auto offset = image_->Read<std::uint32_t>(*uncommon + 8);
  if (!count || !offset || *count > kMaxMethods) return {};
  const auto entries = image_->At(*uncommon + *offset, *count * kMethodSize);
  return entries ? MethodTable{*entries, kMethodSize, *count} : MethodTable{};
}

std::size_t Types::CountMethods(const TypeDescriptor& type, std::span<const std::string_view> names,
                                std::uint64_t& budget) const {
  const MethodTable methods = Methods(type);
  if (methods.count < names.size()) return 0;
  std::size_t next = 0;
  for (std::size_t i = 0; i < methods.count && next < names.size(); ++i) {
    if (budget == 0) return 0;
    --budget;
    const auto offset = ReadAt<std::uint32_t>(methods.entries, i * methods.entry_size);
    const auto name = offset ? NameOf(*offset) : std::nullopt;
    // Both are sorted; exported names come first.
    while (name && next < names.size() && names[next] < *name) return next;
    if (name && names[next] == *name) ++next;
  }
  return next;
}

}  // namespace gotls
