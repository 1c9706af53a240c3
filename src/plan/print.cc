#include <fmt/format.h>

#include "plan/machine.h"
#include "plan/plan.h"

namespace gotls {

std::string ToString(const Place& place, Arch arch) {
  const Machine& machine = MachineOf(arch);
  switch (place.kind) {
    case PlaceKind::kNone:
      return "nowhere";
    case PlaceKind::kRegister:
      return machine.NameOf(place.reg);
    case PlaceKind::kStack:
      return fmt::format("[{}{}{:#x}]", machine.NameOf(machine.stack_pointer),
                         place.offset < 0 ? "-" : "+", std::abs(std::int64_t{place.offset}));
    case PlaceKind::kInput:
      return fmt::format("input@conn+{:#x}", place.offset);
    case PlaceKind::kMemory:
      return fmt::format("[{}+{:#x}]", machine.NameOf(place.reg), place.offset);
  }
  return "nowhere";
}

}  // namespace gotls
