// The proof behind PlaceKind::kInput. bytes.Reader.Read copies s[i:i+n] and then adds n to i, so
// behind that addition, and as long as nothing else touches the reader, the bytes are s[i-n:i].
#include <algorithm>

#include "plan/lean.h"

namespace gotls {
namespace {

constexpr std::int64_t kReaderPosition = 24;  // bytes.Reader: s at 0, i behind it
constexpr std::size_t kMaxDistance = 64;

// Neither calls nor writes memory other than the stack.
bool LeavesInputAlone(const Instruction& at, const Machine& machine) {
  if (at.flow == FlowKind::kCall || at.flow == FlowKind::kCallIndirect) return false;
  switch (at.operation) {
    case Operation::kHavoc:
      return false;
    case Operation::kOther:
      return !at.writes_memory;
    case Operation::kNone:
      return true;
    default:
      return at.operands[0].kind != OperandKind::kMemory ||
             at.operands[0].memory.base == machine.stack_pointer;
  }
}

// Whether a memory operand is the word at `position` of the connection.
bool IsPosition(const Analysis& read, std::uint32_t instruction, const Operand& operand,
                std::int64_t position) {
  const MemoryOperand& memory = operand.memory;
  if (operand.kind != OperandKind::kMemory || operand.width != 8 ||
      memory.base >= kGeneralRegisters || memory.index != kNoRegister ||
      memory.displacement != position) {
    return false;
  }
  const auto state = read.from_entry().Before(instruction);
  return state && state->registers[memory.base].Is(kReceiver);
}

bool Writes(const Instruction& at, std::uint8_t reg) {
  switch (at.operation) {
    case Operation::kNone:
      return false;
    case Operation::kOther:
      return (at.written >> reg & 1) != 0;
    case Operation::kHavoc:
    case Operation::kPush:
    case Operation::kPop:
      return true;
    default:
      return at.operands[0].kind == OperandKind::kRegister && at.operands[0].reg == reg;
  }
}

// The instruction of the same block that gave `reg` the value it has in front of `instruction`,
// when nothing in between touches the input.
std::optional<std::uint32_t> LastWrite(const FunctionModel& model, std::uint32_t instruction,
                                       std::uint8_t reg) {
  const std::uint32_t first = model.cfg.blocks()[model.cfg.BlockOf(instruction)].first;
  for (std::uint32_t i = instruction; i-- > first;) {
    if (Writes(model.code[i], reg)) return i;
    if (!LeavesInputAlone(model.code[i], model.layout.machine())) return std::nullopt;
  }
  return std::nullopt;
}

// The register that a store adds to the position: add [position], reg; or, on arm64, ldr, add
// and str.
std::optional<std::uint8_t> AddedRegister(const Analysis& read, std::uint32_t instruction,
                                          std::int64_t position) {
  const FunctionModel& model = read.model();
  const Instruction& at = model.code[instruction];
  const Operand& from = at.operands[1];
  if ((at.operation != Operation::kAdd && at.operation != Operation::kMove) ||
      from.kind != OperandKind::kRegister || from.reg >= kGeneralRegisters ||
      !IsPosition(read, instruction, at.operands[0], position)) {
    return std::nullopt;
  }
  if (at.operation == Operation::kAdd) return from.reg;
  const auto sum = LastWrite(model, instruction, from.reg);
  if (!sum) return std::nullopt;
  const Operand& terms = model.code[*sum].operands[1];
  if (model.code[*sum].operation != Operation::kLoadAddress ||
      model.code[*sum].operands[0].width != 8 || terms.memory.scale != 1 ||
      terms.memory.displacement != 0 || terms.memory.vague ||
      terms.memory.base >= kGeneralRegisters || terms.memory.index >= kGeneralRegisters) {
    return std::nullopt;
  }
  for (const auto& [old, added] : {std::pair(terms.memory.base, terms.memory.index),
                                   std::pair(terms.memory.index, terms.memory.base)}) {
    const auto load = LastWrite(model, *sum, old);
    if (!load || model.code[*load].operation != Operation::kMove ||
        !IsPosition(read, *load, model.code[*load].operands[1], position)) {
      continue;
    }
    // Still there at the store.
    const auto written = LastWrite(model, instruction, added);
    if (added != from.reg && (!written || *written < *sum)) return added;
  }
  return std::nullopt;
}

// How many instructions lie on the ways from behind `from` to `site`; nullopt when one of them may
// touch the input.
std::optional<std::uint32_t> QuietDistance(const FunctionModel& model, std::uint32_t from,
                                           std::uint32_t site) {
  std::vector<std::uint32_t> seen, work = {from + 1};
  while (!work.empty()) {
    const std::uint32_t at = work.back();
    work.pop_back();
    if (at == site || std::ranges::find(seen, at) != seen.end()) continue;
    if (seen.size() == kMaxDistance || !LeavesInputAlone(model.code[at], model.layout.machine()))
      return std::nullopt;
    seen.push_back(at);
    const CodeBlock& block = model.cfg.blocks()[model.cfg.BlockOf(at)];
    if (at + 1 < block.end) {
      work.push_back(at + 1);
    } else {
      for (const std::uint32_t next : block.successors) {
        work.push_back(model.cfg.blocks()[next].first);
      }
    }
  }
  return static_cast<std::uint32_t>(seen.size());
}

}  // namespace

Result<std::optional<InputAdvance>> FindInputAdvance(const Analysis& read, std::uint32_t input,
                                                     std::uint32_t site, const Place& length,
                                                     WorkBudget& budget) {
  const FunctionModel& model = read.model();
  for (std::uint32_t i = 0; i + 1 < model.code.size(); ++i) {
    const auto register_added = AddedRegister(read, i, input + kReaderPosition);
    if (!register_added) continue;
    const auto distance = QuietDistance(model, i, site);
    if (!distance) continue;
    // What is added there is what the length's place holds at the site...
    auto behind = read.FreshFrom(i, {site}, budget);
    if (!behind) return std::unexpected(std::move(behind.error()));
    const auto at_site = behind->Before(site);
    const Symbol added = kFreshRegister + *register_added;
    if (!at_site || !read.ValueAt(site, length, *at_site).Is(added)) continue;
    // ...and on the ways to the site that don't lead past it, that is 0.
    auto without = read.WithCuts({i}, budget);
    if (!without) return std::unexpected(std::move(without.error()));
    const auto skipped = without->Before(site);
    if (skipped && !read.ValueAt(site, length, *skipped).Is(kNumber)) continue;
    return InputAdvance{i, *distance};
  }
  return std::nullopt;
}

}  // namespace gotls
