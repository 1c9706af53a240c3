// What a header block is to its stream.
#pragma once

#include <cstdint>

#include "decode/http2/header_list.h"
#include "decode/http2/stream.h"

namespace gotls {

enum class BlockRole : std::uint8_t {
  kHead,
  kInformational,
  kTrailers,
  kUnclear,  // what would tell is among the fields that are not known
  kWrong,    // the protocol has no place for it
};

// A head without a known status may turn out to be an informational one: then another head follows.
bool HeadIsFinal(const StreamSide& side, const Exchange& exchange, bool from_client);

BlockRole RoleOf(const StreamSide& side, const Exchange& exchange, bool from_client,
                 bool end_stream, const HeaderList& fields);

}  // namespace gotls
