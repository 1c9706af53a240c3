#include "plan/head.h"

#include <algorithm>

namespace gotls {
namespace {

// Whether what stood in front of the instruction stands behind it too: only a register is written,
// and it is neither the stack pointer nor one of `places`.
bool Keeps(const Instruction& at, const Machine& machine, std::span<const Place> places) {
  const auto keeps = [&](std::uint8_t reg) {
    return reg != machine.stack_pointer && std::ranges::none_of(places, [&](const Place& place) {
             const bool by_register =
                 place.kind == PlaceKind::kRegister || place.kind == PlaceKind::kMemory;
             return by_register && place.reg == reg;
           });
  };
  switch (at.operation) {
    case Operation::kNone:
      return true;
    case Operation::kMove:
    case Operation::kLoadAddress:
    case Operation::kAdd:
    case Operation::kSubtract:
    case Operation::kXor:
      return at.operands[0].kind == OperandKind::kRegister && keeps(at.operands[0].reg);
    default:
      return false;
  }
}

}  // namespace

const Instruction& HeadSite(const std::vector<Instruction>& code, const Machine& machine,
                            std::span<const Place> places) {
  for (const Instruction& at : code) {
    if (at.emulated) return at;
    if (at.flow != FlowKind::kNext || !Keeps(at, machine, places)) break;
  }
  return code.front();
}

}  // namespace gotls
