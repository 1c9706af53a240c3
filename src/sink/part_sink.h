// Rotation: an output that goes on in another file, each of them whole by itself.
#pragma once

#include "gotls/error.h"

namespace gotls {

// For a sink whose format has a beginning, an end or a memory: a class that implements Sink
// implements this too. Between two records: EndPart(), then the OutputFile turns to its next file,
// then BeginPart(). Neither is called for the beginning of the first file and the end of the last.
class PartSink {
 public:
  virtual ~PartSink() = default;
  virtual Result<void> EndPart() = 0;
  virtual Result<void> BeginPart() = 0;
};

}  // namespace gotls
