// The probe stage as a whole: from the user's targets to a stream of raw events.
#pragma once

#include <functional>
#include <memory>

#include "base/bytes.h"
#include "gotls/error.h"
#include "gotls/options.h"

namespace gotls {

// Finds the wanted processes, now and later, attaches their binaries, and hands on what the kernel
// half reports, in order, together with events of its own (what a process is, where connections
// ended) so that the stream stands alone. One thread.
class Tracer {
 public:
  using EventHandler = std::function<void(Bytes)>;

  // kTarget: a named target can't be traced; kHost: kernel or privilege.
  static Result<std::unique_ptr<Tracer>> Create(const TraceOptions& options);

  virtual ~Tracer() = default;

  // Lets the started command go. Once, before the first Poll().
  virtual Result<void> Release() = 0;

  // Waits for events, for `timeout_ms` at most or until `wake_fd` is readable (-1: none), and hands
  // them on. False when it came to the end of its time with events still waiting.
  virtual bool Poll(int timeout_ms, int wake_fd, const EventHandler& on_event) = 0;

  // All named processes, or the started command, have ended.
  [[nodiscard]] virtual bool Done() = 0;

  // Detaches, then hands on what is left: waiting events, the final positions of all connections,
  // the counters.
  virtual void Finish(const EventHandler& on_event) = 0;
};

}  // namespace gotls
