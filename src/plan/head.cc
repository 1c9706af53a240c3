#include "plan/head.h"

#include <algorithm>

#include "plan/analysis.h"

namespace gotls {
namespace {

// Whether what stood in front of the instruction stands behind it too: only a register is written,
// and it is neither the stack pointer nor one of `places`.
bool Keeps(const Instruction& at, std::span<const Place> places) {
  const auto keeps = [&](std::uint8_t reg) {
    return reg != amd64::kRsp && std::ranges::none_of(places, [&](const Place& place) {
             return place.kind == PlaceKind::kRegister && place.reg == reg;
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

Place ArgumentPlace(Abi abi, unsigned i) {
  const CallConvention convention{abi};
  if (abi == Abi::kRegister) return {PlaceKind::kRegister, convention.ArgumentRegister(i), 0};
  return {PlaceKind::kStack, 0, CallConvention::ArgumentDistance(i)};
}

const Instruction& HeadSite(const std::vector<Instruction>& code, std::span<const Place> places) {
  for (const Instruction& at : code) {
    if (at.emulated) return at;
    if (at.flow != FlowKind::kNext || !Keeps(at, places)) break;
  }
  return code.front();
}

}  // namespace gotls
