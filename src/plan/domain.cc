#include "plan/domain.h"

#include <algorithm>

namespace gotls {
namespace {

// Far from overflow in any sum of two.
constexpr std::int64_t kMaxOffset = std::int64_t{1} << 61;

AbstractValue Bounded(AbstractValue value) {
  const bool fits =
      value.high - value.low <= kMaxRange && value.low >= -kMaxOffset && value.high <= kMaxOffset;
  return fits ? value : AbstractValue{};
}

bool Summable(const AbstractValue& value) {
  return value.known() && value.low >= -kMaxOffset && value.high <= kMaxOffset;
}

}  // namespace

AbstractValue Join(const AbstractValue& a, const AbstractValue& b) {
  const bool not_zero = a.IsNonZero() && b.IsNonZero();
  AbstractValue joined;
  if (a.symbol == b.symbol && a.known()) {
    if (a.low == b.low && a.high == b.high) {
      joined = a;
    } else if (Summable(a) && Summable(b)) {
      joined = Bounded({std::min(a.low, b.low), std::max(a.high, b.high), a.symbol, false});
    }
  }
  joined.not_zero = not_zero;
  return joined;
}

AbstractValue Add(const AbstractValue& a, const AbstractValue& b) {
  if (!Summable(a) || !Summable(b)) return {};
  if (a.symbol != kNumber && b.symbol != kNumber) return {};
  const Symbol symbol = a.symbol == kNumber ? b.symbol : a.symbol;
  return Bounded({a.low + b.low, a.high + b.high, symbol, false});
}

AbstractValue Subtract(const AbstractValue& a, const AbstractValue& b) {
  if (!Summable(b) || b.symbol != kNumber) return {};
  return Add(a, {-b.high, -b.low, kNumber, false});
}

AbstractValue Truncate(const AbstractValue& value, std::uint8_t width) {
  if (width >= 8) return value;
  if (value.symbol != kNumber) return {};
  const auto mask = (std::uint64_t{1} << (8 * width)) - 1;
  if (value.low >= 0 && static_cast<std::uint64_t>(value.high) <= mask) return value;
  if (!value.exact()) return {};
  return AbstractValue::Number(
      static_cast<std::int64_t>(static_cast<std::uint64_t>(value.low) & mask));
}

bool JoinInto(MachineState& into, const MachineState& from, bool widen) {
  bool changed = false;
  const auto join = [&](AbstractValue& a, const AbstractValue& b) {
    if (a == b) return;
    const AbstractValue joined = Join(a, b);
    if (joined == a) return;
    a = widen ? AbstractValue{} : joined;
    changed = true;
  };
  for (std::size_t i = 0; i < into.registers.size(); ++i)
    join(into.registers[i], from.registers[i]);
  for (std::size_t i = 0; i < into.slots.size(); ++i) {
    StackSlot& a = into.slots[i];
    const StackSlot& b = from.slots[i];
    if (a.width != b.width) {
      if (!(a == StackSlot{})) changed = true;
      a = StackSlot{};
    } else {
      join(a.value, b.value);
    }
  }
  const std::uint32_t zero = into.zero_vectors & from.zero_vectors;
  changed |= zero != into.zero_vectors;
  into.zero_vectors = zero;
  return changed;
}

}  // namespace gotls
