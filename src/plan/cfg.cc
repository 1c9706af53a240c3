#include "plan/cfg.h"

#include <fmt/format.h>

#include <map>

namespace gotls {
namespace {

bool IsTransfer(const Instruction& instruction) {
  return instruction.flow == FlowKind::kJump || instruction.flow == FlowKind::kBranch;
}

bool EndsBlock(const Instruction& instruction) {
  return instruction.flow != FlowKind::kNext || instruction.emulated;
}

bool FallsThrough(const Instruction& instruction) {
  switch (instruction.flow) {
    case FlowKind::kNext:
    case FlowKind::kCall:
    case FlowKind::kCallIndirect:
    case FlowKind::kBranch:
      return true;
    default:
      return false;
  }
}

std::unexpected<Error> Refuse(std::string_view what, const Instruction& at) {
  return Fail(ErrorKind::kTarget, fmt::format("{} at +{:#x}", what, at.offset));
}

}  // namespace

Result<ControlFlow> ControlFlow::Build(const std::vector<Instruction>& code,
                                       const std::vector<bool>& no_return) {
  std::map<std::int64_t, std::uint32_t> index;
  for (std::uint32_t i = 0; i < code.size(); ++i) index.try_emplace(code[i].offset, i);
  std::vector<bool> leader(code.size() + 1);
  leader[0] = true;
  for (std::uint32_t i = 0; i < code.size(); ++i) {
    if (code[i].flow == FlowKind::kJumpIndirect) return Refuse("indirect jump", code[i]);
    if (EndsBlock(code[i])) leader[i + 1] = true;
    if (!IsTransfer(code[i])) continue;
    const auto target = index.find(code[i].target);
    if (target == index.end()) return Refuse("jump out of the function", code[i]);
    leader[target->second] = true;
  }

  ControlFlow cfg;
  cfg.block_of_.resize(code.size());
  for (std::uint32_t i = 0; i < code.size(); ++i) {
    if (leader[i]) cfg.blocks_.push_back({.first = i, .end = i, .successors = {}});
    cfg.blocks_.back().end = i + 1;
    cfg.block_of_[i] = static_cast<std::uint32_t>(cfg.blocks_.size() - 1);
  }
  for (CodeBlock& block : cfg.blocks_) {
    const Instruction& last = code[block.end - 1];
    if (FallsThrough(last) && !no_return[block.end - 1]) {
      if (block.end == code.size()) {
        // A call that ends a function doesn't return: there is nowhere to return to.
        if (last.flow == FlowKind::kCall || last.flow == FlowKind::kCallIndirect) continue;
        return Refuse("code runs over the end of the function", last);
      }
      block.successors.push_back(cfg.block_of_[block.end]);
    }
    if (IsTransfer(last)) block.successors.push_back(cfg.block_of_[index[last.target]]);
  }
  return cfg;
}

std::vector<bool> ControlFlow::ReachableAfter(std::uint32_t from) const {
  std::vector<bool> reached(blocks_.size());
  std::vector<std::uint32_t> stack = {from};
  while (!stack.empty()) {
    const std::uint32_t block = stack.back();
    stack.pop_back();
    for (const std::uint32_t next : blocks_[block].successors) {
      if (reached[next]) continue;
      reached[next] = true;
      stack.push_back(next);
    }
  }
  return reached;
}

}  // namespace gotls
