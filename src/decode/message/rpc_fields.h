// Fields of an RPC message as text.
#pragma once

#include "decode/decoder.h"
#include "gotls/exchange.h"

namespace gotls {

// Fills in `name` and `fields` of a message with protobuf content: by names when the options have
// a schema that knows the method, else by numbers.
void FillRpcFields(Message& message, const Exchange& exchange, const DecodeOptions& options);

}  // namespace gotls
