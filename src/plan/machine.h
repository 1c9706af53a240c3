// What the planner has to know of an architecture and of Go's conventions on it.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "binary/facts.h"

namespace gotls {

// General registers have their hardware numbers, on arm64 with the stack pointer as 31 (the zero
// register is a constant, not a register); vector registers follow from kGeneralRegisters on.
inline constexpr std::uint8_t kGeneralRegisters = 32;
inline constexpr std::uint8_t kVectorRegisters = 32;
inline constexpr std::uint8_t kNoRegister = 0xff;

namespace amd64 {
inline constexpr std::uint8_t kRax = 0, kRcx = 1, kRdx = 2, kRbx = 3, kRsp = 4, kRbp = 5, kRdi = 7;
inline constexpr std::uint8_t kR14 = 14;
}  // namespace amd64

namespace arm64 {
inline constexpr std::uint8_t kX26 = 26, kX28 = 28, kX29 = 29, kX30 = 30, kSp = 31;
}  // namespace arm64

struct Machine {
  Arch arch;
  std::uint8_t stack_pointer;
  std::uint8_t frame_pointer;    // kept by calls
  std::uint8_t closure_context;  // holds the closure at its call
  std::uint8_t g;                // in code with the register ABI
  std::uint32_t zero_vectors;    // that hold zero in code with the register ABI, a bit each
  std::span<const std::uint8_t> arguments;  // words of arguments and of results, register ABI
  // In front of a call the first word on the stack is at stack pointer + this; the callee finds it
  // at stack pointer + 8. (amd64 pushes the return address in between; on arm64 each function
  // stores it at its own stack pointer.)
  std::int32_t outgoing;
  std::uint32_t first_register_abi_minor;  // of Go 1.x

  [[nodiscard]] std::string NameOf(std::uint8_t reg) const;  // "rcx", "x2", "sp"
};

const Machine& MachineOf(Arch arch);

}  // namespace gotls
