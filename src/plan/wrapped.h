// Types that wrap a Conn and copy parts of it, as utls' UConn does.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "binary/facts.h"
#include "plan/decoder.h"
#include "plan/plan.h"

namespace gotls {

// A function that a plan covers; `conn_offset`: its receiver holds a *Conn there, and isn't one.
struct PlannedFunction {
  const Function* function = nullptr;
  std::optional<std::uint32_t> conn_offset = std::nullopt;
};

// "(*UConn).Write" of those wrappers whose Write writes records by itself. The others call Conn's,
// where the bytes are seen.
std::vector<PlannedFunction> WritesOfWrappers(const Decoder& decoder, const TlsPackage& package,
                                              const Function& write_record);

// Where the *Conn is, given the place of the receiver; kNone when it can't be reached from there.
Place ConnPlace(const PlannedFunction& of, const Place& receiver);

}  // namespace gotls
