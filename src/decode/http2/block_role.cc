#include "decode/http2/block_role.h"

namespace gotls {
namespace {

bool IsInformational(const HeaderList& fields) { return fields.status / 100 == 1; }

}  // namespace

bool HeadIsFinal(const StreamSide& side, const Exchange& exchange, bool from_client) {
  return from_client || exchange.status != 0 || side.data_seen;
}

// Pseudo-fields come first in a head and never in trailers, and trailers end the stream.
BlockRole RoleOf(const StreamSide& side, const Exchange& exchange, bool from_client,
                 bool end_stream, const HeaderList& fields) {
  using enum BlockRole;
  const bool head_seen = (from_client ? exchange.request : exchange.response).seen;
  const bool informational = !from_client && !end_stream && IsInformational(fields);
  if (!head_seen && side.starts_seen) return informational ? kInformational : kHead;
  const bool head_may_come =
      head_seen ? !HeadIsFinal(side, exchange, from_client) : !side.data_seen;
  if (fields.pseudo > 0) {
    if (!head_may_come) return kWrong;
    return informational ? kInformational : kHead;
  }
  if (!end_stream) return head_may_come && fields.unknown > 0 ? kHead : kWrong;
  if (!head_may_come || !fields.starts_unknown) return kTrailers;
  return kUnclear;
}

}  // namespace gotls
