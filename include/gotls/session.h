// Tracing and replaying, the whole of it.
//
//   gotls::TraceOptions options{.pids = {pid}};
//   auto session = gotls::Session::Create(options);
//   if (!session) return Report(session.error());
//   (*session)->AddSink(std::make_unique<MySink>());
//   auto summary = (*session)->Run();
#pragma once

#include <memory>
#include <string>

#include "gotls/error.h"
#include "gotls/options.h"
#include "gotls/records.h"
#include "gotls/sink.h"

namespace gotls {

// One run of the tracer. All methods but Stop() belong to one thread; sinks are called on it.
class Session {
 public:
  // Opens the outputs, loads the kernel half, attaches to what is there. kUsage: bad options or an
  // output that can't be opened (nothing has been attached then); kTarget: a named target can't be
  // traced; kHost: kernel or privilege.
  static Result<std::unique_ptr<Session>> Create(const TraceOptions& options);

  virtual ~Session() = default;

  // Before Run(). One that is an ExchangeSink or a SecretSink too gets what these get; for secrets
  // to be captured, an output or TraceOptions::secrets must ask for them.
  virtual void AddSink(std::unique_ptr<Sink> sink) = 0;

  // Captures until Stop(), the end of options.duration or .count, or the end of the started command
  // and all named processes; then detaches and delivers the rest. An output that fails on the way
  // is reported by a notice and counted in the summary.
  virtual Result<Summary> Run() = 0;

  // Ends Run() soon. Safe from other threads and from signal handlers.
  virtual void Stop() noexcept = 0;
};

// Sends a recording (output format "record") through outputs and a sink (may be null), as the live
// session did. Needs no privilege.
Result<Summary> Replay(const std::string& path, const std::vector<std::string>& outputs,
                       std::unique_ptr<Sink> sink, const NoticeHandler& on_notice = {},
                       const ViewOptions& view = {});

}  // namespace gotls
