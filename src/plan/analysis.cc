#include "plan/analysis.h"

#include <algorithm>

#include "plan/no_return.h"

namespace gotls {
namespace {

constexpr int kMaxConflicts = 16;

FrameExposure Expose(const FrameAddresses& addresses, const std::set<std::int32_t>& closures) {
  FrameExposure exposure;
  for (const std::int32_t distance : addresses.taken) {
    if (closures.contains(distance)) continue;
    auto& lowest = distance < 0 ? exposure.local : exposure.argument;
    lowest = std::min(lowest, distance);
  }
  return exposure;
}

// Graph and frame. Which calls don't return shows in both: those that are recognised by their
// shape, and those behind which the frame would be another one than the code there was made for.
Result<FunctionModel> Understand(std::vector<Instruction> code, const Machine& machine) {
  std::vector<bool> no_return = FindNoReturnCalls(code);
  for (int round = 0;; ++round) {
    auto cfg = ControlFlow::Build(code, no_return);
    if (!cfg) return std::unexpected(std::move(cfg.error()));
    std::optional<std::uint32_t> conflict;
    auto layout = FrameLayout::Build(code, *cfg, machine, conflict);
    if (layout) return FunctionModel{std::move(code), std::move(*cfg), std::move(*layout)};
    if (round == kMaxConflicts || !conflict || !AddCallBefore(code, *cfg, *conflict, no_return)) {
      return std::unexpected(std::move(layout.error()));
    }
  }
}

}  // namespace

std::uint8_t CallConvention::ArgumentRegister(unsigned i) const {
  return abi == Abi::kRegister && i < machine->arguments.size() ? machine->arguments[i]
                                                                : kNoRegister;
}

Place CallConvention::Incoming(unsigned i) const {
  if (abi == Abi::kRegister) return {PlaceKind::kRegister, ArgumentRegister(i), 0};
  return {PlaceKind::kStack, 0, ArgumentDistance(i)};
}

Place CallConvention::Outgoing(unsigned i) const {
  if (abi == Abi::kRegister) return Incoming(i);
  return {PlaceKind::kStack, 0, ArgumentDistance(i) - 8 + machine->outgoing};
}

Place CallConvention::Result(unsigned i, unsigned argument_words) const {
  if (abi == Abi::kRegister) return {PlaceKind::kRegister, ResultRegister(i), 0};
  return {PlaceKind::kStack, 0, ResultDistance(i, argument_words)};
}

Result<Analysis> Analysis::Of(const Decoder& decoder, const Function& function, Abi abi,
                              WorkBudget& budget) {
  Analysis analysis;
  analysis.function_ = &function;
  analysis.convention_ = {&MachineOf(decoder.arch()), abi};
  auto code = decoder.Decode(function, kMaxFunctionBytes);
  if (!code) return std::unexpected(std::move(code.error()));
  auto model = Understand(std::move(*code), *analysis.convention_.machine);
  if (!model) return std::unexpected(std::move(model.error()));
  analysis.model_ = std::make_unique<FunctionModel>(std::move(*model));
  if (auto done = analysis.RunFromEntry(budget); !done) {
    return std::unexpected(std::move(done.error()));
  }
  return analysis;
}

// Closures must be known to follow the frame, and the frame must be followed to know the closures.
// So all objects are taken for closures first, and the run is repeated with those that it bears
// out, until it bears out all it assumed.
Result<void> Analysis::RunFromEntry(WorkBudget& budget) {
  std::optional<std::set<std::int32_t>> assumed;  // nullopt: all
  while (true) {
    auto run = AbstractRun::From(*model_, exposure_, 0, EntryState(), {}, budget);
    if (!run) return std::unexpected(std::move(run.error()));
    std::set<std::int32_t> confirmed;
    for (const std::int32_t distance : run->addresses().closures) {
      if (!assumed || assumed->contains(distance)) confirmed.insert(distance);
    }
    const FrameExposure exposure = Expose(run->addresses(), confirmed);
    if (exposure.local >= exposure_.local && exposure.argument >= exposure_.argument) {
      from_entry_ = std::make_unique<AbstractRun>(std::move(*run));
      return {};
    }
    exposure_.local = std::min(exposure.local, exposure_.local);
    exposure_.argument = std::min(exposure.argument, exposure_.argument);
    assumed = std::move(confirmed);
  }
}

MachineState Analysis::EntryState() const {
  MachineState state;
  state.slots.resize(model_->layout.slot_count());
  state.registers[convention_.machine->stack_pointer] = AbstractValue::Of(kFrame);
  if (convention_.abi == Abi::kRegister) state.zero_vectors = convention_.machine->zero_vectors;
  constexpr std::array<Symbol, 4> kArguments = {kReceiver, kPointer, kLength, kCapacity};
  for (unsigned i = 0; i < kArguments.size(); ++i) {
    if (convention_.abi == Abi::kRegister) {
      state.registers[convention_.ArgumentRegister(i)] = AbstractValue::Of(kArguments[i]);
    } else if (const auto slot = model_->layout.SlotAt(CallConvention::ArgumentDistance(i))) {
      state.slots[*slot] = {AbstractValue::Of(kArguments[i]), 8};
    }
  }
  return state;
}

Result<AbstractRun> Analysis::WithCuts(const std::vector<std::uint32_t>& cuts,
                                       WorkBudget& budget) const {
  return AbstractRun::From(*model_, exposure_, 0, EntryState(), cuts, budget);
}

Result<AbstractRun> Analysis::FreshFrom(std::uint32_t instruction,
                                        const std::vector<std::uint32_t>& cuts,
                                        WorkBudget& budget) const {
  const auto before = from_entry_->Before(instruction);
  MachineState state;
  state.slots.resize(model_->layout.slot_count());
  if (before) state.zero_vectors = before->zero_vectors;
  for (std::uint32_t reg = 0; reg < kGeneralRegisters; ++reg) {
    state.registers[reg] = AbstractValue::Of(kFreshRegister + reg);
  }
  const std::int32_t stack_pointer = model_->layout.StackPointer(instruction).value_or(0);
  state.registers[convention_.machine->stack_pointer] = AbstractValue::Of(kFrame, stack_pointer);
  for (std::uint32_t slot = 0; slot < state.slots.size(); ++slot) {
    if (model_->layout.Distance(slot) < stack_pointer) continue;
    state.slots[slot] = {AbstractValue::Of(kFreshSlot + slot), 8};
  }
  return AbstractRun::From(*model_, exposure_, instruction, std::move(state), cuts, budget);
}

AbstractValue Analysis::At(const MachineState& state, std::int64_t distance) const {
  const auto slot = model_->layout.SlotAt(distance);
  if (!slot || state.slots[*slot].width != 8) return {};
  return state.slots[*slot].value;
}

AbstractValue Analysis::ResultAt(const MachineState& at_return, unsigned word,
                                 unsigned argument_words) const {
  if (convention_.abi == Abi::kRegister) {
    return at_return.registers[convention_.ResultRegister(word)];
  }
  return At(at_return, CallConvention::ResultDistance(word, argument_words));
}

Place Analysis::FindPlace(std::uint32_t instruction, const MachineState& state,
                          Symbol symbol) const {
  for (std::uint8_t reg = 0; reg < kGeneralRegisters; ++reg) {
    if (state.registers[reg].Is(symbol)) return {PlaceKind::kRegister, reg, 0};
  }
  const std::int32_t stack_pointer = model_->layout.StackPointer(instruction).value_or(0);
  // The highest slot first: the spill slots of arguments.
  for (auto slot = static_cast<std::uint32_t>(state.slots.size()); slot-- > 0;) {
    const std::int32_t distance = model_->layout.Distance(slot);
    if (distance < stack_pointer) break;
    if (At(state, distance).Is(symbol)) {
      return {PlaceKind::kStack, 0, distance - stack_pointer};
    }
  }
  return {};
}

Place Analysis::PlaceOfFresh(std::uint32_t instruction, Symbol fresh) const {
  if (fresh >= kFreshSlot && fresh - kFreshSlot < model_->layout.slot_count()) {
    const std::int32_t distance = model_->layout.Distance(fresh - kFreshSlot);
    return {PlaceKind::kStack, 0, distance - model_->layout.StackPointer(instruction).value_or(0)};
  }
  if (fresh >= kFreshRegister && fresh < kFreshRegister + kGeneralRegisters) {
    return {PlaceKind::kRegister, static_cast<std::uint8_t>(fresh - kFreshRegister), 0};
  }
  return {};
}

Symbol Analysis::FreshSymbol(std::uint32_t instruction, const Place& place) const {
  if (place.kind == PlaceKind::kRegister) return kFreshRegister + place.reg;
  const std::int32_t stack_pointer = model_->layout.StackPointer(instruction).value_or(0);
  const auto slot = model_->layout.SlotAt(std::int64_t{stack_pointer} + place.offset);
  return place.kind == PlaceKind::kStack && slot ? kFreshSlot + *slot : kAnyValue;
}

AbstractValue Analysis::ValueAt(std::uint32_t instruction, const Place& place,
                                const MachineState& state) const {
  if (place.kind == PlaceKind::kRegister) return state.registers[place.reg];
  if (place.kind != PlaceKind::kStack) return {};
  return At(state,
            std::int64_t{model_->layout.StackPointer(instruction).value_or(0)} + place.offset);
}

}  // namespace gotls
