#include <elf.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>

#include "app/outputs.h"
#include "base/unique_fd.h"
#include "flow/flow.h"
#include "gotls/session.h"
#include "probe/tracer.h"

namespace gotls {
namespace {

using Clock = std::chrono::steady_clock;

// How long bytes may wait in the ring buffer before they are shown.
constexpr int kPollMs = 40;

std::uint64_t MonotonicNs() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(time.tv_nsec);
}

// How kernel time relates to the wall's, and what else a recording says of its making.
RecordingInfo DescribeClock() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  RecordingInfo info;
  info.started_ns = time.tv_sec * 1'000'000'000 + time.tv_nsec;
  info.wall_offset_ns = info.started_ns - static_cast<std::int64_t>(MonotonicNs());
  info.machine = EM_X86_64;
  info.gotls_version = GOTLS_VERSION;
  return info;
}

class LiveSession : public Session {
 public:
  LiveSession(const TraceOptions& options, const RecordingInfo& clock,
              std::unique_ptr<Outputs> outputs, std::unique_ptr<Tracer> tracer)
      : duration_(options.duration),
        outputs_(std::move(outputs)),
        tracer_(std::move(tracer)),
        flow_(*outputs_, clock.wall_offset_ns),
        wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    outputs_->SetSkip([this](ConnId connection, Direction direction, StreamPosition end) {
      flow_.SkipUntil(connection, direction, end);
      const auto key = flow_.KeyOf(connection);
      if (key) tracer_->SkipUntil({key->pid, key->conn, key->generation}, direction, end.value);
    });
  }

  void AddSink(std::unique_ptr<Sink> sink) override { outputs_->AddSink(std::move(sink)); }

  Result<Summary> Run() override {
    if (auto released = tracer_->Release(); !released) return std::unexpected(released.error());
    const auto end = duration_ ? Clock::now() + *duration_ : Clock::time_point::max();
    while (!stop_ && !outputs_->finished() && !tracer_->Done() && Clock::now() < end) {
      PollOnce(end);
      outputs_->Flush();
    }
    tracer_->Finish([this](Bytes event) { Push(event); });
    return outputs_->End(flow_.End());
  }

  void Stop() noexcept override {
    stop_ = true;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = write(wake_.get(), &one, sizeof(one));
  }

 private:
  void PollOnce(Clock::time_point end) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    const int timeout = static_cast<int>(std::clamp<std::int64_t>(left, 0, kPollMs));
    const std::uint64_t before = MonotonicNs();
    const bool drained = tracer_->Poll(timeout, wake_.get(), [this](Bytes event) { Push(event); });
    if (drained && (flow_.HasPending() || outputs_->wants_ticks()))
      PushTick(before);  // all events up to then have been handed on
  }

  void PushTick(std::uint64_t time) {
    const gotls_event_header tick{GOTLS_EVENT_TICK, GOTLS_EVENT_VERSION, sizeof(tick), 0, 0, time};
    Push(std::as_bytes(std::span(&tick, 1)));
  }

  // Recorder first, so that a replay sees what the flow saw; nothing after the last chunk that was
  // asked for.
  void Push(Bytes event) {
    if (outputs_->finished()) return;
    outputs_->Record(event);
    flow_.Push(event);
  }

  std::optional<std::chrono::nanoseconds> duration_;
  std::unique_ptr<Outputs> outputs_;
  std::unique_ptr<Tracer> tracer_;
  Flow flow_;
  UniqueFd wake_;
  std::atomic<bool> stop_ = false;
};

}  // namespace

Result<std::unique_ptr<Session>> Session::Create(const TraceOptions& options) {
  const RecordingInfo clock = DescribeClock();
  auto outputs =
      Outputs::Open(options.outputs, options.view, clock, options.count, options.on_notice);
  if (!outputs) return std::unexpected(outputs.error());
  TracerWants wants;
  wants.secrets = options.secrets || (*outputs)->wants_secrets();
  wants.skips = (*outputs)->can_skip();
  wants.stdout_alone = (*outputs)->needs_stdout_alone();
  auto tracer = Tracer::Create(options, wants);
  if (!tracer) return std::unexpected(tracer.error());
  return std::make_unique<LiveSession>(options, clock, std::move(*outputs), std::move(*tracer));
}

}  // namespace gotls
