#include "sink/recording_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace gotls {
namespace {

constexpr std::size_t kBufferBytes = 128 << 10;
constexpr std::uint32_t kMaxHeaderBytes = 4096;
constexpr std::size_t kLengthBytes = sizeof(std::uint32_t);
static_assert(kBufferBytes >= kMaxEventBytes + kLengthBytes);
constexpr const char* kHowToRecord = "gotls trace -o record:FILE makes one";

}  // namespace

Result<RecordingReader> RecordingReader::Open(const std::string& path) {
  if (path == "-") return FromFd(UniqueFd(::dup(STDIN_FILENO)), "standard input");
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd.valid()) {
    return Fail(ErrorKind::kUsage, std::string("can't open: ") + std::strerror(errno), path);
  }
  return FromFd(std::move(fd), path);
}

Result<RecordingReader> RecordingReader::FromFd(UniqueFd fd, std::string name) {
  RecordingReader reader(std::move(fd), std::move(name));
  if (auto header = reader.ReadHeader(); !header) return std::unexpected(header.error());
  return reader;
}

RecordingReader::RecordingReader(UniqueFd fd, std::string name)
    : fd_(std::move(fd)), name_(std::move(name)), buffer_(kBufferBytes) {}

Result<void> RecordingReader::ReadHeader() {
  const auto bytes = Peek(sizeof(RecordingHeader));
  if (!bytes) return std::unexpected(bytes.error());
  const auto header = ReadAt<RecordingHeader>(*bytes, 0);
  if (!header) return Fail(ErrorKind::kTarget, "not a recording: too short", name_, kHowToRecord);
  if (auto good = CheckHeader(*header); !good) return good;
  info_.wall_offset_ns = header->wall_offset_ns;
  info_.started_ns = header->started_ns;
  info_.machine = header->machine;
  const auto& version = header->gotls_version;
  info_.gotls_version.assign(version.begin(), std::find(version.begin(), version.end(), '\0'));
  const auto whole = Peek(header->header_size);
  if (!whole) return std::unexpected(whole.error());
  if (whole->size() < header->header_size) {
    return Fail(ErrorKind::kTarget, "the recording ends inside its header", name_);
  }
  Skip(header->header_size);
  return {};
}

Result<void> RecordingReader::CheckHeader(const RecordingHeader& header) const {
  const auto bad = [this](std::string what, std::string hint = {}) -> Result<void> {
    return Fail(ErrorKind::kTarget, std::move(what), name_, std::move(hint));
  };
  if (header.magic != kRecordingMagic) return bad("not a recording of gotls", kHowToRecord);
  if (header.byte_order != kRecordingByteOrder) {
    return bad("recorded on a machine with another byte order");
  }
  if (header.format != kRecordingFormat) {
    return bad(fmt::format("recording format {}; this gotls reads format {}", header.format,
                           kRecordingFormat),
               "replay it with the gotls that made it");
  }
  if (header.event_version != GOTLS_EVENT_VERSION) {
    return bad(fmt::format("events of version {}; this gotls reads version {}",
                           header.event_version, GOTLS_EVENT_VERSION),
               "replay it with the gotls that made it");
  }
  if (header.header_size < sizeof(header) || header.header_size > kMaxHeaderBytes) {
    return bad(fmt::format("damaged header: it says that it has {} bytes", header.header_size));
  }
  return {};
}

Result<std::optional<Bytes>> RecordingReader::Next() {
  const auto prefix = Peek(kLengthBytes);
  if (!prefix) return std::unexpected(prefix.error());
  const auto length = ReadAt<std::uint32_t>(*prefix, 0);
  if (!length) {
    truncated_ = truncated_ || !prefix->empty();
    return std::nullopt;
  }
  if (*length < sizeof(gotls_event_header) || *length > kMaxEventBytes) {
    return Fail(ErrorKind::kTarget,
                fmt::format("damaged at byte {}: an event of {} bytes", offset_, *length), name_,
                "the events before it were replayed");
  }
  const auto event = Peek(kLengthBytes + *length);
  if (!event) return std::unexpected(event.error());
  if (event->size() < kLengthBytes + *length) {
    truncated_ = true;
    return std::nullopt;
  }
  Skip(event->size());
  return event->subspan(kLengthBytes);
}

Result<Bytes> RecordingReader::Peek(std::size_t size) {
  if (begin_ + size > buffer_.size()) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= std::exchange(begin_, 0);
  }
  while (end_ - begin_ < size) {
    const ssize_t got = ::read(fd_.get(), buffer_.data() + end_, buffer_.size() - end_);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return Fail(ErrorKind::kRuntime, std::string("can't read: ") + std::strerror(errno), name_);
    }
    if (got == 0) break;
    end_ += static_cast<std::size_t>(got);
  }
  return Bytes(buffer_).subspan(begin_, std::min(size, end_ - begin_));
}

void RecordingReader::Skip(std::size_t size) {
  begin_ += size;
  offset_ += size;
}

}  // namespace gotls
