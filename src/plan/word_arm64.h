// The fields of an A64 instruction word, and operands made of them.
#pragma once

#include <cstdint>

#include "plan/decoder.h"

namespace gotls::arm64 {

inline constexpr std::uint8_t kZero = 31;  // as a register number: xzr where sp isn't meant

inline std::uint32_t Bits(std::uint32_t word, unsigned high, unsigned low) {
  return word >> low & ((std::uint32_t{2} << (high - low)) - 1);
}

inline std::int64_t SignedBits(std::uint32_t word, unsigned high, unsigned low) {
  const unsigned left = 31 - high;
  return static_cast<std::int32_t>(word << left) >> (left + low);
}

// Bit fields that many encodings share.
inline std::uint8_t Rd(std::uint32_t word) { return static_cast<std::uint8_t>(Bits(word, 4, 0)); }
inline std::uint8_t Rn(std::uint32_t word) { return static_cast<std::uint8_t>(Bits(word, 9, 5)); }
inline std::uint8_t Rt2(std::uint32_t word) {
  return static_cast<std::uint8_t>(Bits(word, 14, 10));
}
inline std::uint8_t Rm(std::uint32_t word) { return static_cast<std::uint8_t>(Bits(word, 20, 16)); }
inline bool IsWide(std::uint32_t word) { return (word >> 31) != 0; }

inline Operand Immediate(std::int64_t value, std::uint8_t width) {
  Operand operand;
  operand.kind = OperandKind::kImmediate;
  operand.immediate = value;
  operand.width = width;
  return operand;
}

// 31 is the stack pointer.
inline Operand RegisterOrSp(std::uint8_t reg, std::uint8_t width) {
  Operand operand;
  operand.kind = OperandKind::kRegister;
  operand.reg = reg;
  operand.width = width;
  return operand;
}

// 31 is the zero register: 0 when read, nothing when written.
inline Operand Source(std::uint8_t reg, std::uint8_t width) {
  return reg == kZero ? Immediate(0, width) : RegisterOrSp(reg, width);
}

inline Operand Target(std::uint8_t reg, std::uint8_t width) {
  return RegisterOrSp(reg == kZero ? kNoRegister : reg, width);
}

inline Operand Vector(std::uint8_t reg, std::uint8_t width) {
  return RegisterOrSp(static_cast<std::uint8_t>(kGeneralRegisters + reg), width);
}

inline Operand Memory(std::uint8_t base, std::int64_t displacement, std::uint8_t width) {
  Operand operand;
  operand.kind = OperandKind::kMemory;
  operand.width = width;
  operand.memory.base = base;
  operand.memory.displacement = displacement;
  return operand;
}

inline std::uint64_t RegisterBit(std::uint8_t reg) {
  return reg == kZero ? 0 : std::uint64_t{1} << reg;
}

}  // namespace gotls::arm64
