// Server-sent events (text/event-stream).
#pragma once

#include <memory>

#include "decode/message/message_output.h"
#include "decode/message/message_parser.h"

namespace gotls {

// A message for each event: data lines joined by \n, the event's name, the id that came with it.
// Blocks with neither data nor a name (comments that keep the connection alive) are none.
// A gap makes one incomplete message of what it touches, up to the next blank line.
std::unique_ptr<MessageParser> MakeEventStreamParser(MessageOutput output);

}  // namespace gotls
