// One A64 instruction on its way to the effects that it has.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "plan/decoder.h"

namespace gotls::arm64 {

class Lifter {
 public:
  Lifter(std::uint32_t word, std::uint64_t address, std::uint32_t offset,
         std::vector<Instruction>& code)
      : word_(word), address_(address), offset_(offset), code_(code) {}

  void Lift();

 private:
  Instruction& Add(Operation operation);
  Instruction& Add(Operation operation, const Operand& to, const Operand& from);
  void Nothing(bool keeps_flags) { Add(Operation::kNone).keeps_flags = keeps_flags; }
  void Havoc() { Add(Operation::kHavoc); }
  void Writes(std::uint64_t registers) { Add(Operation::kOther).written = registers; }
  Instruction& FlowTo(FlowKind flow, std::int64_t distance);
  void Flow(FlowKind flow) { Add(Operation::kNone).flow = flow; }

  // Branches, arithmetic (lift_arm64.cc).
  void BranchOrSystem();
  void CompareAndBranch();
  void System();
  void DataImmediate();
  void PcRelative();
  void AddImmediate(std::uint8_t width);
  void LogicalImmediate(std::uint8_t width);
  void MoveWide(std::uint8_t width);
  void Bitfield(std::uint8_t width);
  void DataRegister();
  void LogicalRegister(std::uint8_t width);
  // The second register of an addition as it takes part: shifted left by so many bits, or nullopt
  // when something else is done to it.
  [[nodiscard]] std::optional<unsigned> LeftShift() const;
  void AddRegister(std::uint8_t width);
  // One of two registers; when the second one is changed on its way, anything.
  void Select(std::uint8_t width);
  // Floating point and vectors: what lands in a general register has its number where the vector
  // register's would be.
  void DataVector();

  // Loads and stores (lift_memory_arm64.cc).
  void LoadOrStore();
  // log2 of the bytes that a single load or store moves.
  [[nodiscard]] unsigned SizeShift() const;
  void OneUnscaled();
  void OneIndexed();
  void OneAt(std::int64_t distance);
  void One(const Operand& memory);
  void MoveVector(std::uint8_t reg, const Operand& memory, bool load);
  void MoveBase(std::int64_t distance);
  void Pair();
  void PairAt(const Operand& low, const Operand& high);
  void ChangesMemory(std::uint64_t written, std::uint8_t width);
  void Atomic();
  // Exclusive and ordered loads and stores, compare and swap. `s` gets a status or the old value.
  void Exclusive();
  void VectorStructure();

  const std::uint32_t word_;
  const std::uint64_t address_;
  const std::uint32_t offset_;
  std::vector<Instruction>& code_;
};

}  // namespace gotls::arm64
