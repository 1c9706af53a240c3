// Messages inside bytes that are coded as a whole.
#pragma once

#include <memory>
#include <string>

#include "decode/body/content_decoder.h"
#include "decode/message/message_output.h"
#include "decode/message/message_parser.h"

namespace gotls {

// Undoes `decoder`'s coding and hands the bytes to `inner`. What can't be undone any more (a gap,
// corrupt bytes) is one message of `kind` with a problem. `name`: of the coding, for that problem;
// "": the decoder's errors say it themselves.
std::unique_ptr<MessageParser> MakeDecodingParser(std::string name,
                                                  std::unique_ptr<ContentDecoder> decoder,
                                                  MessageKind kind, MessageOutput output,
                                                  std::unique_ptr<MessageParser> inner);

}  // namespace gotls
