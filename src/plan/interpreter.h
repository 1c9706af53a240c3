// Runs the abstract machine over a function until nothing changes any more.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "gotls/error.h"
#include "plan/cfg.h"
#include "plan/decoder.h"
#include "plan/domain.h"
#include "plan/frame.h"
#include "plan/transfer.h"

namespace gotls {

// A function, decoded, with all that is needed to run it. Nothing in it refers to the Function, but
// for `code`'s bytes.
struct FunctionModel {
  std::vector<Instruction> code;
  ControlFlow cfg;
  FrameLayout layout;
};

// Bounds the work for one plan: hostile code could make the fixpoint slow, though never endless.
struct WorkBudget {
  std::uint64_t blocks_left = 100'000;
};

// One run: from in front of an instruction, along all ways, but not through the `cuts`.
class AbstractRun {
 public:
  // Fails when the budget is used up.
  static Result<AbstractRun> From(const FunctionModel& model, const FrameExposure& exposure,
                                  std::uint32_t start, MachineState state,
                                  const std::vector<std::uint32_t>& cuts, WorkBudget& budget);

  // What holds in front of an instruction, on every way that this run took to it; nullopt: none
  // leads there.
  [[nodiscard]] std::optional<MachineState> Before(std::uint32_t instruction) const;

  // Returns that were reached.
  [[nodiscard]] std::vector<std::uint32_t> Returns() const;

  [[nodiscard]] const FrameAddresses& addresses() const { return addresses_; }

 private:
  AbstractRun(const FunctionModel& model, const FrameExposure& exposure, std::uint32_t start,
              MachineState state, const std::vector<std::uint32_t>& cuts);
  Result<void> Iterate(WorkBudget& budget);
  // Runs [from, to); false when a cut lies in between.
  bool Advance(Transfer& transfer, std::uint32_t from, std::uint32_t to, MachineState& state) const;
  void Leave(std::uint32_t block, const MachineState& state);

  const FunctionModel* model_;
  FrameExposure exposure_;
  std::uint32_t start_;
  MachineState start_state_;
  std::vector<bool> cut_;  // by instruction
  std::vector<std::optional<MachineState>> at_block_;
  std::vector<std::uint32_t> visits_;
  std::vector<bool> queued_;
  FrameAddresses addresses_;
};

}  // namespace gotls
