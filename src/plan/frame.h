// The stack frame of a function: where the stack pointer is at each instruction, and which slots
// there are.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "gotls/error.h"
#include "plan/cfg.h"
#include "plan/decoder.h"
#include "plan/machine.h"

namespace gotls {

// Distances are in bytes from the stack pointer at the function's entry, where the return address
// is (arm64: the caller's own one): locals are below 0, the caller's argument area (and the spill
// slots of register arguments) from 8 on.
class FrameLayout {
 public:
  // Fails when the stack pointer can't be followed; `conflict` is then the block to which ways lead
  // that disagree about it, if that was why.
  static Result<FrameLayout> Build(const std::vector<Instruction>& code, const ControlFlow& cfg,
                                   const Machine& machine, std::optional<std::uint32_t>& conflict);

  [[nodiscard]] const Machine& machine() const { return *machine_; }

  // Stack pointer in front of an instruction; nullopt when it is never reached.
  [[nodiscard]] std::optional<std::int32_t> StackPointer(std::uint32_t instruction) const {
    return stack_pointer_[instruction];
  }

  // Number of the slot at a distance, for all that the function names; nullopt for others.
  [[nodiscard]] std::optional<std::uint32_t> SlotAt(std::int64_t distance) const;
  [[nodiscard]] std::size_t slot_count() const { return distances_.size(); }
  [[nodiscard]] std::int32_t Distance(std::uint32_t slot) const { return distances_[slot]; }

  // The lowest distance that is proved to be a local of the function. Below it, down to the stack
  // pointer, lies the area where arguments and results of calls are handed over, or where callees
  // spill their register arguments.
  [[nodiscard]] std::int32_t lowest_local() const { return lowest_local_; }

 private:
  explicit FrameLayout(const Machine& machine) : machine_(&machine) {}
  Result<void> FollowStackPointer(const std::vector<Instruction>& code, const ControlFlow& cfg,
                                  std::optional<std::uint32_t>& conflict);
  void NameSlots(const std::vector<Instruction>& code);
  void FindLocals(const std::vector<Instruction>& code, const ControlFlow& cfg);
  // The slot of an operand that may be a local or one of the hand-over area.
  std::optional<std::uint32_t> SlotOf(const Operand& operand, std::uint32_t instruction) const;

  const Machine* machine_;
  std::vector<std::optional<std::int32_t>> stack_pointer_;  // by instruction
  std::vector<std::int32_t> distances_;                     // by slot, rising
  std::int32_t lowest_local_ = 0;
};

}  // namespace gotls
