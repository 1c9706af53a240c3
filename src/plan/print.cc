#include <fmt/format.h>

#include <array>

#include "plan/plan.h"

namespace gotls {
namespace {

constexpr std::array<const char*, 16> kRegisterNames = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp",
                                                        "rsi", "rdi", "r8",  "r9",  "r10", "r11",
                                                        "r12", "r13", "r14", "r15"};

}  // namespace

std::string ToString(const Place& place) {
  switch (place.kind) {
    case PlaceKind::kNone:
      return "nowhere";
    case PlaceKind::kRegister:
      return place.reg < kRegisterNames.size() ? kRegisterNames[place.reg]
                                               : fmt::format("r{}", place.reg);
    case PlaceKind::kStack:
      return place.offset < 0 ? fmt::format("[rsp-{:#x}]", -std::int64_t{place.offset})
                              : fmt::format("[rsp+{:#x}]", place.offset);
    case PlaceKind::kInput:
      return fmt::format("input@conn+{:#x}", place.offset);
  }
  return "nowhere";
}

}  // namespace gotls
