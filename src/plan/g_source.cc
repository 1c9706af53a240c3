#include "plan/g_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace gotls {
namespace {

constexpr std::size_t kPrologueInstructions = 8;
constexpr std::int64_t kStackGuard = 0x10;  // g.stackguard0, in every version

const Operand* MemoryOf(const Instruction& at) {
  for (const Operand& operand : at.operands) {
    if (operand.kind == OperandKind::kMemory) return &operand;
  }
  return nullptr;
}

// The g that `mov reg, fs:[...]` loads. What the index register holds was set by the instruction
// before: `mov rcx, -8` or, where the offset is known to the dynamic linker only, `mov rcx,
// [rip+got]`.
std::optional<GSource> ThreadLocalG(const Instruction& load, const Instruction* before) {
  const MemoryOperand& memory = MemoryOf(load)->memory;
  GSource g;
  if (memory.base == kNoRegister && memory.index == kNoRegister) {
    g.kind = GSourceKind::kFsOffset;
    g.offset = static_cast<std::int32_t>(memory.displacement);
    return g;
  }
  if (memory.index != kNoRegister || before == nullptr || before->operation != Operation::kMove ||
      before->operands[0].kind != OperandKind::kRegister ||
      before->operands[0].reg != memory.base) {
    return std::nullopt;
  }
  const Operand& from = before->operands[1];
  if (from.kind == OperandKind::kImmediate) {
    g.kind = GSourceKind::kFsOffset;
    g.offset = static_cast<std::int32_t>(from.immediate + memory.displacement);
    return g;
  }
  if (from.kind == OperandKind::kMemory && from.memory.absolute && memory.displacement == 0) {
    g.kind = GSourceKind::kFsIndirect;
    g.address = VirtualAddress{static_cast<std::uint64_t>(from.memory.displacement)};
    return g;
  }
  return std::nullopt;
}

std::optional<Convention> FromAmd64Prologue(const std::vector<Instruction>& code) {
  for (std::size_t i = 0; i < code.size() && code[i].flow == FlowKind::kNext; ++i) {
    const Operand* memory = MemoryOf(code[i]);
    if (memory == nullptr) continue;
    if (memory->memory.is_thread_local) {
      const auto g = ThreadLocalG(code[i], i == 0 ? nullptr : &code[i - 1]);
      if (!g) return std::nullopt;
      return Convention{Abi::kStack, *g};
    }
    if (code[i].operation == Operation::kNone && memory->memory.base == amd64::kR14 &&
        memory->memory.displacement == kStackGuard) {
      return Convention{Abi::kRegister, {GSourceKind::kRegister, amd64::kR14, 0, {}}};
    }
  }
  return std::nullopt;
}

// g is in x28 in all versions: the stack check begins with ldr reg,[x28,0x10]. Code with the stack
// ABI takes x1 for it, code with the register ABI a register that holds no argument, x16.
std::optional<Convention> FromArm64Prologue(const std::vector<Instruction>& code) {
  for (std::size_t i = 0; i < code.size() && code[i].flow == FlowKind::kNext; ++i) {
    const Operand& to = code[i].operands[0];
    const Operand& from = code[i].operands[1];
    if (code[i].operation != Operation::kMove || from.kind != OperandKind::kMemory ||
        from.memory.base != arm64::kX28 || from.memory.displacement != kStackGuard) {
      continue;
    }
    const auto& arguments = MachineOf(Arch::kArm64).arguments;
    const bool holds_argument = std::ranges::find(arguments, to.reg) != arguments.end();
    return Convention{holds_argument ? Abi::kStack : Abi::kRegister,
                      {GSourceKind::kRegister, arm64::kX28, 0, {}}};
  }
  return std::nullopt;
}

}  // namespace

Result<Convention> FindConvention(const Decoder& decoder, const GoFacts& facts,
                                  const TlsPackage& package) {
  for (const Function& function : package.functions) {
    const auto code = decoder.Decode(function, kPrologueInstructions);
    if (!code) continue;
    const auto found =
        facts.arch == Arch::kArm64 ? FromArm64Prologue(*code) : FromAmd64Prologue(*code);
    if (!found) continue;
    const bool expected = facts.go_minor >= MachineOf(facts.arch).first_register_abi_minor;
    if (facts.go_minor != 0 && expected != (found->abi == Abi::kRegister)) {
      return Fail(ErrorKind::kTarget,
                  fmt::format("unknown calling convention: the stack check isn't the one of {}",
                              facts.go_version),
                  function.name);
    }
    return *found;
  }
  return Fail(ErrorKind::kTarget, "unknown calling convention: no function has a stack check",
              package.path);
}

}  // namespace gotls
