#include "plan/lift_arm64.h"

#include <bit>
#include <optional>

#include "plan/emulation_arm64.h"
#include "plan/lifter_arm64.h"
#include "plan/word_arm64.h"

namespace gotls {
namespace arm64 {
namespace {

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

}  // namespace

void Lifter::Lift() {
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

Instruction& Lifter::Add(Operation operation) {
  Instruction& at = code_.emplace_back();
  at.offset = offset_;
  at.size = 4;
  at.operation = operation;
  at.emulated = IsSimulatedOnArm64(word_);
  return at;
}

Instruction& Lifter::Add(Operation operation, const Operand& to, const Operand& from) {
  Instruction& at = Add(operation);
  at.operands[0] = to;
  at.operands[1] = from;
  at.operand_count = 2;
  at.keeps_flags = true;
  return at;
}

Instruction& Lifter::FlowTo(FlowKind flow, std::int64_t distance) {
  Instruction& at = Add(Operation::kNone);
  at.flow = flow;
  at.target = std::int64_t{offset_} + distance;
  return at;
}

void Lifter::BranchOrSystem() {
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

void Lifter::CompareAndBranch() {
  Instruction& at = FlowTo(FlowKind::kBranch, SignedBits(word_, 23, 5) * 4);
  at.condition = Bits(word_, 24, 24) == 0 ? Condition::kEqual : Condition::kNotEqual;
  at.operands[0] = Source(Rd(word_), IsWide(word_) ? 8 : 4);
  at.operand_count = 1;
  at.compares_with_zero = IsWide(word_) && Rd(word_) != kZero;
}

void Lifter::System() {
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

void Lifter::DataImmediate() {
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

void Lifter::PcRelative() {
  const std::int64_t distance = SignedBits(word_, 23, 5) * 4 + Bits(word_, 30, 29);
  Operand from = Memory(kNoRegister, 0, 8);
  from.memory.absolute = true;
  const bool page = IsWide(word_);
  const std::uint64_t base = page ? address_ & ~std::uint64_t{0xfff} : address_;
  from.memory.displacement = static_cast<std::int64_t>(
      base + static_cast<std::uint64_t>(page ? distance * 4096 : distance));
  Add(Operation::kLoadAddress, Target(Rd(word_), 8), from);
}

void Lifter::AddImmediate(std::uint8_t width) {
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

void Lifter::LogicalImmediate(std::uint8_t width) {
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

void Lifter::MoveWide(std::uint8_t width) {
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

void Lifter::Bitfield(std::uint8_t width) {
  const std::uint32_t imms = Bits(word_, 15, 10);
  const bool is_unsigned = Bits(word_, 30, 29) == 2;
  if (is_unsigned && Bits(word_, 21, 16) == 0 && (imms == 7 || imms == 15 || imms == 31)) {
    const auto kept = static_cast<std::uint8_t>((imms + 1) / 8);
    Add(Operation::kMove, Target(Rd(word_), width), Source(Rn(word_), kept));
    return;
  }
  Writes(RegisterBit(Rd(word_)));
}

void Lifter::DataRegister() {
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

void Lifter::LogicalRegister(std::uint8_t width) {
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

std::optional<unsigned> Lifter::LeftShift() const {
  if (Bits(word_, 21, 21) == 0) {
    const std::uint32_t amount = Bits(word_, 15, 10);
    return Bits(word_, 23, 22) == 0 && amount <= 3 ? std::optional<unsigned>(amount) : std::nullopt;
  }
  const std::uint32_t amount = Bits(word_, 12, 10);
  return Bits(word_, 23, 22) == 0 && Bits(word_, 15, 13) == 3 && amount <= 3
             ? std::optional<unsigned>(amount)
             : std::nullopt;
}

void Lifter::AddRegister(std::uint8_t width) {
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

void Lifter::Select(std::uint8_t width) {
  const std::uint8_t d = Rd(word_), n = Rn(word_), m = Rm(word_);
  if (Bits(word_, 30, 30) != 0 || Bits(word_, 11, 10) != 0 || d == kZero) {
    return Writes(RegisterBit(d));
  }
  const std::uint8_t first = d == m ? m : n, second = d == m ? n : m;
  if (first != d) Add(Operation::kMove, Target(d, width), Source(first, width));
  Add(Operation::kConditionalMove, Target(d, width), Source(second, width));
}

void Lifter::DataVector() {
  const std::uint64_t d = Rd(word_);
  Add(Operation::kOther).written = RegisterBit(Rd(word_)) | std::uint64_t{1}
                                                                << (kGeneralRegisters + d);
}

}  // namespace arm64

void LiftArm64(std::uint32_t word, std::uint64_t address, std::uint32_t offset,
               std::vector<Instruction>& code) {
  arm64::Lifter(word, address, offset, code).Lift();
}

}  // namespace gotls
