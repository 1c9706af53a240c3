// The calling convention of a binary, and where its code finds the current goroutine.
#pragma once

#include "binary/facts.h"
#include "plan/decoder.h"
#include "plan/plan.h"

namespace gotls {

struct Convention {
  Abi abi = Abi::kRegister;
  GSource g;
};

// Reads it off the stack check at the head of the package's functions: compared with [r14+0x10]
// when g is in R14, which came together with register arguments in Go 1.17; with a g loaded through
// fs before. Fails (kTarget) when no function has a stack check that is known, or when it
// contradicts the Go version.
Result<Convention> FindConvention(const Decoder& decoder, const GoFacts& facts,
                                  const TlsPackage& package);

}  // namespace gotls
