// What the abstract interpreter knows of a value and of the machine.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "plan/decoder.h"

namespace gotls {

// Where a value came from. Values of different symbols are never compared.
using Symbol = std::uint32_t;
inline constexpr Symbol kAnyValue = 0;  // any value
inline constexpr Symbol kNumber = 1;    // a constant
inline constexpr Symbol kFrame = 2;     // the stack pointer at the function's entry
inline constexpr Symbol kReceiver = 3;  // entry arguments of (c *Conn) Read/Write(b []byte)
inline constexpr Symbol kPointer = 4;
inline constexpr Symbol kLength = 5;
inline constexpr Symbol kCapacity = 6;
inline constexpr Symbol kFreshRegister = 16;  // + register: what it held at the start of a run
inline constexpr Symbol kFreshSlot = 64;      // + slot

// symbol + some number in [low, high].
struct AbstractValue {
  std::int64_t low = 0;
  std::int64_t high = 0;
  Symbol symbol = kAnyValue;
  bool not_zero = false;  // proved by a comparison on the way

  static AbstractValue Number(std::int64_t value) { return {value, value, kNumber, false}; }
  static AbstractValue Of(Symbol symbol, std::int64_t offset = 0) {
    return {offset, offset, symbol, false};
  }

  [[nodiscard]] bool known() const { return symbol != kAnyValue; }
  [[nodiscard]] bool exact() const { return known() && low == high; }
  [[nodiscard]] bool Is(Symbol s, std::int64_t offset = 0) const {
    return symbol == s && low == offset && high == offset;
  }
  [[nodiscard]] bool IsNonZero() const {
    return not_zero || (symbol == kNumber && (low > 0 || high < 0));
  }
  bool operator==(const AbstractValue&) const = default;
};

// Ranges wider than this become unknown: enough for the 1/n-1 split of TLS 1.0, and it bounds every
// fixpoint.
inline constexpr std::int64_t kMaxRange = 16;

// The least value that covers both.
AbstractValue Join(const AbstractValue& a, const AbstractValue& b);
// a + b and a - b; unknown when the result isn't symbol + small range.
AbstractValue Add(const AbstractValue& a, const AbstractValue& b);
AbstractValue Subtract(const AbstractValue& a, const AbstractValue& b);
// The low `width` bytes, zero-extended.
AbstractValue Truncate(const AbstractValue& value, std::uint8_t width);

// Eight bytes of the stack at an 8-aligned distance from the stack pointer at entry. `width`: how
// many of them, from the first one, the value describes.
struct StackSlot {
  AbstractValue value;
  std::uint8_t width = 8;
  bool operator==(const StackSlot&) const = default;
};

// What is known in front of one instruction. Slots are numbered by FrameLayout.
struct MachineState {
  std::array<AbstractValue, kGeneralRegisters> registers;
  std::uint32_t zero_vectors = 0;  // vector registers known to hold zero
  std::vector<StackSlot> slots;
  bool operator==(const MachineState&) const = default;
};

// Makes `into` cover `from`; whether that changed it. With `widen` whatever changes becomes unknown
// at once.
bool JoinInto(MachineState& into, const MachineState& from, bool widen);

}  // namespace gotls
