// What decoders count: bad data is a number here, never an error.
#pragma once

#include <cstdint>

namespace gotls {

// X(name, meaning): name is the one in docs and JSON.
#define GOTLS_DECODE_COUNTERS(X)                                                       \
  X(decode_exchanges, "exchanges that were decoded")                                   \
  X(decode_messages, "WebSocket, RPC and event messages that were decoded")            \
  X(decode_opaque_connections, "connections of no protocol that gotls decodes")        \
  X(decode_joined_connections, "connections whose beginning was not seen")             \
  X(decode_gaps, "gaps in bytes that were being decoded")                              \
  X(decode_resyncs, "times that a decoder found a boundary again")                     \
  X(decode_skipped_bytes, "bytes passed over until a decoder found a boundary again")  \
  X(decode_malformed, "exchanges or connections whose bytes break the protocol")       \
  X(decode_limits, "times that a bound on hostile input took hold")                    \
  X(decode_body_errors, "bodies or messages whose content coding could not be undone") \
  X(decode_unknown_fields, "header fields that refer to what passed before gotls came")

struct DecodeCounters {
#define X(name, meaning) std::uint64_t name = 0;
  GOTLS_DECODE_COUNTERS(X)
#undef X
};

}  // namespace gotls
