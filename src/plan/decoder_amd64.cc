// x86-64 behind Capstone 4 and 5. The rule that keeps the proofs sound: what isn't known by name
// here makes all that it might write unknown. Capstone's own access flags are only ever used to add
// to that, since they have gaps.
#include <capstone/capstone.h>
#include <fmt/format.h>

#include <algorithm>

#include "plan/decoder.h"
#include "plan/emulation_amd64.h"

namespace gotls {
namespace {

struct RegisterName {
  std::uint8_t number = kNoRegister;
  bool high_byte = false;
};

constexpr unsigned kVectors = 16;  // those of AVX-512 beyond aren't followed

using RegisterTable = std::array<RegisterName, X86_REG_ENDING>;

RegisterTable MakeRegisterTable() {
  static constexpr x86_reg kGeneral[16][4] = {
      {X86_REG_RAX, X86_REG_EAX, X86_REG_AX, X86_REG_AL},
      {X86_REG_RCX, X86_REG_ECX, X86_REG_CX, X86_REG_CL},
      {X86_REG_RDX, X86_REG_EDX, X86_REG_DX, X86_REG_DL},
      {X86_REG_RBX, X86_REG_EBX, X86_REG_BX, X86_REG_BL},
      {X86_REG_RSP, X86_REG_ESP, X86_REG_SP, X86_REG_SPL},
      {X86_REG_RBP, X86_REG_EBP, X86_REG_BP, X86_REG_BPL},
      {X86_REG_RSI, X86_REG_ESI, X86_REG_SI, X86_REG_SIL},
      {X86_REG_RDI, X86_REG_EDI, X86_REG_DI, X86_REG_DIL},
      {X86_REG_R8, X86_REG_R8D, X86_REG_R8W, X86_REG_R8B},
      {X86_REG_R9, X86_REG_R9D, X86_REG_R9W, X86_REG_R9B},
      {X86_REG_R10, X86_REG_R10D, X86_REG_R10W, X86_REG_R10B},
      {X86_REG_R11, X86_REG_R11D, X86_REG_R11W, X86_REG_R11B},
      {X86_REG_R12, X86_REG_R12D, X86_REG_R12W, X86_REG_R12B},
      {X86_REG_R13, X86_REG_R13D, X86_REG_R13W, X86_REG_R13B},
      {X86_REG_R14, X86_REG_R14D, X86_REG_R14W, X86_REG_R14B},
      {X86_REG_R15, X86_REG_R15D, X86_REG_R15W, X86_REG_R15B},
  };
  RegisterTable table;
  std::uint8_t general = 0;
  for (const auto& names : kGeneral) {
    for (const x86_reg reg : names) table[reg].number = general;
    ++general;
  }
  table[X86_REG_AH] = {0, true};
  table[X86_REG_CH] = {1, true};
  table[X86_REG_DH] = {2, true};
  table[X86_REG_BH] = {3, true};
  for (unsigned i = 0; i < kVectors; ++i) {
    const auto number = static_cast<std::uint8_t>(kGeneralRegisters + i);
    table[X86_REG_XMM0 + i].number = number;
    table[X86_REG_YMM0 + i].number = number;
    table[X86_REG_ZMM0 + i].number = number;
  }
  return table;
}

RegisterName NameOf(unsigned reg) {
  static const RegisterTable table = MakeRegisterTable();
  return reg < table.size() ? table[reg] : RegisterName{};
}

std::uint64_t RegisterBit(unsigned capstone_register) {
  const std::uint8_t number = NameOf(capstone_register).number;
  return number == kNoRegister ? 0 : std::uint64_t{1} << number;
}

bool IsVector(const Operand& operand) {
  return operand.kind == OperandKind::kRegister && operand.reg != kNoRegister &&
         operand.reg >= kGeneralRegisters;
}

bool IsGeneral(const Operand& operand) {
  return operand.kind == OperandKind::kRegister && operand.reg < kGeneralRegisters;
}

Operand Convert(const cs_x86_op& from, std::uint64_t next_address) {
  Operand to;
  to.width = from.size;
  switch (from.type) {
    case X86_OP_REG: {
      to.kind = OperandKind::kRegister;
      const RegisterName name = NameOf(from.reg);
      to.reg = name.number;
      to.high_byte = name.high_byte;
      break;
    }
    case X86_OP_IMM:
      to.kind = OperandKind::kImmediate;
      to.immediate = from.imm;
      break;
    case X86_OP_MEM:
      to.kind = OperandKind::kMemory;
      to.memory.is_thread_local = from.mem.segment == X86_REG_FS || from.mem.segment == X86_REG_GS;
      to.memory.scale = static_cast<std::uint8_t>(from.mem.scale);
      to.memory.displacement = from.mem.disp;
      to.memory.index = NameOf(from.mem.index).number;
      if (from.mem.base == X86_REG_RIP) {
        to.memory.absolute = true;
        to.memory.displacement =
            static_cast<std::int64_t>(next_address + static_cast<std::uint64_t>(from.mem.disp));
      } else {
        to.memory.base = NameOf(from.mem.base).number;
      }
      break;
    default:
      break;
  }
  return to;
}

bool IsOneOf(unsigned id, std::initializer_list<unsigned> ids) {
  return std::ranges::find(ids, id) != ids.end();
}

// Instructions that write neither a general register, nor a vector register, nor memory.
bool WritesNothing(unsigned id) {
  return IsOneOf(id,
                 {X86_INS_CMP,        X86_INS_TEST,       X86_INS_BT,          X86_INS_NOP,
                  X86_INS_PAUSE,      X86_INS_PREFETCH,   X86_INS_PREFETCHNTA, X86_INS_PREFETCHT0,
                  X86_INS_PREFETCHT1, X86_INS_PREFETCHT2, X86_INS_PREFETCHW,   X86_INS_UCOMISD,
                  X86_INS_UCOMISS,    X86_INS_COMISD,     X86_INS_COMISS,      X86_INS_PTEST,
                  X86_INS_VPTEST,     X86_INS_MFENCE,     X86_INS_LFENCE,      X86_INS_SFENCE,
                  X86_INS_INT3,       X86_INS_UD2,        X86_INS_RET});
}

// 66 90, which Go uses for alignment: xchg ax,ax to some disassemblers.
bool IsTwoByteNop(const cs_insn& insn) {
  return insn.size == 2 && insn.bytes[0] == 0x66 && insn.bytes[1] == 0x90;
}

// Instructions whose effects aren't in their operands.
bool IsHavoc(unsigned id, const Operand& first) {
  if (IsOneOf(id, {X86_INS_MOVSD, X86_INS_CMPSD})) return !IsVector(first);
  return IsOneOf(id, {X86_INS_STOSB,    X86_INS_STOSW,   X86_INS_STOSD,      X86_INS_STOSQ,
                      X86_INS_MOVSB,    X86_INS_MOVSW,   X86_INS_MOVSQ,      X86_INS_LODSB,
                      X86_INS_LODSW,    X86_INS_LODSD,   X86_INS_LODSQ,      X86_INS_SCASB,
                      X86_INS_SCASW,    X86_INS_SCASD,   X86_INS_SCASQ,      X86_INS_CMPSB,
                      X86_INS_CMPSW,    X86_INS_CMPSQ,   X86_INS_CPUID,      X86_INS_SYSCALL,
                      X86_INS_SYSENTER, X86_INS_INT,     X86_INS_XSAVE,      X86_INS_XSAVEC,
                      X86_INS_XSAVEOPT, X86_INS_XSAVES,  X86_INS_XSAVE64,    X86_INS_XSAVEC64,
                      X86_INS_XRSTOR,   X86_INS_FXSAVE,  X86_INS_FXSAVE64,   X86_INS_FXRSTOR,
                      X86_INS_FNSAVE,   X86_INS_FNSTENV, X86_INS_INSB,       X86_INS_INSW,
                      X86_INS_INSD,     X86_INS_XLATB,   X86_INS_MASKMOVDQU, X86_INS_VMASKMOVDQU});
}

bool IsVectorMove(unsigned id) {
  return IsOneOf(
      id, {X86_INS_MOVUPS, X86_INS_MOVAPS, X86_INS_MOVUPD, X86_INS_MOVAPD, X86_INS_MOVDQU,
           X86_INS_MOVDQA, X86_INS_VMOVUPS, X86_INS_VMOVAPS, X86_INS_VMOVDQU, X86_INS_VMOVDQA,
           X86_INS_MOVQ, X86_INS_MOVSD, X86_INS_MOVSS});
}

Operation OperationOf(const cs_insn& insn, const Instruction& to) {
  const Operand& a = to.operands[0];
  const Operand& b = to.operands[1];
  if (to.flow == FlowKind::kNext && IsHavoc(insn.id, a)) return Operation::kHavoc;
  if (WritesNothing(insn.id) || IsTwoByteNop(insn) || to.flow != FlowKind::kNext)
    return Operation::kNone;
  switch (insn.id) {
    case X86_INS_MOV:
    case X86_INS_MOVABS:
      // Segment and control registers have no number here.
      if (b.kind == OperandKind::kRegister && !IsGeneral(b)) return Operation::kOther;
      return Operation::kMove;
    case X86_INS_MOVZX:
      return Operation::kMove;
    case X86_INS_LEA:
      return Operation::kLoadAddress;
    case X86_INS_ADD:
      return Operation::kAdd;
    case X86_INS_SUB:
      return Operation::kSubtract;
    case X86_INS_INC:
      return Operation::kIncrement;
    case X86_INS_DEC:
      return Operation::kDecrement;
    case X86_INS_AND:
      return Operation::kAnd;
    case X86_INS_XOR:
      return Operation::kXor;
    case X86_INS_PUSH:
      return Operation::kPush;
    case X86_INS_POP:
      return Operation::kPop;
    case X86_INS_XORPS:
    case X86_INS_XORPD:
    case X86_INS_PXOR:
      return a.reg == b.reg && IsVector(b) ? Operation::kVectorZero : Operation::kOther;
    case X86_INS_VXORPS:
    case X86_INS_VPXOR:
      return b.reg == to.operands[2].reg && IsVector(b) && IsVector(a) && IsVector(to.operands[2])
                 ? Operation::kVectorZero
                 : Operation::kOther;
    default:
      break;
  }
  if (insn.id >= X86_INS_CMOVA && insn.id <= X86_INS_CMOVS && IsGeneral(a)) {
    return Operation::kConditionalMove;  // the x87 ones in this range have no general register
  }
  if (IsVectorMove(insn.id) && to.operand_count == 2 && !IsGeneral(a) && !IsGeneral(b)) {
    return Operation::kVectorMove;
  }
  return Operation::kOther;
}

// Every register that a kOther may write.
std::uint64_t WrittenBy(const cs_insn& insn) {
  const cs_detail& detail = *insn.detail;
  std::uint64_t written = 0;
  for (unsigned i = 0; i < detail.regs_write_count; ++i)
    written |= RegisterBit(detail.regs_write[i]);
  for (unsigned i = 0; i < detail.x86.op_count; ++i) {
    const cs_x86_op& operand = detail.x86.operands[i];
    if (operand.type != X86_OP_REG) continue;
    const bool two_results = IsOneOf(insn.id, {X86_INS_XCHG, X86_INS_XADD, X86_INS_MULX});
    if (i == 0 || (operand.access & CS_AC_WRITE) != 0 || (i == 1 && two_results)) {
      written |= RegisterBit(operand.reg);
    }
  }
  const std::uint32_t rax = 1U << amd64::kRax, rdx = 1U << amd64::kRdx;
  if (IsOneOf(insn.id,
              {X86_INS_MUL, X86_INS_IMUL, X86_INS_DIV, X86_INS_IDIV, X86_INS_CDQ, X86_INS_CQO,
               X86_INS_CWD, X86_INS_RDTSC, X86_INS_RDTSCP, X86_INS_XGETBV, X86_INS_CMPXCHG8B,
               X86_INS_CMPXCHG16B, X86_INS_CMPXCHG, X86_INS_CDQE, X86_INS_CWDE, X86_INS_CBW})) {
    written |= rax | rdx;
  }
  if (IsOneOf(insn.id, {X86_INS_RDTSCP, X86_INS_CMPXCHG16B})) written |= 1U << amd64::kRcx;
  if (IsOneOf(insn.id, {X86_INS_LEAVE, X86_INS_ENTER, X86_INS_PUSHF, X86_INS_PUSHFQ, X86_INS_POPF,
                        X86_INS_POPFQ})) {
    written |= 1U << amd64::kRsp | 1U << amd64::kRbp;
  }
  return written;
}

FlowKind FlowOf(const cs_insn& insn) {
  const bool direct =
      insn.detail->x86.op_count == 1 && insn.detail->x86.operands[0].type == X86_OP_IMM;
  switch (insn.id) {
    case X86_INS_CALL:
      return direct ? FlowKind::kCall : FlowKind::kCallIndirect;
    case X86_INS_LCALL:
      return FlowKind::kCallIndirect;
    case X86_INS_JMP:
      return direct ? FlowKind::kJump : FlowKind::kJumpIndirect;
    case X86_INS_LJMP:
      return FlowKind::kJumpIndirect;
    case X86_INS_RET:
    case X86_INS_RETF:
    case X86_INS_RETFQ:
    case X86_INS_IRET:
    case X86_INS_IRETQ:
      return FlowKind::kReturn;
    case X86_INS_INT3:
    case X86_INS_UD2:
    case X86_INS_HLT:
      return FlowKind::kTrap;
    default:
      break;
  }
  if (direct && insn.id >= X86_INS_JAE && insn.id <= X86_INS_JS) return FlowKind::kBranch;
  // Jumps that do more than jump (loop, xbegin): compilers of Go don't make them, so they only have
  // to be refused.
  const auto* groups = insn.detail->groups;
  const bool jump = std::count(groups, groups + insn.detail->groups_count, CS_GRP_JUMP) != 0 ||
                    IsOneOf(insn.id, {X86_INS_LOOP, X86_INS_LOOPE, X86_INS_LOOPNE, X86_INS_XBEGIN});
  return jump ? FlowKind::kJumpIndirect : FlowKind::kNext;
}

Condition ConditionOf(unsigned id) {
  switch (id) {
    case X86_INS_JE:
      return Condition::kEqual;
    case X86_INS_JNE:
      return Condition::kNotEqual;
    case X86_INS_JA:
    case X86_INS_JAE:
    case X86_INS_JB:
      return Condition::kUnsigned;
    case X86_INS_JBE:
      return Condition::kBelowOrEqual;
    default:
      return Condition::kOther;
  }
}

bool ComparesWithZero(unsigned id, const Instruction& to) {
  const Operand& a = to.operands[0];
  const Operand& b = to.operands[1];
  if (!IsGeneral(a) || a.width != 8) return false;
  if (id == X86_INS_TEST) return IsGeneral(b) && b.reg == a.reg && b.width == 8;
  return id == X86_INS_CMP && b.kind == OperandKind::kImmediate && b.immediate == 0;
}

Instruction Convert(const cs_insn& insn, std::uint64_t function_address) {
  const cs_x86& x86 = insn.detail->x86;
  Instruction to;
  to.offset = static_cast<std::uint32_t>(insn.address - function_address);
  to.size = static_cast<std::uint8_t>(insn.size);
  to.operand_count =
      static_cast<std::uint8_t>(std::min<std::size_t>(x86.op_count, to.operands.size()));
  for (unsigned i = 0; i < to.operand_count; ++i) {
    to.operands[i] = Convert(x86.operands[i], insn.address + insn.size);
  }
  to.flow = FlowOf(insn);
  if (to.flow == FlowKind::kCall || to.flow == FlowKind::kJump || to.flow == FlowKind::kBranch) {
    to.target = x86.operands[0].imm - static_cast<std::int64_t>(function_address);
  }
  if (to.flow == FlowKind::kBranch) to.condition = ConditionOf(insn.id);
  to.operation = OperationOf(insn, to);
  to.compares_with_zero = ComparesWithZero(insn.id, to);
  to.keeps_flags = IsOneOf(insn.id, {X86_INS_MOV, X86_INS_MOVABS, X86_INS_MOVZX, X86_INS_LEA,
                                     X86_INS_NOP, X86_INS_MOVUPS}) ||
                   IsTwoByteNop(insn);
  if (to.operation == Operation::kOther) {
    to.written = WrittenBy(insn);
    to.writes_memory =
        to.operands[0].kind == OperandKind::kMemory ||
        (IsOneOf(insn.id, {X86_INS_XCHG}) && to.operands[1].kind == OperandKind::kMemory);
    if (to.operands[0].kind != OperandKind::kMemory && to.writes_memory) {
      std::swap(to.operands[0], to.operands[1]);
    }
  }
  to.emulated = IsEmulatedOnAmd64(std::as_bytes(std::span(insn.bytes, insn.size)));
  to.text = insn.mnemonic;
  if (insn.op_str[0] != 0) to.text += fmt::format(" {}", insn.op_str);
  while (to.text.ends_with(' ')) to.text.pop_back();
  return to;
}

bool IsPadding(std::byte byte) { return byte == std::byte{0xcc} || byte == std::byte{0}; }

class Amd64Decoder : public Decoder {
 public:
  explicit Amd64Decoder(csh handle) : handle_(handle) {}
  Amd64Decoder(const Amd64Decoder&) = delete;
  Amd64Decoder& operator=(const Amd64Decoder&) = delete;
  ~Amd64Decoder() override { cs_close(&handle_); }

  [[nodiscard]] Arch arch() const override { return Arch::kAmd64; }

  Result<std::vector<Instruction>> Decode(const Function& function,
                                          std::size_t limit) const override {
    if (function.code.size() > kMaxFunctionBytes) {
      return Fail(ErrorKind::kTarget, fmt::format("function of {} bytes", function.code.size()),
                  function.name);
    }
    const std::unique_ptr<cs_insn, void (*)(cs_insn*)> insn(cs_malloc(handle_),
                                                            [](cs_insn* p) { cs_free(p, 1); });
    // int3 and zero bytes up to the next function aren't code; they may also end the last
    // instruction's operand.
    std::size_t end = function.code.size();
    while (end > 0 && IsPadding(function.code[end - 1])) --end;
    std::vector<Instruction> code;
    const auto* next = reinterpret_cast<const std::uint8_t*>(function.code.data());
    std::size_t left = function.code.size();
    std::uint64_t address = function.address.value;
    while (function.code.size() - left < end && code.size() < limit) {
      if (!cs_disasm_iter(handle_, &next, &left, &address, insn.get())) {
        return Fail(ErrorKind::kTarget,
                    fmt::format("undecodable instruction at +{:#x}", function.code.size() - left),
                    function.name);
      }
      code.push_back(Convert(*insn, function.address.value));
    }
    return code;
  }

 private:
  csh handle_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> MakeAmd64Decoder() {
  csh handle = 0;
  if (cs_open(CS_ARCH_X86, CS_MODE_64, &handle) != CS_ERR_OK ||
      cs_option(handle, CS_OPT_DETAIL, CS_OPT_ON) != CS_ERR_OK) {
    return Fail(ErrorKind::kRuntime, "Capstone does not start");
  }
  return std::make_unique<Amd64Decoder>(handle);
}

}  // namespace gotls
