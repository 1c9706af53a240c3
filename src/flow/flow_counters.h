// Everything odd that Flow sees is counted under one of these names; none of it ends a run.
#pragma once

#include <cstdint>

namespace gotls {

#define GOTLS_FLOW_COUNTERS(X)                                                                     \
  X(flow_events_short, "events shorter than they say, or than their type needs")                   \
  X(flow_events_version, "events of another version of the contract")                              \
  X(flow_events_unknown, "events of an unknown type")                                              \
  X(flow_events_bad, "events with impossible values")                                              \
  X(flow_opens_lost, "connections known only by their data, since their announcement was lost")    \
  X(flow_opens_repeated, "announcements of connections that were known already")                   \
  X(flow_overlaps, "data events whose bytes, or some of them, had been delivered already")         \
  X(flow_waits_ended, "times that a chunk out of order was passed on without the bytes before it") \
  X(flow_reopened, "connections that went on after their close was reported, as new ones")         \
  X(flow_closes_unknown, "ends of connections that were never seen")                               \
  X(flow_closes_behind, "ends of connections at positions behind the data delivered")              \
  X(flow_connections_refused, "connections not shown because too many are open")                   \
  X(flow_bytes_refused, "bytes of connections not shown because too many are open")

struct FlowCounters {
#define X(name, meaning) std::uint64_t name = 0;
  GOTLS_FLOW_COUNTERS(X)
#undef X
};

}  // namespace gotls
