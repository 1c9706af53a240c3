// Raw events to a file, so that a session can be replayed.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "gotls/error.h"
#include "sink/output_file.h"
#include "sink/recording_format.h"

namespace gotls {

// Not a Sink: takes events as they come from the ring buffer (and from the user half), before Flow
// sees them.
class EventRecorder {
 public:
  virtual ~EventRecorder() = default;
  // `event` begins with a gotls_event_header; exactly header.size bytes are kept.
  virtual Result<void> Write(Bytes event) = 0;
  // Last call.
  virtual Result<void> Finish() = 0;
};

// Writes the file's header at once. `out` must outlive the recorder.
Result<std::unique_ptr<EventRecorder>> MakeRecorder(OutputFile& out, const RecordingInfo& info);

}  // namespace gotls
