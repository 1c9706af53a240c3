#include "plan/interpreter.h"

#include <algorithm>

namespace gotls {
namespace {

// Visits of a block after which values that still change are given up.
constexpr std::uint32_t kVisitsBeforeWidening = 8;

// The register that the branch at the end of a block compares with zero, if it does.
std::optional<std::uint8_t> ComparedRegister(const std::vector<Instruction>& code,
                                             const CodeBlock& block) {
  const Instruction& branch = code[block.end - 1];
  if (branch.compares_with_zero) return branch.operands[0].reg;  // arm64 cbz
  for (std::uint32_t i = block.end - 1; i > block.first; --i) {
    const Instruction& before = code[i - 1];
    if (before.compares_with_zero) {
      const std::uint8_t reg = before.operands[0].reg;
      // Nothing in between may write the register.
      for (std::uint32_t j = i; j + 1 < block.end; ++j) {
        if (code[j].operation != Operation::kNone && code[j].operands[0].reg == reg) {
          return std::nullopt;
        }
      }
      return reg;
    }
    if (!before.keeps_flags) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

AbstractRun::AbstractRun(const FunctionModel& model, const FrameExposure& exposure,
                         std::uint32_t start, MachineState state,
                         const std::vector<std::uint32_t>& cuts)
    : model_(&model),
      exposure_(exposure),
      start_(start),
      start_state_(std::move(state)),
      cut_(model.code.size()),
      at_block_(model.cfg.blocks().size()),
      visits_(model.cfg.blocks().size()),
      queued_(model.cfg.blocks().size()) {
  for (const std::uint32_t cut : cuts) cut_[cut] = true;
}

Result<AbstractRun> AbstractRun::From(const FunctionModel& model, const FrameExposure& exposure,
                                      std::uint32_t start, MachineState state,
                                      const std::vector<std::uint32_t>& cuts, WorkBudget& budget) {
  AbstractRun run(model, exposure, start, std::move(state), cuts);
  if (auto done = run.Iterate(budget); !done) return std::unexpected(std::move(done.error()));
  return run;
}

Result<void> AbstractRun::Iterate(WorkBudget& budget) {
  Transfer transfer(model_->code, model_->layout, exposure_);
  const std::vector<CodeBlock>& blocks = model_->cfg.blocks();
  const std::uint32_t first = model_->cfg.BlockOf(start_);
  MachineState state = start_state_;
  if (Advance(transfer, start_, blocks[first].end, state)) Leave(first, state);
  // Lowest block first: Go lays blocks out so that this is nearly the order of execution.
  for (bool more = true; more;) {
    more = false;
    for (std::uint32_t block = 0; block < blocks.size(); ++block) {
      if (!queued_[block]) continue;
      queued_[block] = false;
      more = true;
      if (budget.blocks_left-- == 0) {
        budget.blocks_left = 0;
        return Fail(ErrorKind::kTarget, "too complex to follow");
      }
      ++visits_[block];
      state = *at_block_[block];
      if (Advance(transfer, blocks[block].first, blocks[block].end, state)) Leave(block, state);
    }
  }
  addresses_ = transfer.addresses();
  return {};
}

bool AbstractRun::Advance(Transfer& transfer, std::uint32_t from, std::uint32_t to,
                          MachineState& state) const {
  for (std::uint32_t i = from; i < to; ++i) {
    if (cut_[i]) return false;
    transfer.Apply(i, state);
  }
  return true;
}

void AbstractRun::Leave(std::uint32_t block, const MachineState& state) {
  const CodeBlock& from = model_->cfg.blocks()[block];
  const Instruction& last = model_->code[from.end - 1];
  std::optional<std::uint8_t> compared;
  if (last.condition == Condition::kEqual || last.condition == Condition::kNotEqual) {
    compared = ComparedRegister(model_->code, from);
  }
  for (std::size_t way = 0; way < from.successors.size(); ++way) {
    const bool taken = way + 1 == from.successors.size();
    const bool not_zero = compared && taken == (last.condition == Condition::kNotEqual);
    MachineState there = state;
    if (not_zero) there.registers[*compared].not_zero = true;
    const std::uint32_t next = from.successors[way];
    auto& known = at_block_[next];
    bool changed = true;
    if (known) {
      changed = JoinInto(*known, there, visits_[next] >= kVisitsBeforeWidening);
    } else {
      known = std::move(there);
    }
    if (changed) queued_[next] = true;
  }
}

std::optional<MachineState> AbstractRun::Before(std::uint32_t instruction) const {
  Transfer transfer(model_->code, model_->layout, exposure_);
  const std::uint32_t block = model_->cfg.BlockOf(instruction);
  std::optional<MachineState> result;
  const auto add = [&](std::uint32_t from, MachineState state) {
    if (!Advance(transfer, from, instruction, state)) return;
    if (result) {
      JoinInto(*result, state, false);
    } else {
      result = std::move(state);
    }
  };
  if (block == model_->cfg.BlockOf(start_) && start_ <= instruction) add(start_, start_state_);
  if (at_block_[block]) add(model_->cfg.blocks()[block].first, *at_block_[block]);
  return result;
}

std::vector<std::uint32_t> AbstractRun::Returns() const {
  std::vector<std::uint32_t> returns;
  for (std::uint32_t i = 0; i < model_->code.size(); ++i) {
    if (model_->code[i].flow == FlowKind::kReturn && Before(i)) returns.push_back(i);
  }
  return returns;
}

}  // namespace gotls
