// Recordings, read back. Untrusted: may be damaged, cut, or made to harm.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/unique_fd.h"
#include "gotls/error.h"
#include "sink/recording_format.h"

namespace gotls {

// Holds one buffer, whatever the file says.
class RecordingReader {
 public:
  // "-" is standard input. Errors are kTarget (not a recording, or one that this version can't
  // read), kUsage when the file can't be opened.
  static Result<RecordingReader> Open(const std::string& path);
  static Result<RecordingReader> FromFd(UniqueFd fd, std::string name);

  // The next event, valid until the next call; nothing at the end. The events before an error are
  // good.
  Result<std::optional<Bytes>> Next();

  [[nodiscard]] const RecordingInfo& info() const { return info_; }
  // The file ended inside an event, as when gotls was killed while it wrote; what came before is
  // complete.
  [[nodiscard]] bool truncated() const { return truncated_; }

 private:
  RecordingReader(UniqueFd fd, std::string name);
  Result<void> ReadHeader();
  Result<void> CheckHeader(const RecordingHeader& header) const;
  // As many of the next `size` bytes as there are; they stay unread. `size` is kMaxEventBytes + 4
  // at most.
  Result<Bytes> Peek(std::size_t size);
  void Skip(std::size_t size);

  UniqueFd fd_;
  std::string name_;
  RecordingInfo info_;
  bool truncated_ = false;
  std::vector<std::byte> buffer_;
  std::size_t begin_ = 0;  // of what is unread
  std::size_t end_ = 0;
  std::uint64_t offset_ = 0;  // of begin_ in the file
};

}  // namespace gotls
