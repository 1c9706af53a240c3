#include "plan/machine.h"

#include <fmt/format.h>

#include <array>

namespace gotls {
namespace {

constexpr std::array<std::uint8_t, 9> kAmd64Arguments = {0, 3, 1, 7, 6, 8, 9, 10, 11};
constexpr std::array<std::uint8_t, 16> kArm64Arguments = {0, 1, 2,  3,  4,  5,  6,  7,
                                                          8, 9, 10, 11, 12, 13, 14, 15};

constexpr std::array<const char*, 16> kAmd64Names = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp",
                                                     "rsi", "rdi", "r8",  "r9",  "r10", "r11",
                                                     "r12", "r13", "r14", "r15"};

constexpr Machine kAmd64 = {
    .arch = Arch::kAmd64,
    .stack_pointer = amd64::kRsp,
    .frame_pointer = amd64::kRbp,
    .closure_context = amd64::kRdx,
    .g = amd64::kR14,
    .zero_vectors = 1U << 15,
    .arguments = kAmd64Arguments,
    .outgoing = 0,
    .first_register_abi_minor = 17,
};

constexpr Machine kArm64 = {
    .arch = Arch::kArm64,
    .stack_pointer = arm64::kSp,
    .frame_pointer = arm64::kX29,
    .closure_context = arm64::kX26,
    .g = arm64::kX28,
    .zero_vectors = 0,
    .arguments = kArm64Arguments,
    .outgoing = 8,
    .first_register_abi_minor = 18,
};

}  // namespace

std::string Machine::NameOf(std::uint8_t reg) const {
  if (arch == Arch::kArm64) return reg == arm64::kSp ? "sp" : fmt::format("x{}", reg);
  return reg < kAmd64Names.size() ? kAmd64Names[reg] : fmt::format("r{}", reg);
}

const Machine& MachineOf(Arch arch) { return arch == Arch::kArm64 ? kArm64 : kAmd64; }

}  // namespace gotls
