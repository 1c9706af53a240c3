#include "plan/frame.h"

#include <fmt/format.h>

#include <algorithm>

namespace gotls {
namespace {

constexpr std::int64_t kMaxFrame = 1 << 20;
constexpr std::size_t kMaxSlots = 512;
// Receiver, slice and two results of the stack ABI, and the spill slots of all register arguments.
constexpr std::int32_t kArgumentBytes = 88;

bool IsStackPointer(const Operand& operand) {
  return operand.kind == OperandKind::kRegister && operand.reg == amd64::kRsp;
}

// By how much an instruction moves the stack pointer; nullopt when that isn't known.
std::optional<std::int64_t> Movement(const Instruction& instruction) {
  const Operand& to = instruction.operands[0];
  const Operand& from = instruction.operands[1];
  switch (instruction.operation) {
    case Operation::kPush:
      return -8;
    case Operation::kPop:
      return IsStackPointer(to) ? std::nullopt : std::optional<std::int64_t>(8);
    case Operation::kOther:
      return (instruction.written >> amd64::kRsp & 1) != 0 ? std::nullopt
                                                           : std::optional<std::int64_t>(0);
    case Operation::kNone:
    case Operation::kHavoc:
    case Operation::kVectorMove:
    case Operation::kVectorZero:
      return 0;
    default:
      break;
  }
  if (!IsStackPointer(to)) return 0;
  if (to.width != 8) return std::nullopt;
  if (instruction.operation == Operation::kLoadAddress && from.memory.base == amd64::kRsp &&
      from.memory.index == kNoRegister) {
    return from.memory.displacement;
  }
  if (from.kind != OperandKind::kImmediate) return std::nullopt;
  if (instruction.operation == Operation::kAdd) return from.immediate;
  if (instruction.operation == Operation::kSubtract) return -from.immediate;
  return std::nullopt;
}

}  // namespace

Result<FrameLayout> FrameLayout::Build(const std::vector<Instruction>& code, const ControlFlow& cfg,
                                       std::optional<std::uint32_t>& conflict) {
  FrameLayout layout;
  if (auto done = layout.FollowStackPointer(code, cfg, conflict); !done) {
    return std::unexpected(std::move(done.error()));
  }
  layout.NameSlots(code);
  layout.FindLocals(code, cfg);
  return layout;
}

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
    for (std::uint32_t i = block.first; i < block.end; ++i) {
      stack_pointer_[i] = static_cast<std::int32_t>(at);
      if (code[i].flow == FlowKind::kReturn && at != 0) {
        return Fail(
            ErrorKind::kTarget,
            fmt::format("the stack isn't balanced at the return at +{:#x}", code[i].offset));
      }
      const auto movement = Movement(code[i]);
      if (!movement || at + *movement > 0 || at + *movement < -kMaxFrame) {
        return Fail(ErrorKind::kTarget,
                    fmt::format("the stack pointer can't be followed at +{:#x}", code[i].offset));
      }
      at += *movement;
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
      if (operand.kind != OperandKind::kMemory || operand.memory.base != amd64::kRsp) continue;
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
  if (operand.kind != OperandKind::kMemory || operand.memory.base != amd64::kRsp ||
      operand.memory.index != kNoRegister || !stack_pointer_[instruction]) {
    return std::nullopt;
  }
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
