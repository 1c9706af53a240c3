// One function understood: decoded, followed from its entry, with Go's calling convention applied.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "binary/facts.h"
#include "plan/decoder.h"
#include "plan/interpreter.h"
#include "plan/plan.h"

namespace gotls {

// Where Go hands over words. A slice is three words; every argument of the functions looked at here
// fills whole words.
struct CallConvention {
  const Machine* machine = nullptr;
  Abi abi = Abi::kRegister;

  // The i-th argument word at the function's entry: its register, or its distance from the stack
  // pointer there.
  [[nodiscard]] std::uint8_t ArgumentRegister(unsigned i) const;
  [[nodiscard]] static std::int32_t ArgumentDistance(unsigned i) {
    return 8 + 8 * static_cast<std::int32_t>(i);
  }
  // The i-th result word of a function with so many argument words.
  [[nodiscard]] std::uint8_t ResultRegister(unsigned i) const { return ArgumentRegister(i); }
  // The i-th argument word in front of a call, and where the stack pointer is as at the entry.
  [[nodiscard]] Place Outgoing(unsigned i) const;
  [[nodiscard]] Place Incoming(unsigned i) const;
  [[nodiscard]] Place Result(unsigned i, unsigned argument_words) const;
  [[nodiscard]] static std::int32_t ResultDistance(unsigned i, unsigned argument_words) {
    return ArgumentDistance(argument_words + i);
  }
};

inline constexpr unsigned kReadWriteArgumentWords = 4;    // c, b
inline constexpr unsigned kWriteRecordArgumentWords = 5;  // c, typ, data

class Analysis {
 public:
  // Fails (kTarget), saying what stands in the way, when the function can't be decoded or followed.
  static Result<Analysis> Of(const Decoder& decoder, const Function& function, Abi abi,
                             WorkBudget& budget);

  [[nodiscard]] const Function& function() const { return *function_; }
  [[nodiscard]] const CallConvention& convention() const { return convention_; }
  [[nodiscard]] const FunctionModel& model() const { return *model_; }
  // From the entry, with the arguments as symbols.
  [[nodiscard]] const AbstractRun& from_entry() const { return *from_entry_; }

  // The same, but not through `cuts`.
  [[nodiscard]] Result<AbstractRun> WithCuts(const std::vector<std::uint32_t>& cuts,
                                             WorkBudget& budget) const;
  // From behind an instruction, with a fresh symbol in every register and slot in front of it.
  [[nodiscard]] Result<AbstractRun> FreshFrom(std::uint32_t instruction,
                                              const std::vector<std::uint32_t>& cuts,
                                              WorkBudget& budget) const;

  [[nodiscard]] AbstractValue ResultAt(const MachineState& at_return, unsigned word,
                                       unsigned argument_words) const;
  [[nodiscard]] AbstractValue At(const MachineState& state, std::int64_t distance) const;

  // The places at an instruction: where a value stands, registers first. kNone when nowhere.
  [[nodiscard]] Place FindPlace(std::uint32_t instruction, const MachineState& state,
                                Symbol symbol) const;
  [[nodiscard]] Place PlaceOfFresh(std::uint32_t instruction, Symbol fresh) const;
  [[nodiscard]] AbstractValue ValueAt(std::uint32_t instruction, const Place& place,
                                      const MachineState& state) const;
  // Symbol that FreshFrom(instruction) gives a place, kAnyValue when it isn't one of the frame's
  // slots.
  [[nodiscard]] Symbol FreshSymbol(std::uint32_t instruction, const Place& place) const;

 private:
  Analysis() = default;
  [[nodiscard]] MachineState EntryState() const;
  Result<void> RunFromEntry(WorkBudget& budget);

  const Function* function_ = nullptr;
  CallConvention convention_;
  std::unique_ptr<FunctionModel> model_;  // the runs point to it
  FrameExposure exposure_;
  std::unique_ptr<AbstractRun> from_entry_;
};

}  // namespace gotls
