#include "plan/lift_arm64.h"

#include <fmt/format.h>

#include <array>
#include <bit>

#include "plan/emulation_arm64.h"

namespace gotls {
namespace {

constexpr std::uint8_t kZero = 31;  // as a register number: xzr where sp isn't meant

std::uint32_t Bits(std::uint32_t word, unsigned high, unsigned low) {
  return word >> low & ((std::uint32_t{2} << (high - low)) - 1);
}

std::int64_t SignedBits(std::uint32_t word, unsigned high, unsigned low) {
  const unsigned left = 31 - high;
  return static_cast<std::int32_t>(word << left) >> (left + low);
}

// Bit fields that many encodings share.
std::uint8_t Rd(std::uint32_t word) { return static_cast<std::uint8_t>(Bits(word, 4, 0)); }
std::uint8_t Rn(std::uint32_t word) { return static_cast<std::uint8_t>(Bits(word, 9, 5)); }
std::uint8_t Rt2(std::uint32_t word) { return static_cast<std::uint8_t>(Bits(word, 14, 10)); }
std::uint8_t Rm(std::uint32_t word) { return static_cast<std::uint8_t>(Bits(word, 20, 16)); }
bool IsWide(std::uint32_t word) { return (word >> 31) != 0; }

Operand Immediate(std::int64_t value, std::uint8_t width) {
  Operand operand;
  operand.kind = OperandKind::kImmediate;
  operand.immediate = value;
  operand.width = width;
  return operand;
}

// 31 is the stack pointer.
Operand RegisterOrSp(std::uint8_t reg, std::uint8_t width) {
  Operand operand;
  operand.kind = OperandKind::kRegister;
  operand.reg = reg;
  operand.width = width;
  return operand;
}

// 31 is the zero register: 0 when read, nothing when written.
Operand Source(std::uint8_t reg, std::uint8_t width) {
  return reg == kZero ? Immediate(0, width) : RegisterOrSp(reg, width);
}

Operand Target(std::uint8_t reg, std::uint8_t width) {
  return RegisterOrSp(reg == kZero ? kNoRegister : reg, width);
}

Operand Vector(std::uint8_t reg, std::uint8_t width) {
  return RegisterOrSp(static_cast<std::uint8_t>(kGeneralRegisters + reg), width);
}

Operand Memory(std::uint8_t base, std::int64_t displacement, std::uint8_t width) {
  Operand operand;
  operand.kind = OperandKind::kMemory;
  operand.width = width;
  operand.memory.base = base;
  operand.memory.displacement = displacement;
  return operand;
}

std::uint64_t RegisterBit(std::uint8_t reg) { return reg == kZero ? 0 : std::uint64_t{1} << reg; }

std::optional<std::uint64_t> BitmaskImmediate(std::uint32_t word) {
  const std::uint32_t n = Bits(word, 22, 22), immr = Bits(word, 21, 16), imms = Bits(word, 15, 10);
  const std::uint32_t combined = n << 6 | (~imms & 0x3f);
  if (combined == 0) return std::nullopt;
  const unsigned length = 31 - static_cast<unsigned>(std::countl_zero(combined));
  if (length == 0) return std::nullopt;
  const unsigned size = 1U << length, levels = size - 1;
  const unsigned ones = imms & levels, rotation = immr & levels;
  if (ones == levels) return std::nullopt;
  const std::uint64_t mask = size == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << size) - 1;
  std::uint64_t element = (std::uint64_t{2} << ones) - 1;
  if (rotation != 0) element = (element >> rotation | element << (size - rotation)) & mask;
  std::uint64_t value = 0;
  for (unsigned at = 0; at < 64; at += size) value |= element << at;
  return value;
}

Condition ConditionOf(std::uint32_t code) {
  switch (code) {
    case 0:
      return Condition::kEqual;
    case 1:
      return Condition::kNotEqual;
    case 2:  // hs
    case 3:  // lo
    case 8:  // hi
      return Condition::kUnsigned;
    case 9:
      return Condition::kBelowOrEqual;
    default:
      return Condition::kOther;
  }
}

class Lifter {
 public:
  Lifter(std::uint32_t word, std::uint64_t address, std::uint32_t offset,
         std::vector<Instruction>& code)
      : word_(word), address_(address), offset_(offset), code_(code) {}

  void Lift() {
    switch (Bits(word_, 28, 25)) {
      case 8:
      case 9:
        return DataImmediate();
      case 10:
      case 11:
        return BranchOrSystem();
      case 4:
      case 6:
      case 12:
      case 14:
        return LoadOrStore();
      case 5:
      case 13:
        return DataRegister();
      case 7:
      case 15:
        return DataVector();
      default:
        if (Bits(word_, 31, 16) == 0) return Flow(FlowKind::kTrap);  // udf
        return Havoc();
    }
  }

 private:
  Instruction& Add(Operation operation) {
    Instruction& at = code_.emplace_back();
    at.offset = offset_;
    at.size = 4;
    at.operation = operation;
    at.emulated = IsSimulatedOnArm64(word_);
    return at;
  }

  Instruction& Add(Operation operation, const Operand& to, const Operand& from) {
    Instruction& at = Add(operation);
    at.operands[0] = to;
    at.operands[1] = from;
    at.operand_count = 2;
    at.keeps_flags = true;
    return at;
  }

  void Nothing(bool keeps_flags) { Add(Operation::kNone).keeps_flags = keeps_flags; }
  void Havoc() { Add(Operation::kHavoc); }
  void Writes(std::uint64_t registers) { Add(Operation::kOther).written = registers; }

  Instruction& FlowTo(FlowKind flow, std::int64_t distance) {
    Instruction& at = Add(Operation::kNone);
    at.flow = flow;
    at.target = std::int64_t{offset_} + distance;
    return at;
  }

  void Flow(FlowKind flow) { Add(Operation::kNone).flow = flow; }

  void BranchOrSystem() {
    if ((word_ & 0x7c000000) == 0x14000000) {
      FlowTo(IsWide(word_) ? FlowKind::kCall : FlowKind::kJump, SignedBits(word_, 25, 0) * 4);
    } else if ((word_ & 0xff000010) == 0x54000000) {
      FlowTo(FlowKind::kBranch, SignedBits(word_, 23, 5) * 4).condition =
          ConditionOf(Bits(word_, 3, 0));
    } else if ((word_ & 0x7e000000) == 0x34000000) {
      CompareAndBranch();
    } else if ((word_ & 0x7e000000) == 0x36000000) {
      FlowTo(FlowKind::kBranch, SignedBits(word_, 18, 5) * 4).condition = Condition::kOther;
    } else if ((word_ & 0xfffffc1f) == 0xd63f0000) {
      Flow(FlowKind::kCallIndirect);
    } else if (word_ == 0xd65f03c0) {
      Flow(FlowKind::kReturn);
    } else if ((word_ & 0xffe0001f) == 0xd4200000 || (word_ & 0xffe0001f) == 0xd4400000) {
      Flow(FlowKind::kTrap);  // brk, hlt
    } else if ((word_ & 0xff000000) == 0xd5000000) {
      System();
    } else if ((word_ & 0xff000000) == 0xd4000000) {
      Havoc();  // svc and the like
    } else {
      Flow(FlowKind::kJumpIndirect);  // br, and whatever else: refused
    }
  }

  void CompareAndBranch() {
    Instruction& at = FlowTo(FlowKind::kBranch, SignedBits(word_, 23, 5) * 4);
    at.condition = Bits(word_, 24, 24) == 0 ? Condition::kEqual : Condition::kNotEqual;
    at.operands[0] = Source(Rd(word_), IsWide(word_) ? 8 : 4);
    at.operand_count = 1;
    at.compares_with_zero = IsWide(word_) && Rd(word_) != kZero;
  }

  void System() {
    if ((word_ & 0xfffff01f) == 0xd503201f) {
      const std::uint32_t hint = Bits(word_, 11, 5);
      // nop, yield, wfe, wfi, sev, sevl; bti. The others may sign addresses in these registers.
      if (hint <= 5 || (hint >= 32 && hint < 40)) return Nothing(true);
      return Writes(RegisterBit(16) | RegisterBit(17) | RegisterBit(arm64::kX30));
    }
    if ((word_ & 0xfffff000) == 0xd5033000) return Nothing(true);                   // barriers
    if ((word_ & 0xfff00000) == 0xd5300000) return Writes(RegisterBit(Rd(word_)));  // mrs
    if ((word_ & 0xfff00000) == 0xd5100000) return Nothing(false);                  // msr
    Havoc();  // dc zva and the like
  }

  void DataImmediate() {
    const std::uint8_t width = IsWide(word_) ? 8 : 4;
    switch (Bits(word_, 25, 23)) {
      case 0:
      case 1:
        return PcRelative();
      case 2:
        return AddImmediate(width);
      case 4:
        return LogicalImmediate(width);
      case 5:
        return MoveWide(width);
      case 6:
        return Bitfield(width);
      default:  // extr; additions that keep tags
        return Writes(std::uint64_t{1} << Rd(word_));
    }
  }

  void PcRelative() {
    const std::int64_t distance = SignedBits(word_, 23, 5) * 4 + Bits(word_, 30, 29);
    Operand from = Memory(kNoRegister, 0, 8);
    from.memory.absolute = true;
    const bool page = IsWide(word_);
    const std::uint64_t base = page ? address_ & ~std::uint64_t{0xfff} : address_;
    from.memory.displacement = static_cast<std::int64_t>(
        base + static_cast<std::uint64_t>(page ? distance * 4096 : distance));
    Add(Operation::kLoadAddress, Target(Rd(word_), 8), from);
  }

  void AddImmediate(std::uint8_t width) {
    std::int64_t value = Bits(word_, 21, 10);
    if (Bits(word_, 22, 22) != 0) value <<= 12;
    const bool subtract = Bits(word_, 30, 30) != 0, sets_flags = Bits(word_, 29, 29) != 0;
    if (sets_flags && Rd(word_) == kZero) {
      Instruction& at = Add(Operation::kNone);
      at.operands[0] = RegisterOrSp(Rn(word_), width);
      at.operand_count = 1;
      at.compares_with_zero = subtract && value == 0 && width == 8 && Rn(word_) != arm64::kSp;
      return;
    }
    const Operand to = sets_flags ? Target(Rd(word_), width) : RegisterOrSp(Rd(word_), width);
    const Operand from = Memory(Rn(word_), subtract ? -value : value, width);
    Add(Operation::kLoadAddress, to, from).keeps_flags = !sets_flags;
  }

  void LogicalImmediate(std::uint8_t width) {
    const std::uint32_t operation = Bits(word_, 30, 29);
    if (operation == 3) {  // ands, tst
      Writes(RegisterBit(Rd(word_)));
      return;
    }
    const auto value = BitmaskImmediate(word_);
    if (operation == 1 && Rn(word_) == kZero && value) {
      Add(Operation::kMove, RegisterOrSp(Rd(word_), width),
          Immediate(static_cast<std::int64_t>(*value), width));
      return;
    }
    Writes(std::uint64_t{1} << Rd(word_));  // 31: the stack pointer
  }

  void MoveWide(std::uint8_t width) {
    const unsigned shift = 16 * Bits(word_, 22, 21);
    const std::uint64_t value = std::uint64_t{Bits(word_, 20, 5)} << shift;
    switch (Bits(word_, 30, 29)) {
      case 0:
        Add(Operation::kMove, Target(Rd(word_), width),
            Immediate(static_cast<std::int64_t>(~value), width));
        return;
      case 2:
        Add(Operation::kMove, Target(Rd(word_), width),
            Immediate(static_cast<std::int64_t>(value), width));
        return;
      default:  // movk keeps a part
        return Writes(RegisterBit(Rd(word_)));
    }
  }

  void Bitfield(std::uint8_t width) {
    const std::uint32_t imms = Bits(word_, 15, 10);
    const bool is_unsigned = Bits(word_, 30, 29) == 2;
    if (is_unsigned && Bits(word_, 21, 16) == 0 && (imms == 7 || imms == 15 || imms == 31)) {
      const auto kept = static_cast<std::uint8_t>((imms + 1) / 8);
      Add(Operation::kMove, Target(Rd(word_), width), Source(Rn(word_), kept));
      return;
    }
    Writes(RegisterBit(Rd(word_)));
  }

  void DataRegister() {
    const std::uint8_t width = IsWide(word_) ? 8 : 4;
    if (Bits(word_, 28, 28) == 0) {
      if (Bits(word_, 24, 24) == 0) return LogicalRegister(width);
      return AddRegister(width);
    }
    switch (Bits(word_, 24, 21)) {
      case 2:  // ccmp, ccmn
        return Nothing(false);
      case 4:
        return Select(width);
      default:  // adc, shifts, divisions, multiplications
        return Writes(RegisterBit(Rd(word_)));
    }
  }

  void LogicalRegister(std::uint8_t width) {
    const std::uint32_t operation = Bits(word_, 30, 29);
    const bool plain =
        Bits(word_, 23, 21) == 0 && Bits(word_, 15, 10) == 0;  // no shift, not inverted
    if (operation == 1 && Rn(word_) == kZero && plain) {
      Add(Operation::kMove, Target(Rd(word_), width), Source(Rm(word_), width));
      return;
    }
    if (operation == 3 && Rd(word_) == kZero) {  // tst
      Instruction& at = Add(Operation::kNone);
      at.operands[0] = Source(Rn(word_), width);
      at.operand_count = 1;
      at.compares_with_zero = plain && Rn(word_) == Rm(word_) && width == 8 && Rn(word_) != kZero;
      return;
    }
    Writes(RegisterBit(Rd(word_)));
  }

  // The second register of an addition as it takes part: shifted left by so many bits, or nullopt
  // when something else is done to it.
  [[nodiscard]] std::optional<unsigned> LeftShift() const {
    if (Bits(word_, 21, 21) == 0) {
      const std::uint32_t amount = Bits(word_, 15, 10);
      return Bits(word_, 23, 22) == 0 && amount <= 3 ? std::optional<unsigned>(amount)
                                                     : std::nullopt;
    }
    const std::uint32_t amount = Bits(word_, 12, 10);
    return Bits(word_, 23, 22) == 0 && Bits(word_, 15, 13) == 3 && amount <= 3
               ? std::optional<unsigned>(amount)
               : std::nullopt;
  }

  void AddRegister(std::uint8_t width) {
    const bool extended = Bits(word_, 21, 21) != 0;
    const bool subtract = Bits(word_, 30, 30) != 0, sets_flags = Bits(word_, 29, 29) != 0;
    const std::uint8_t d = Rd(word_), n = Rn(word_), m = Rm(word_);
    // Extended forms have the stack pointer where the others have the zero register.
    const Operand first = extended ? RegisterOrSp(n, width) : Source(n, width);
    if (sets_flags && d == kZero) {
      Instruction& at = Add(Operation::kNone);
      at.operands[0] = first;
      at.operand_count = 1;
      at.compares_with_zero = subtract && m == kZero && width == 8 && n != kZero;
      return;
    }
    const Operand to = extended && !sets_flags ? RegisterOrSp(d, width) : Target(d, width);
    const auto shift = LeftShift();
    if (!shift || (subtract && (*shift != 0 || (d == m && d != n)))) {
      return Writes(to.reg == kNoRegister ? 0 : std::uint64_t{1} << to.reg);
    }
    if (subtract) {
      if (to.reg != first.reg || first.kind != OperandKind::kRegister) {
        Add(Operation::kMove, to, first);
      }
      Add(Operation::kSubtract, to, Source(m, width)).keeps_flags = !sets_flags;
      return;
    }
    Operand from = Memory(first.reg, 0, width);  // the zero register: no base
    if (m != kZero) {
      from.memory.index = m;
      from.memory.scale = static_cast<std::uint8_t>(1U << *shift);
    }
    Add(Operation::kLoadAddress, to, from).keeps_flags = !sets_flags;
  }

  // One of two registers; when the second one is changed on its way, anything.
  void Select(std::uint8_t width) {
    const std::uint8_t d = Rd(word_), n = Rn(word_), m = Rm(word_);
    if (Bits(word_, 30, 30) != 0 || Bits(word_, 11, 10) != 0 || d == kZero) {
      return Writes(RegisterBit(d));
    }
    const std::uint8_t first = d == m ? m : n, second = d == m ? n : m;
    if (first != d) Add(Operation::kMove, Target(d, width), Source(first, width));
    Add(Operation::kConditionalMove, Target(d, width), Source(second, width));
  }

  // Floating point and vectors: what lands in a general register has its number where the vector
  // register's would be.
  void DataVector() {
    const std::uint64_t d = Rd(word_);
    Add(Operation::kOther).written = RegisterBit(Rd(word_)) | std::uint64_t{1}
                                                                  << (kGeneralRegisters + d);
  }

  void LoadOrStore() {
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

  // log2 of the bytes that a single load or store moves.
  [[nodiscard]] unsigned SizeShift() const {
    const unsigned size = Bits(word_, 31, 30);
    const bool sixteen = Bits(word_, 26, 26) != 0 && size == 0 && Bits(word_, 23, 23) != 0;
    return sixteen ? 4 : size;
  }

  void OneUnscaled() {
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

  void OneIndexed() {
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

  void OneAt(std::int64_t distance) {
    One(Memory(Rn(word_), distance, static_cast<std::uint8_t>(1U << SizeShift())));
  }

  void One(const Operand& memory) {
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

  void MoveVector(std::uint8_t reg, const Operand& memory, bool load) {
    const Operand vector = Vector(reg, memory.width);
    if (load) {
      Add(Operation::kVectorMove, vector, memory);
    } else {
      Add(Operation::kVectorMove, memory, vector);
    }
  }

  void MoveBase(std::int64_t distance) {
    Add(Operation::kLoadAddress, RegisterOrSp(Rn(word_), 8), Memory(Rn(word_), distance, 8));
  }

  void Pair() {
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

  void PairAt(const Operand& low, const Operand& high) {
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

  void ChangesMemory(std::uint64_t written, std::uint8_t width) {
    Instruction& at = Add(Operation::kOther);
    at.operands[0] = Memory(Rn(word_), 0, width);
    at.operand_count = 1;
    at.writes_memory = true;
    at.written = written;
  }

  void Atomic() {
    const std::uint32_t operation = Bits(word_, 15, 12);
    if (operation > 8 && operation != 12)
      return Havoc();  // 64 bytes at once, in a row of registers
    ChangesMemory(RegisterBit(Rd(word_)), static_cast<std::uint8_t>(1U << Bits(word_, 31, 30)));
  }

  // Exclusive and ordered loads and stores, compare and swap. `s` gets a status or the old value.
  void Exclusive() {
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

  void VectorStructure() {
    const bool load = Bits(word_, 22, 22) != 0, moves_base = Bits(word_, 23, 23) != 0;
    const std::uint64_t base = moves_base ? std::uint64_t{1} << Rn(word_) : 0;
    const std::uint64_t vectors = ~std::uint64_t{0} << kGeneralRegisters;
    if (load) return Writes(base | vectors);
    ChangesMemory(base, 64);
  }

  const std::uint32_t word_;
  const std::uint64_t address_;
  const std::uint32_t offset_;
  std::vector<Instruction>& code_;
};

}  // namespace

void LiftArm64(std::uint32_t word, std::uint64_t address, std::uint32_t offset,
               std::vector<Instruction>& code) {
  Lifter(word, address, offset, code).Lift();
}

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
