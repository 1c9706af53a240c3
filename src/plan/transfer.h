// The effect of one instruction on what is known of the machine.
#pragma once

#include <cstdint>
#include <limits>
#include <set>
#include <vector>

#include "plan/decoder.h"
#include "plan/domain.h"
#include "plan/frame.h"

namespace gotls {

// Parts of the frame that others may write to: callees, and stores through pointers of unknown
// origin. How large an object is can't be seen, so a taken address exposes everything above it, up
// to the return address (`local`) or from the arguments on (`argument`).
struct FrameExposure {
  std::int32_t local = 0;  // [local, 0) is exposed
  std::int32_t argument = std::numeric_limits<std::int32_t>::max();

  [[nodiscard]] bool Covers(std::int32_t distance) const {
    return distance < 0 ? distance >= local : distance >= argument;
  }
};

// What the code does with addresses of its own frame.
struct FrameAddresses {
  std::set<std::int32_t> taken;
  // Those that were the closure context (rdx, x26) of an indirect call: such an object is a closure
  // of the compiler's, whose captured values are never assigned to after it was made, by nobody.
  std::set<std::int32_t> closures;
};

class Transfer {
 public:
  Transfer(const std::vector<Instruction>& code, const FrameLayout& layout,
           const FrameExposure& exposure)
      : code_(code), layout_(layout), machine_(layout.machine()), exposure_(exposure) {}

  // Changes `state` from in front of the instruction to behind it.
  void Apply(std::uint32_t instruction, MachineState& state);

  [[nodiscard]] const FrameAddresses& addresses() const { return addresses_; }

 private:
  AbstractValue Read(const Operand& operand, const MachineState& state) const;
  AbstractValue Address(const MemoryOperand& memory, const MachineState& state) const;
  AbstractValue LoadSlot(std::int64_t distance, std::uint8_t width,
                         const MachineState& state) const;
  void Write(const Operand& operand, const AbstractValue& value, MachineState& state);
  void WriteRegister(const Operand& operand, const AbstractValue& value, MachineState& state);
  void StoreSlot(std::int64_t distance, std::uint8_t width, const AbstractValue& value,
                 MachineState& state) const;
  void ForgetExposed(MachineState& state) const;
  void Call(const Instruction& instruction, MachineState& state);
  void Push(const Instruction& instruction, MachineState& state);
  void Pop(const Instruction& instruction, MachineState& state);
  void MoveVector(const Instruction& instruction, MachineState& state);
  void Other(const Instruction& instruction, MachineState& state);
  void NoteTaken(const Instruction& instruction, const MachineState& state);
  AbstractValue Compute(const Instruction& instruction, const MachineState& state) const;

  const std::vector<Instruction>& code_;
  const FrameLayout& layout_;
  const Machine& machine_;
  const FrameExposure exposure_;
  FrameAddresses addresses_;
};

}  // namespace gotls
