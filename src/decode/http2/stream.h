// One stream, and the exchange that it carries.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "decode/body/body_collector.h"
#include "decode/http2/frame_reader.h"
#include "decode/message/message_parser.h"
#include "gotls/exchange.h"

namespace gotls {

struct StreamSide {
  bool ended = false;        // END_STREAM was seen
  bool starts_seen = false;  // no frame of it can have passed unseen before the head
  bool data_seen = false;
  bool coding_unknown = false;  // Content-Encoding may be among the fields that are not known
  // Frames may have passed unseen: `in_doubt` before the head, which can still prove that nothing
  // of it is missing; `hurt` for good.
  bool in_doubt = false;
  bool hurt = false;
  FrameLoss loss;  // when in_doubt or hurt
  WallTime moved;  // when its last frame came
  std::optional<BodyCollector> body;
  bool parser_made = false;
  std::unique_ptr<MessageParser> parser;
};

// A RST_STREAM that was read, on a connection whose writes are seen when they return: what was
// written before it can still come.
struct HeldReset {
  std::optional<std::uint32_t> code;  // none: the frame was too short to have one
  WallTime time;
};

struct Stream {
  std::uint32_t id = 0;
  Exchange exchange;
  StreamSide request;
  StreamSide response;
  bool reported = false;  // as open
  std::optional<HeldReset> reset;
  // In the order of beginning.
  Stream* older = nullptr;
  Stream* newer = nullptr;

  StreamSide& Side(bool from_client) { return from_client ? request : response; }
  HttpMessage& Message(bool from_client) {
    return from_client ? exchange.request : exchange.response;
  }

  // As new, but for storage that is worth keeping.
  void Recycle();

  std::vector<HeaderField> spare_request;
  std::vector<HeaderField> spare_response;
};

}  // namespace gotls
