#include <algorithm>

#include "plan/lean.h"

namespace gotls {
namespace {

bool HandsOverPointer(const Analysis& read, std::uint32_t call, const MachineState& state) {
  const FunctionModel& model = read.model();
  const auto is_pointer = [](const AbstractValue& value) { return value.symbol == kPointer; };
  if (std::ranges::any_of(state.registers, is_pointer)) return true;
  // Arguments on the stack stand below the locals.
  const std::int32_t stack_pointer = model.layout.StackPointer(call).value_or(0);
  for (std::uint32_t slot = 0; slot < state.slots.size(); ++slot) {
    const std::int32_t distance = model.layout.Distance(slot);
    if (distance >= model.layout.lowest_local()) break;
    if (distance >= stack_pointer && is_pointer(state.slots[slot].value)) return true;
  }
  return false;
}

bool StoresThroughPointer(const Instruction& at, const MachineState& state) {
  if (at.operation == Operation::kHavoc) return true;
  if (at.operation == Operation::kNone) return false;
  const MemoryOperand& memory = at.operands[0].memory;
  if (at.operands[0].kind != OperandKind::kMemory) return false;
  for (const std::uint8_t reg : {memory.base, memory.index}) {
    if (reg < kGeneralRegisters && state.registers[reg].symbol == kPointer) return true;
  }
  return false;
}

}  // namespace

bool BufferIsFinal(const Analysis& read, std::uint32_t site) {
  const FunctionModel& model = read.model();
  std::vector<bool> behind = model.cfg.ReachableAfter(model.cfg.BlockOf(site));
  const auto spoils = [&](std::uint32_t instruction) {
    const auto state = read.from_entry().Before(instruction);
    if (!state) return false;
    const Instruction& at = model.code[instruction];
    const bool is_call = at.flow == FlowKind::kCall || at.flow == FlowKind::kCallIndirect;
    return is_call ? HandsOverPointer(read, instruction, *state) : StoresThroughPointer(at, *state);
  };
  if (spoils(site)) return false;
  for (std::uint32_t i = 0; i < model.code.size(); ++i) {
    if (behind[model.cfg.BlockOf(i)] && spoils(i)) return false;
  }
  return true;
}

}  // namespace gotls
