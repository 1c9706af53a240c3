// What gotls knows of a binary, and how it would hook it. Reads files only: no privilege but to
// open them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gotls/error.h"
#include "gotls/options.h"

namespace gotls {

// One file, rendered. `error` is set, and the texts hold what could be found out, when it can't be
// hooked.
struct Inspection {
  std::string text;      // for a terminal, several lines
  std::string json;      // one object, see docs/json.md
  bool planned = false;  // both directions have a plan, in one copy of crypto/tls at least
  Error error;
};

struct InspectOptions {
  PlanChoice plan = PlanChoice::kAuto;
  std::vector<std::string> packages{};  // as in TraceOptions
};

// kTarget when the file can't be read, is not a Go program, or has no crypto/tls.
Result<Inspection> InspectFile(const std::string& path, const InspectOptions& options = {});

// The executable of a process and the Go libraries that it has mapped; at least one, or kTarget.
Result<std::vector<Inspection>> InspectProcess(std::uint32_t pid,
                                               const InspectOptions& options = {});

}  // namespace gotls
