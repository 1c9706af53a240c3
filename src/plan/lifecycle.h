// Sites that say what becomes of a connection. They are extras: what can't be planned is left out
// and named.
#pragma once

#include <string>
#include <vector>

#include "binary/facts.h"
#include "plan/analysis.h"
#include "plan/decoder.h"
#include "plan/plan.h"

namespace gotls {

struct LifecyclePlan {
  std::vector<Site> sites;
  std::string reason;
  bool every_handshake = false;  // of those that the program can make
};

// Handshake and close, or what ends a stream of QUIC, at the head of their functions.
LifecyclePlan PlanLifecycle(const Decoder& decoder, const TlsPackage& package, Abi abi);

// Returns of (*Conn).writeRecordLocked with an error that is proved not to be nil: for a lean Write
// plan, which sees the bytes before they are sent. Adds to `plan`.
void PlanNotSent(const Decoder& decoder, const Function& write_record, Abi abi, WorkBudget& budget,
                 LifecyclePlan& plan);

}  // namespace gotls
