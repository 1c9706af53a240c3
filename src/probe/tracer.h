// The probe stage as a whole: from the user's targets to a stream of raw events.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/bytes.h"
#include "gotls/error.h"
#include "gotls/options.h"
#include "gotls/records.h"

namespace gotls {

// What outputs want beyond the bytes; the rest costs nothing.
struct TracerWants {
  bool secrets = false;  // TLS session secrets
  bool skips = false;    // SkipUntil() will be called
  // Standard output is an output's alone: the started command's goes to standard error.
  bool stdout_alone = false;
};

// A connection as events name it.
struct TracedConn {
  std::uint32_t pid = 0;
  std::uint64_t conn = 0;
  std::uint64_t generation = 0;
};

// Finds the wanted processes, now and later, attaches their binaries, and hands on what the kernel
// half reports, in order, together with events of its own (what a process is, where connections
// ended) so that the stream stands alone. One thread.
class Tracer {
 public:
  using EventHandler = std::function<void(Bytes)>;

  // kTarget: a named target can't be traced; kHost: kernel or privilege.
  static Result<std::unique_ptr<Tracer>> Create(const TraceOptions& options,
                                                const TracerWants& wants = {});

  virtual ~Tracer() = default;

  // Lets the started command go. Once, before the first Poll().
  virtual Result<void> Release() = 0;

  // Waits for events, for `timeout_ms` at most or until `wake_fd` is readable (-1: none), and hands
  // them on. False when it came to the end of its time with events still waiting.
  virtual bool Poll(int timeout_ms, int wake_fd, const EventHandler& on_event) = 0;

  // Nobody wants the bytes of one direction below `end`, all but the one before it: it is captured,
  // so that its coming tells that the others have passed. Those that come from now on are not
  // copied; they are announced as any missing byte, with GOTLS_LOSS_SKIPPED. May be called while an
  // event is handled. A connection that is gone, or has a successor at its address, does no harm.
  virtual void SkipUntil(const TracedConn& connection, Direction direction, std::uint64_t end) = 0;

  // All named processes, or the started command, have ended.
  [[nodiscard]] virtual bool Done() = 0;

  // Detaches, then hands on what is left: waiting events, the final positions of all connections,
  // the counters.
  virtual void Finish(const EventHandler& on_event) = 0;
};

}  // namespace gotls
