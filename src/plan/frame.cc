#include "plan/frame.h"

#include <fmt/format.h>

#include <algorithm>

#include "plan/transfer.h"

namespace gotls {
namespace {

constexpr std::int64_t kMaxFrame = 1 << 20;
constexpr std::size_t kMaxSlots = 512;
// Receiver, slice and two results of the stack ABI, and the spill slots of all register arguments.
constexpr std::int32_t kArgumentBytes = 88;

}  // namespace

Result<FrameLayout> FrameLayout::Build(const std::vector<Instruction>& code, const ControlFlow& cfg,
                                       const Machine& machine,
                                       std::optional<std::uint32_t>& conflict) {
  FrameLayout layout(machine);
  if (auto done = layout.FollowStackPointer(code, cfg, conflict); !done) {
    return std::unexpected(std::move(done.error()));
  }
  layout.NameSlots(code);
  layout.FindLocals(code, cfg);
  return layout;
}

// Within a block the other registers count too: arm64 computes the stack pointer of a larger frame
// in one of them.
Result<void> FrameLayout::FollowStackPointer(const std::vector<Instruction>& code,
                                             const ControlFlow& cfg,
                                             std::optional<std::uint32_t>& conflict) {
  stack_pointer_.assign(code.size(), std::nullopt);
  if (code.empty()) return Fail(ErrorKind::kTarget, "no code");
  stack_pointer_[0] = 0;
  std::vector<std::uint32_t> work = {0};
  while (!work.empty()) {
    const CodeBlock& block = cfg.blocks()[work.back()];
    work.pop_back();
    std::int64_t at = *stack_pointer_[block.first];
    Transfer transfer(code, *this, {});
    MachineState state;
    state.registers[machine_->stack_pointer] = AbstractValue::Of(kFrame, at);
    for (std::uint32_t i = block.first; i < block.end; ++i) {
      stack_pointer_[i] = static_cast<std::int32_t>(at);
      if (code[i].flow == FlowKind::kReturn && at != 0) {
        return Fail(
            ErrorKind::kTarget,
            fmt::format("the stack isn't balanced at the return at +{:#x}", code[i].offset));
      }
      transfer.Apply(i, state);
      const AbstractValue& now = state.registers[machine_->stack_pointer];
      if (now.symbol != kFrame || !now.exact() || now.low > 0 || now.low < -kMaxFrame) {
        return Fail(ErrorKind::kTarget,
                    fmt::format("the stack pointer can't be followed at +{:#x}", code[i].offset));
      }
      at = now.low;
    }
    for (const std::uint32_t next : block.successors) {
      auto& there = stack_pointer_[cfg.blocks()[next].first];
      if (there && *there != at) {
        conflict = next;
        return Fail(ErrorKind::kTarget,
                    fmt::format("the stack pointer differs between the ways to +{:#x}",
                                code[cfg.blocks()[next].first].offset));
      }
      if (!there) {
        there = static_cast<std::int32_t>(at);
        work.push_back(next);
      }
    }
  }
  return {};
}

void FrameLayout::NameSlots(const std::vector<Instruction>& code) {
  for (std::int32_t distance = 8; distance < 8 + kArgumentBytes; distance += 8) {
    distances_.push_back(distance);
  }
  for (std::uint32_t i = 0; i < code.size(); ++i) {
    if (!stack_pointer_[i]) continue;
    if (code[i].operation == Operation::kPush) distances_.push_back(*stack_pointer_[i] - 8);
    for (const Operand& operand : code[i].operands) {
      if (operand.kind != OperandKind::kMemory || operand.memory.base != machine_->stack_pointer)
        continue;
      const std::int64_t distance = *stack_pointer_[i] + operand.memory.displacement;
      if (distance < -kMaxFrame || distance > kMaxFrame) continue;
      const std::int64_t first = distance & ~std::int64_t{7};
      for (std::int64_t at = first; at < distance + std::max<int>(operand.width, 1); at += 8) {
        distances_.push_back(static_cast<std::int32_t>(at));
      }
    }
  }
  std::ranges::sort(distances_);
  distances_.erase(std::ranges::unique(distances_).begin(), distances_.end());
  // The highest ones are kept: the arguments are among them.
  if (distances_.size() > kMaxSlots) {
    distances_.erase(distances_.begin(), distances_.end() - static_cast<std::ptrdiff_t>(kMaxSlots));
  }
}

std::optional<std::uint32_t> FrameLayout::SlotAt(std::int64_t distance) const {
  const auto found = std::ranges::lower_bound(distances_, distance);
  if (found == distances_.end() || *found != distance) return std::nullopt;
  return static_cast<std::uint32_t>(found - distances_.begin());
}

std::optional<std::uint32_t> FrameLayout::SlotOf(const Operand& operand,
                                                 std::uint32_t instruction) const {
  if (operand.kind != OperandKind::kMemory || operand.memory.base != machine_->stack_pointer ||
      operand.memory.index != kNoRegister || !stack_pointer_[instruction]) {
    return std::nullopt;
  }
  if (operand.memory.displacement < machine_->outgoing) return std::nullopt;  // the link register
  return SlotAt(*stack_pointer_[instruction] + operand.memory.displacement);
}

// A slot of the hand-over area is written before a call, as an argument, or read after it, as a
// result; arguments and results of one call never overlap, arguments are stored right before their
// call and results are read before the next one. So a slot that is stored to, then lives through
// exactly one call and is then loaded is a local; and since the hand-over area is the lowest part
// of a frame, so is everything above it.
void FrameLayout::FindLocals(const std::vector<Instruction>& code, const ControlFlow& cfg) {
  enum : std::uint8_t { kStored = 1, kOneCall = 2 };  // since the store, on some path
  using Marks = std::vector<std::uint8_t>;
  std::vector<Marks> at_block(cfg.blocks().size());
  std::vector<std::uint32_t> work = {0};
  at_block[0].assign(slot_count(), 0);
  while (!work.empty()) {
    const CodeBlock& block = cfg.blocks()[work.back()];
    Marks marks = at_block[work.back()];
    work.pop_back();
    for (std::uint32_t i = block.first; i < block.end; ++i) {
      const bool is_call =
          code[i].flow == FlowKind::kCall || code[i].flow == FlowKind::kCallIndirect;
      if (is_call) {
        for (auto& mark : marks) mark = (mark & kStored) != 0 ? kOneCall : 0;
        continue;
      }
      const bool moves =
          code[i].operation == Operation::kMove || code[i].operation == Operation::kVectorMove;
      if (const auto read = SlotOf(code[i].operands[1], i); read && (marks[*read] & kOneCall)) {
        lowest_local_ = std::min(lowest_local_, distances_[*read]);
      }
      if (const auto written = SlotOf(code[i].operands[0], i); written && moves) {
        marks[*written] = kStored;
      }
    }
    for (const std::uint32_t next : block.successors) {
      bool changed = at_block[next].empty();
      at_block[next].resize(slot_count());
      for (std::size_t s = 0; s < marks.size(); ++s) {
        const auto joined = static_cast<std::uint8_t>(at_block[next][s] | marks[s]);
        changed |= joined != at_block[next][s];
        at_block[next][s] = joined;
      }
      if (changed) work.push_back(next);
    }
  }
}

}  // namespace gotls
