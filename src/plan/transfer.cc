#include "plan/transfer.h"

#include <algorithm>

namespace gotls {
namespace {

bool IsGeneral(const Operand& operand) {
  return operand.kind == OperandKind::kRegister && operand.reg < kGeneralRegisters;
}

bool IsVector(const Operand& operand) {
  return operand.kind == OperandKind::kRegister && !IsGeneral(operand) &&
         operand.reg != kNoRegister;
}

std::uint32_t VectorBit(std::uint8_t reg) { return 1U << (reg - kGeneralRegisters); }

}  // namespace

void Transfer::Apply(std::uint32_t instruction, MachineState& state) {
  const Instruction& at = code_[instruction];
  const AbstractValue stack_pointer = state.registers[machine_.stack_pointer];
  switch (at.operation) {
    case Operation::kNone:
      if (at.flow == FlowKind::kCall || at.flow == FlowKind::kCallIndirect) Call(at, state);
      break;
    case Operation::kOther:
      Other(at, state);
      break;
    case Operation::kHavoc:
      state.registers.fill({});
      state.registers[machine_.stack_pointer] = stack_pointer;
      std::ranges::fill(state.slots, StackSlot{});
      state.zero_vectors = 0;
      break;
    case Operation::kPush:
      Push(at, state);
      break;
    case Operation::kPop:
      Pop(at, state);
      break;
    case Operation::kVectorZero:
      state.zero_vectors |= VectorBit(at.operands[0].reg);
      break;
    case Operation::kVectorMove:
      MoveVector(at, state);
      break;
    default:
      Write(at.operands[0], Compute(at, state), state);
      NoteTaken(at, state);
      break;
  }
  // What lies below the stack pointer belongs to signal handlers and to the next call.
  const AbstractValue& now = state.registers[machine_.stack_pointer];
  if (now == stack_pointer) return;
  for (std::uint32_t slot = 0; slot < state.slots.size(); ++slot) {
    if (now.symbol == kFrame && layout_.Distance(slot) >= now.low) break;
    state.slots[slot] = {};
  }
}

AbstractValue Transfer::Compute(const Instruction& at, const MachineState& state) const {
  const Operand& to = at.operands[0];
  const Operand& from = at.operands[1];
  const bool whole = to.width == 8;
  const auto arithmetic = [&](const AbstractValue& value) {
    return whole ? value : Truncate(value, to.width);
  };
  switch (at.operation) {
    case Operation::kMove:
      return Read(from, state);
    case Operation::kLoadAddress:
      return arithmetic(Address(from.memory, state));
    case Operation::kAdd:
      return arithmetic(Add(Read(to, state), Read(from, state)));
    case Operation::kSubtract:
      if (IsGeneral(from) && from.reg == to.reg && IsGeneral(to)) return AbstractValue::Number(0);
      return arithmetic(Subtract(Read(to, state), Read(from, state)));
    case Operation::kIncrement:
      return arithmetic(Add(Read(to, state), AbstractValue::Number(1)));
    case Operation::kDecrement:
      return arithmetic(Subtract(Read(to, state), AbstractValue::Number(1)));
    case Operation::kXor:
      return IsGeneral(to) && IsGeneral(from) && to.reg == from.reg ? AbstractValue::Number(0)
                                                                    : AbstractValue{};
    case Operation::kAnd:
      // With a small mask the result is a small number, whatever the other side is.
      for (const AbstractValue& mask : {Read(from, state), Read(to, state)}) {
        if (mask.symbol == kNumber && mask.low >= 0 && mask.high <= kMaxRange) {
          return {0, mask.high, kNumber, false};
        }
      }
      return {};
    case Operation::kConditionalMove:
      return whole ? Join(Read(to, state), Read(from, state)) : AbstractValue{};
    default:
      return {};
  }
}

AbstractValue Transfer::Read(const Operand& operand, const MachineState& state) const {
  switch (operand.kind) {
    case OperandKind::kImmediate:
      return Truncate(AbstractValue::Number(operand.immediate), operand.width);
    case OperandKind::kRegister:
      if (!IsGeneral(operand) || operand.high_byte) return {};
      return Truncate(state.registers[operand.reg], operand.width);
    case OperandKind::kMemory: {
      const AbstractValue address = Address(operand.memory, state);
      if (address.symbol != kFrame || !address.exact()) return {};
      return LoadSlot(address.low, operand.width, state);
    }
    case OperandKind::kNone:
      break;
  }
  return {};
}

AbstractValue Transfer::Address(const MemoryOperand& memory, const MachineState& state) const {
  if (memory.is_thread_local || memory.vague) return {};
  AbstractValue address = AbstractValue::Number(memory.displacement);
  if (memory.base != kNoRegister) {
    if (memory.base >= kGeneralRegisters) return {};
    address = Add(address, state.registers[memory.base]);
  }
  if (memory.index == kNoRegister) return address;
  if (memory.index >= kGeneralRegisters) return {};
  for (int i = 0; i < memory.scale; ++i) address = Add(address, state.registers[memory.index]);
  return address;
}

AbstractValue Transfer::LoadSlot(std::int64_t distance, std::uint8_t width,
                                 const MachineState& state) const {
  const auto slot = layout_.SlotAt(distance);
  if (!slot || width > state.slots[*slot].width) return {};
  return Truncate(state.slots[*slot].value, width);
}

void Transfer::Write(const Operand& operand, const AbstractValue& value, MachineState& state) {
  if (operand.kind == OperandKind::kRegister) {
    WriteRegister(operand, value, state);
    return;
  }
  if (operand.kind != OperandKind::kMemory) return;
  const AbstractValue address = Address(operand.memory, state);
  if (address.symbol == kFrame && address.exact()) {
    StoreSlot(address.low, operand.width, value, state);
    return;
  }
  // An index into an array of the frame, or the like: anywhere in the frame.
  const auto in_frame = [&](std::uint8_t reg) {
    return reg < kGeneralRegisters && state.registers[reg].symbol == kFrame;
  };
  if (in_frame(operand.memory.base) || in_frame(operand.memory.index)) {
    std::ranges::fill(state.slots, StackSlot{});
  } else {
    ForgetExposed(state);
  }
}

void Transfer::WriteRegister(const Operand& operand, const AbstractValue& value,
                             MachineState& state) {
  if (operand.reg == kNoRegister) return;
  if (IsVector(operand)) {
    state.zero_vectors &= ~VectorBit(operand.reg);
    return;
  }
  // Writing 32 bits clears the upper ones; writing 8 or 16 keeps them.
  const bool partial = operand.width < 4 || operand.high_byte;
  state.registers[operand.reg] = partial ? AbstractValue{} : Truncate(value, operand.width);
}

void Transfer::StoreSlot(std::int64_t distance, std::uint8_t width, const AbstractValue& value,
                         MachineState& state) const {
  const std::int64_t first = distance & ~std::int64_t{7};
  const bool vector_of_zeros = width > 8 && width % 8 == 0 && value.Is(kNumber);
  for (std::int64_t at = first; at < distance + std::max<int>(width, 1); at += 8) {
    const auto slot = layout_.SlotAt(at);
    if (!slot) continue;
    if (vector_of_zeros && first == distance) {
      state.slots[*slot] = {value, 8};
    } else if (at == distance && (width == 8 || width == 4 || width == 1)) {
      state.slots[*slot] = {Truncate(value, width), width};
    } else {
      state.slots[*slot] = {};
    }
  }
}

void Transfer::ForgetExposed(MachineState& state) const {
  for (std::uint32_t slot = 0; slot < state.slots.size(); ++slot) {
    if (exposure_.Covers(layout_.Distance(slot))) state.slots[slot] = {};
  }
}

// A Go function may change every register but the stack and frame pointer, the frame parts that it
// was given the address of, and the lowest part of the frame, where arguments, results and spilled
// arguments are handed over.
void Transfer::Call(const Instruction& at, MachineState& state) {
  const AbstractValue stack_pointer = state.registers[machine_.stack_pointer];
  const AbstractValue context = state.registers[machine_.closure_context];
  if (at.flow == FlowKind::kCallIndirect && context.symbol == kFrame && context.exact()) {
    addresses_.closures.insert(static_cast<std::int32_t>(context.low));
  }
  for (std::uint32_t slot = 0; slot < state.slots.size(); ++slot) {
    const std::int32_t distance = layout_.Distance(slot);
    if (distance < layout_.lowest_local() || exposure_.Covers(distance)) state.slots[slot] = {};
  }
  // Callees of the stack ABI are followed by code that clears these again.
  const std::uint32_t zero_vectors = state.zero_vectors & machine_.zero_vectors;
  const AbstractValue frame_pointer = state.registers[machine_.frame_pointer];
  state.registers.fill({});
  state.registers[machine_.stack_pointer] = stack_pointer;
  if (frame_pointer.symbol == kFrame) state.registers[machine_.frame_pointer] = frame_pointer;
  state.zero_vectors = zero_vectors;
}

void Transfer::Push(const Instruction& at, MachineState& state) {
  Operand from = at.operands[0];
  if (from.kind == OperandKind::kImmediate) from.width = 8;
  const AbstractValue value = Read(from, state);
  AbstractValue& stack_pointer = state.registers[machine_.stack_pointer];
  stack_pointer = Add(stack_pointer, AbstractValue::Number(-8));
  if (stack_pointer.symbol == kFrame) StoreSlot(stack_pointer.low, 8, value, state);
}

void Transfer::Pop(const Instruction& at, MachineState& state) {
  const AbstractValue stack_pointer = state.registers[machine_.stack_pointer];
  AbstractValue value;
  if (stack_pointer.symbol == kFrame) value = LoadSlot(stack_pointer.low, 8, state);
  state.registers[machine_.stack_pointer] = Add(stack_pointer, AbstractValue::Number(8));
  Write(at.operands[0], value, state);
}

void Transfer::MoveVector(const Instruction& at, MachineState& state) {
  const Operand& to = at.operands[0];
  const Operand& from = at.operands[1];
  const bool zero = IsVector(from) && (state.zero_vectors & VectorBit(from.reg)) != 0;
  if (to.kind == OperandKind::kMemory) {
    Write(to, zero ? AbstractValue::Number(0) : AbstractValue{}, state);
  } else if (IsVector(to)) {
    state.zero_vectors &= ~VectorBit(to.reg);
    // movsd and movss between registers keep a part of the target.
    if (zero && to.width >= 16 && from.width >= 16) state.zero_vectors |= VectorBit(to.reg);
  }
}

void Transfer::Other(const Instruction& at, MachineState& state) {
  if (at.writes_memory) Write(at.operands[0], {}, state);
  for (std::uint8_t reg = 0; reg < kGeneralRegisters; ++reg) {
    if ((at.written >> reg & 1) != 0) state.registers[reg] = {};
  }
  state.zero_vectors &= ~static_cast<std::uint32_t>(at.written >> kGeneralRegisters);
}

void Transfer::NoteTaken(const Instruction& at, const MachineState& state) {
  const Operand& to = at.operands[0];
  if (!IsGeneral(to) || to.reg == machine_.stack_pointer) return;
  const AbstractValue& value = state.registers[to.reg];
  if (value.symbol != kFrame || value.Is(kFrame)) return;  // the return address is no object
  const Operand& from = at.operands[1];
  // The stack check of a large frame computes an address below the stack, to compare it: no object
  // is there.
  if (state.registers[machine_.stack_pointer].symbol == kFrame &&
      value.low < state.registers[machine_.stack_pointer].low)
    return;
  // A copy or a reload of an address that was already taken says nothing new.
  if (at.operation == Operation::kMove && !(IsGeneral(from) && from.reg == machine_.stack_pointer))
    return;
  addresses_.taken.insert(static_cast<std::int32_t>(value.low));
}

}  // namespace gotls
