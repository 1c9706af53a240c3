// The control-flow graph of a function.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gotls/error.h"
#include "plan/decoder.h"

namespace gotls {

// Instructions [first, end) that run one after the other. Calls and all instructions that the
// kernel emulates end a block, so that each candidate site is the last instruction of its block.
struct CodeBlock {
  std::uint32_t first = 0;
  std::uint32_t end = 0;
  std::vector<std::uint32_t>
      successors;  // blocks; for a conditional branch the taken one comes last
};

class ControlFlow {
 public:
  // Fails, with the offset in the reason, on an indirect jump, on a jump that leaves the function
  // or enters an instruction, and on code that runs over the function's end.
  // `no_return` says of each instruction whether it is a call that never returns.
  static Result<ControlFlow> Build(const std::vector<Instruction>& code,
                                   const std::vector<bool>& no_return);

  [[nodiscard]] const std::vector<CodeBlock>& blocks() const { return blocks_; }
  [[nodiscard]] std::uint32_t BlockOf(std::uint32_t instruction) const {
    return block_of_[instruction];
  }

  // Blocks that run after block `from` (itself only when it lies on a loop).
  [[nodiscard]] std::vector<bool> ReachableAfter(std::uint32_t from) const;

 private:
  std::vector<CodeBlock> blocks_;
  std::vector<std::uint32_t> block_of_;  // by instruction
};

}  // namespace gotls
