// Loads and stores.
#include <fmt/format.h>

#include <array>

#include "plan/lift_arm64.h"
#include "plan/lifter_arm64.h"
#include "plan/word_arm64.h"

namespace gotls {
namespace arm64 {

void Lifter::LoadOrStore() {
  const std::uint32_t kind = Bits(word_, 29, 28);
  const bool vector = Bits(word_, 26, 26) != 0;
  if (kind == 3 && Bits(word_, 24, 24) != 0)
    return OneAt(std::int64_t{Bits(word_, 21, 10)} << SizeShift());
  if (kind == 3 && Bits(word_, 21, 21) == 0) return OneUnscaled();
  if (kind == 3 && Bits(word_, 11, 10) == 2) return OneIndexed();
  if (kind == 3 && Bits(word_, 11, 10) == 0 && !vector) return Atomic();
  if (kind == 2) return Pair();
  if (kind == 1 && Bits(word_, 24, 24) == 0) {  // literal
    if (vector) return Writes(std::uint64_t{1} << (kGeneralRegisters + Rd(word_)));
    return Writes(Bits(word_, 31, 30) == 3 ? 0 : RegisterBit(Rd(word_)));
  }
  if (kind == 0 && !vector && Bits(word_, 24, 24) == 0) return Exclusive();
  if (kind == 0 && vector) return VectorStructure();
  Havoc();
}

unsigned Lifter::SizeShift() const {
  const unsigned size = Bits(word_, 31, 30);
  const bool sixteen = Bits(word_, 26, 26) != 0 && size == 0 && Bits(word_, 23, 23) != 0;
  return sixteen ? 4 : size;
}

void Lifter::OneUnscaled() {
  const std::int64_t distance = SignedBits(word_, 20, 12);
  switch (Bits(word_, 11, 10)) {
    case 1:  // afterwards
      OneAt(0);
      return MoveBase(distance);
    case 3:  // before
      MoveBase(distance);
      return OneAt(0);
    default:
      return OneAt(distance);
  }
}

void Lifter::OneIndexed() {
  Operand memory = Memory(Rn(word_), 0, static_cast<std::uint8_t>(1U << SizeShift()));
  const std::uint32_t option = Bits(word_, 15, 13);
  if (Rm(word_) != kZero) {
    memory.memory.index = Rm(word_);
    memory.memory.scale =
        static_cast<std::uint8_t>(Bits(word_, 12, 12) != 0 ? 1U << SizeShift() : 1U);
    memory.memory.vague = option != 3 && option != 7;  // only a half of the index takes part
  }
  One(memory);
}

void Lifter::OneAt(std::int64_t distance) {
  One(Memory(Rn(word_), distance, static_cast<std::uint8_t>(1U << SizeShift())));
}

void Lifter::One(const Operand& memory) {
  const std::uint32_t operation = Bits(word_, 23, 22);
  if (Bits(word_, 26, 26) != 0) return MoveVector(Rd(word_), memory, (operation & 1) != 0);
  if (operation == 0) {
    Add(Operation::kMove, memory, Source(Rd(word_), memory.width));
  } else if (operation == 1) {
    Add(Operation::kMove, Target(Rd(word_), memory.width == 8 ? 8 : 4), memory);
  } else if (operation == 2 && memory.width == 8) {
    Nothing(true);  // prefetch
  } else {
    Add(Operation::kOther).written = RegisterBit(Rd(word_));  // sign-extended
  }
}

void Lifter::MoveVector(std::uint8_t reg, const Operand& memory, bool load) {
  const Operand vector = Vector(reg, memory.width);
  if (load) {
    Add(Operation::kVectorMove, vector, memory);
  } else {
    Add(Operation::kVectorMove, memory, vector);
  }
}

void Lifter::MoveBase(std::int64_t distance) {
  Add(Operation::kLoadAddress, RegisterOrSp(Rn(word_), 8), Memory(Rn(word_), distance, 8));
}

void Lifter::Pair() {
  const bool vector = Bits(word_, 26, 26) != 0;
  const std::uint32_t size = Bits(word_, 31, 30);
  const unsigned shift = vector ? 2 + size : size == 2 ? 3 : 2;
  if (size == 3 || (size == 1 && !vector && Bits(word_, 22, 22) == 0)) return Havoc();  // stgp
  const std::int64_t distance = SignedBits(word_, 21, 15) * (std::int64_t{1} << shift);
  const std::uint32_t mode = Bits(word_, 24, 23);
  if (mode == 3) MoveBase(distance);
  const std::int64_t at = mode == 1 || mode == 3 ? 0 : distance;
  const auto width = static_cast<std::uint8_t>(1U << shift);
  PairAt(Memory(Rn(word_), at, width), Memory(Rn(word_), at + width, width));
  if (mode == 1) MoveBase(distance);
}

void Lifter::PairAt(const Operand& low, const Operand& high) {
  const std::uint8_t first = Rd(word_), second = Rt2(word_);
  const bool load = Bits(word_, 22, 22) != 0;
  if (Bits(word_, 26, 26) != 0) {
    MoveVector(first, low, load);
    return MoveVector(second, high, load);
  }
  if (!load) {
    Add(Operation::kMove, low, Source(first, low.width));
    Add(Operation::kMove, high, Source(second, high.width));
  } else if (Bits(word_, 31, 30) == 1) {  // ldpsw
    Writes(RegisterBit(first) | RegisterBit(second));
  } else {
    // A base that is itself loaded has to be read before.
    const bool swapped = first == Rn(word_);
    if (!swapped) Add(Operation::kMove, Target(first, low.width), low);
    Add(Operation::kMove, Target(second, high.width), high);
    if (swapped) Add(Operation::kMove, Target(first, low.width), low);
  }
}

void Lifter::ChangesMemory(std::uint64_t written, std::uint8_t width) {
  Instruction& at = Add(Operation::kOther);
  at.operands[0] = Memory(Rn(word_), 0, width);
  at.operand_count = 1;
  at.writes_memory = true;
  at.written = written;
}

void Lifter::Atomic() {
  const std::uint32_t operation = Bits(word_, 15, 12);
  if (operation > 8 && operation != 12) return Havoc();  // 64 bytes at once, in a row of registers
  ChangesMemory(RegisterBit(Rd(word_)), static_cast<std::uint8_t>(1U << Bits(word_, 31, 30)));
}

void Lifter::Exclusive() {
  const std::uint8_t s = Rm(word_), t = Rd(word_), t2 = Rt2(word_);
  const bool load = Bits(word_, 22, 22) != 0, ordered = Bits(word_, 23, 23) != 0;
  const bool pair_or_swap = Bits(word_, 21, 21) != 0;
  const std::uint8_t next = s == kZero ? kZero : static_cast<std::uint8_t>(s + 1);
  if (pair_or_swap && (ordered || Bits(word_, 31, 31) == 0)) {  // cas, casp
    return ChangesMemory(RegisterBit(s) | (ordered ? 0 : RegisterBit(next)), 16);
  }
  if (load) return Writes(RegisterBit(t) | (pair_or_swap ? RegisterBit(t2) : 0));
  ChangesMemory(ordered ? 0 : RegisterBit(s), 16);
}

void Lifter::VectorStructure() {
  const bool load = Bits(word_, 22, 22) != 0, moves_base = Bits(word_, 23, 23) != 0;
  const std::uint64_t base = moves_base ? std::uint64_t{1} << Rn(word_) : 0;
  const std::uint64_t vectors = ~std::uint64_t{0} << kGeneralRegisters;
  if (load) return Writes(base | vectors);
  ChangesMemory(base, 64);
}

}  // namespace arm64

using arm64::Bits;
using arm64::kZero;
using arm64::Rd;
using arm64::Rm;
using arm64::Rn;

std::optional<std::string> AtomicText(std::uint32_t word) {
  static constexpr std::array<const char*, 9> kNames = {
      "ldadd", "ldclr", "ldeor", "ldset", "ldsmax", "ldsmin", "ldumax", "ldumin", "swp"};
  static constexpr std::array<const char*, 4> kSizes = {"b", "h", "", ""};
  const std::uint32_t size = Bits(word, 31, 30);
  const bool swaps = (word & 0x3fa07c00) == 0x08a07c00;
  const std::uint32_t operation = Bits(word, 15, 12);
  if (!swaps && ((word & 0x3f200c00) != 0x38200000 || operation >= kNames.size())) {
    return std::nullopt;
  }
  const bool acquire = Bits(word, swaps ? 22 : 23, swaps ? 22 : 23) != 0;
  const bool release = Bits(word, swaps ? 15 : 22, swaps ? 15 : 22) != 0;
  const auto name = [&](std::uint8_t reg) {
    const char kind = size == 3 ? 'x' : 'w';
    return reg == kZero ? fmt::format("{}zr", kind) : fmt::format("{}{}", kind, reg);
  };
  return fmt::format("{}{}{}{} {}, {}, [{}]", swaps ? "cas" : kNames[operation], acquire ? "a" : "",
                     release ? "l" : "", kSizes[size], name(Rm(word)), name(Rd(word)),
                     Rn(word) == arm64::kSp ? "sp" : fmt::format("x{}", Rn(word)));
}

bool IsLoadExclusive(std::uint32_t word) {
  const bool swaps_pair = (word & 0x80200000) == 0x00200000;
  return (word & 0x3fc00000) == 0x08400000 && !swaps_pair;
}

bool IsStoreExclusive(std::uint32_t word) {
  const bool swaps_pair = (word & 0x80200000) == 0x00200000;
  return (word & 0x3fc00000) == 0x08000000 && !swaps_pair;
}

}  // namespace gotls
