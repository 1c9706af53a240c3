#include "sink/recorder.h"

#include <elf.h>

#include <algorithm>

namespace gotls {
namespace {

#if defined(__aarch64__)
constexpr std::uint16_t kMachine = EM_AARCH64;
#else
constexpr std::uint16_t kMachine = EM_X86_64;
#endif

class Recorder final : public EventRecorder {
 public:
  explicit Recorder(OutputFile& out) : out_(out) {}

  Result<void> Write(Bytes event) override {
    const auto header = ReadAt<gotls_event_header>(event, 0);
    if (!header) return {};  // nothing that could be replayed
    // An event that lies about its size is kept as it came: a replay has to see what Flow saw.
    const bool lies = header->size < sizeof(*header) || header->size > event.size();
    const std::size_t size =
        std::min<std::size_t>(lies ? event.size() : header->size, kMaxEventBytes);
    const auto length = static_cast<std::uint32_t>(size);
    if (auto written = out_.Write(std::as_bytes(std::span(&length, 1))); !written) return written;
    return out_.Write(event.first(size));
  }

  Result<void> Finish() override { return out_.Finish(); }

 private:
  OutputFile& out_;
};

}  // namespace

Result<std::unique_ptr<EventRecorder>> MakeRecorder(OutputFile& out, const RecordingInfo& info) {
  RecordingHeader header{};
  header.magic = kRecordingMagic;
  header.byte_order = kRecordingByteOrder;
  header.format = kRecordingFormat;
  header.event_version = GOTLS_EVENT_VERSION;
  header.header_size = sizeof(header);
  header.machine = info.machine == 0 ? kMachine : info.machine;
  header.wall_offset_ns = info.wall_offset_ns;
  header.started_ns = info.started_ns;
  const std::size_t length = std::min(info.gotls_version.size(), header.gotls_version.size() - 1);
  std::copy_n(info.gotls_version.begin(), length, header.gotls_version.begin());
  if (auto written = out.Write(std::as_bytes(std::span(&header, 1))); !written) {
    return std::unexpected(written.error());
  }
  return std::make_unique<Recorder>(out);
}

}  // namespace gotls
