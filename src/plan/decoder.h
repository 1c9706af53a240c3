// Machine code as the planner sees it: one neutral instruction for all architectures and
// disassemblers.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "binary/facts.h"
#include "gotls/error.h"
#include "plan/machine.h"

namespace gotls {

// What an instruction does to data, as far as the abstract interpreter follows it. kOther:
// `written` and `writes_memory` say what becomes unknown. kHavoc: every register but the stack
// pointer and all memory may change.
enum class Operation : std::uint8_t {
  kOther,
  kNone,         // writes neither registers nor memory: cmp, test, nop, branches
  kMove,         // operand 0 = operand 1; a narrow source is zero-extended
  kLoadAddress,  // and every other sum that a memory operand can express
  kAdd,
  kSubtract,
  kIncrement,
  kDecrement,
  kAnd,
  kXor,
  kPush,
  kPop,
  kConditionalMove,
  kVectorZero,
  kVectorMove,  // between a vector register and memory or another one
  kHavoc,
};

// Where execution goes next.
enum class FlowKind : std::uint8_t {
  kNext,
  kCall,  // direct
  kCallIndirect,
  kJump,  // direct
  kJumpIndirect,
  kBranch,  // conditional, direct
  kReturn,
  kTrap,  // int3, ud2: never goes on
};

enum class Condition : std::uint8_t {
  kNone,
  kEqual,
  kNotEqual,
  kBelowOrEqual,  // unsigned
  kUnsigned,      // the other unsigned ones
  kOther,
};

enum class OperandKind : std::uint8_t { kNone, kRegister, kImmediate, kMemory };

struct MemoryOperand {
  std::uint8_t base = kNoRegister;
  std::uint8_t index = kNoRegister;
  std::uint8_t scale = 1;
  bool absolute = false;         // pc-relative, resolved: `displacement` is the link-time address
  bool is_thread_local = false;  // fs- or gs-based
  bool vague = false;            // base and index take part, but are changed on the way
  std::int64_t displacement = 0;
};

struct Operand {
  OperandKind kind = OperandKind::kNone;
  std::uint8_t reg = kNoRegister;
  std::uint8_t width = 0;  // bytes
  bool high_byte = false;  // ah, bh, ch, dh
  std::int64_t immediate = 0;
  MemoryOperand memory;
};

// One effect. Where an instruction has several (arm64: two registers loaded, the base moved on),
// so many stand in a row, all with its offset, size and text.
struct Instruction {
  std::uint32_t offset = 0;  // from the function's first byte
  std::uint8_t size = 0;
  Operation operation = Operation::kOther;
  FlowKind flow = FlowKind::kNext;
  Condition condition = Condition::kNone;
  bool emulated = false;            // by the kernel when probed, instead of being single-stepped
  bool compares_with_zero = false;  // test r,r or cmp r,0; arm64 cbz: operand 0 is that register,
                                    // whole
  bool keeps_flags = false;
  bool writes_memory = false;  // kOther: to operand 0
  std::int64_t target =
      0;  // direct call, jump, branch: from the function's first byte, may lie outside
  std::uint64_t written = 0;  // kOther: registers written, a bit each
  std::uint8_t operand_count = 0;
  std::array<Operand, 3> operands;
  std::string text;  // "je 0x5a45de"
};

// The seam to another architecture: implement it and name it in MakeDecoder().
class Decoder {
 public:
  virtual ~Decoder() = default;

  [[nodiscard]] virtual Arch arch() const = 0;

  // Decodes a function from its first byte to its last one, without the padding behind it, and at
  // most `limit` instructions. Fails (kTarget) at the first byte that isn't an instruction, with
  // its offset.
  [[nodiscard]] virtual Result<std::vector<Instruction>> Decode(const Function& function,
                                                                std::size_t limit) const = 0;
};

Result<std::unique_ptr<Decoder>> MakeDecoder(Arch arch);
Result<std::unique_ptr<Decoder>> MakeAmd64Decoder();
Result<std::unique_ptr<Decoder>> MakeArm64Decoder();

// A function's code beyond this many bytes is not looked at: the largest one that is hooked has 4
// KiB.
inline constexpr std::size_t kMaxFunctionBytes = 1 << 16;

}  // namespace gotls
