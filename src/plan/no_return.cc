#include "plan/no_return.h"

#include <algorithm>
#include <map>
#include <optional>

namespace gotls {
namespace {

// How control comes to a call's block.
enum class Shape : std::uint8_t {
  kStrict,      // only by unsigned conditional branches
  kBehindCall,  // by those, and perhaps from a call just before
  kOther,
};

// More than any compiler needs; hostile code could ask for one a callee.
constexpr int kMaxRounds = 16;

struct Entries {
  bool unsigned_branch = false;
  bool other_jump = false;
};

std::vector<Entries> FindEntries(const std::vector<Instruction>& code) {
  std::map<std::int64_t, std::size_t> index;
  for (std::size_t i = 0; i < code.size(); ++i) index.try_emplace(code[i].offset, i);
  std::vector<Entries> entries(code.size());
  for (const Instruction& instruction : code) {
    if (instruction.flow != FlowKind::kJump && instruction.flow != FlowKind::kBranch) continue;
    const auto target = index.find(instruction.target);
    if (target == index.end()) continue;
    if (instruction.condition == Condition::kUnsigned ||
        instruction.condition == Condition::kBelowOrEqual) {
      entries[target->second].unsigned_branch = true;
    } else {
      entries[target->second].other_jump = true;
    }
  }
  return entries;
}

bool IsRegisterSetup(const Instruction& instruction) {
  if (instruction.flow != FlowKind::kNext) return false;
  const Operand& to = instruction.operands[0];
  const Operand& from = instruction.operands[1];
  switch (instruction.operation) {
    case Operation::kNone:  // alignment, but no comparison: that would belong to other code
      return instruction.keeps_flags;
    case Operation::kMove:
      return to.kind == OperandKind::kRegister && from.kind != OperandKind::kMemory;
    case Operation::kXor:
      return to.kind == OperandKind::kRegister && from.reg == to.reg;
    default:
      return false;
  }
}

bool GoesOn(FlowKind flow) {
  return flow != FlowKind::kJump && flow != FlowKind::kJumpIndirect && flow != FlowKind::kReturn &&
         flow != FlowKind::kTrap;
}

Shape ShapeOf(const std::vector<Instruction>& code, const std::vector<Entries>& entries,
              const std::vector<bool>& no_return, std::size_t call) {
  bool behind_call = false;
  for (std::size_t i = call;; --i) {
    if (i != call && !IsRegisterSetup(code[i])) return Shape::kOther;
    if (entries[i].other_jump) return Shape::kOther;
    if (i == 0) return Shape::kOther;
    const Instruction& before = code[i - 1];
    const bool is_call = before.flow == FlowKind::kCall || before.flow == FlowKind::kCallIndirect;
    if (!GoesOn(before.flow) || no_return[i - 1]) {
      return entries[i].unsigned_branch ? Shape::kStrict : Shape::kOther;
    }
    if (is_call) {
      behind_call = entries[i].unsigned_branch;
      break;
    }
  }
  return behind_call ? Shape::kBehindCall : Shape::kOther;
}

}  // namespace

std::vector<bool> FindNoReturnCalls(const std::vector<Instruction>& code) {
  const std::vector<Entries> entries = FindEntries(code);
  std::map<std::int64_t, std::vector<std::size_t>> calls;  // by callee
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code[i].flow == FlowKind::kCall) calls[code[i].target].push_back(i);
  }
  // A block behind a call counts once that call is known not to return: repeat until nothing is
  // added.
  std::vector<bool> no_return(code.size());
  bool changed = true;
  for (int round = 0; changed && round < kMaxRounds; ++round) {
    changed = false;
    for (auto& [target, sites] : calls) {
      bool some_strict = false, all_fit = true;
      for (const std::size_t site : sites) {
        const Shape shape = ShapeOf(code, entries, no_return, site);
        some_strict |= shape == Shape::kStrict;
        all_fit &= shape != Shape::kOther;
      }
      // One callee either returns or not: a call of it in another shape speaks against all of them.
      if (!some_strict || !all_fit || no_return[sites.front()]) continue;
      for (const std::size_t site : sites) no_return[site] = true;
      changed = true;
    }
  }
  return no_return;
}

bool AddCallBefore(const std::vector<Instruction>& code, const ControlFlow& cfg,
                   std::uint32_t block, std::vector<bool>& no_return) {
  const auto ways_to = [&](std::uint32_t to) {
    return std::ranges::count_if(cfg.blocks(), [&](const CodeBlock& from) {
      return std::ranges::find(from.successors, to) != from.successors.end();
    });
  };
  // Alignment may stand between the call and the block.
  std::uint32_t before = block;
  while (before-- > 0) {
    const CodeBlock& candidate = cfg.blocks()[before];
    const Instruction& last = code[candidate.end - 1];
    if (candidate.successors != std::vector<std::uint32_t>{before + 1}) return false;
    if (last.flow == FlowKind::kCall) {
      for (std::size_t i = 0; i < code.size(); ++i) {
        if (code[i].flow == FlowKind::kCall && code[i].target == last.target) no_return[i] = true;
      }
      return true;
    }
    if (last.flow != FlowKind::kNext || ways_to(before) != 1) return false;
  }
  return false;
}

}  // namespace gotls
