// WebSocket: frames to messages, one side.
#pragma once

#include <memory>

#include "decode/message/message_output.h"
#include "decode/message/message_parser.h"

namespace gotls {

// Control frames between the fragments of a message are messages of their own, before it. A gap
// inside a frame is exact. A gap over the head of a frame ends this side, until whole frames are
// found again: where the bytes of an operation, or of several, lead from head to head exactly to
// their end.
std::unique_ptr<MessageParser> MakeWebSocketParser(MessageOutput output);

}  // namespace gotls
