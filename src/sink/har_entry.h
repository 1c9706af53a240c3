// An entry of an HTTP archive.
#pragma once

#include <string>

#include "gotls/exchange.h"
#include "gotls/records.h"
#include "sink/har_messages.h"
#include "sink/time_text.h"

namespace gotls {

// One JSON object. What HAR has no word for is in fields that begin with an underscore.
void AppendHarEntry(std::string& out, Rfc3339Writer& clock, const Connection& connection,
                    const Exchange& exchange, const HarMessages& messages);

}  // namespace gotls
