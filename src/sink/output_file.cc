#include "sink/output_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace gotls {
namespace {

constexpr std::size_t kBufferBytes = 256 << 10;

// A file that was there before keeps its mode through O_TRUNC; devices and pipes are not ours to
// change.
bool MakePrivate(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return false;
  if (!S_ISREG(status.st_mode) || (status.st_mode & 077) == 0) return true;
  return ::fchmod(fd, 0600) == 0;
}

}  // namespace

Result<std::unique_ptr<OutputFile>> OutputFile::Open(const std::string& path) {
  if (path.empty() || path == "-") {
    return std::unique_ptr<OutputFile>(new OutputFile({}, STDOUT_FILENO, "standard output"));
  }
  // Emptied only once it is private.
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600));
  if (!fd.valid()) {
    return Fail(ErrorKind::kUsage, std::string("can't write: ") + std::strerror(errno), path);
  }
  if (!MakePrivate(fd.get())) {
    return Fail(ErrorKind::kUsage, std::string("can't make it private: ") + std::strerror(errno),
                path, "captured data is secret: choose a file that you own");
  }
  if (::ftruncate(fd.get(), 0) != 0 && errno != EINVAL) {  // EINVAL: a pipe or a device
    return Fail(ErrorKind::kUsage, std::string("can't empty: ") + std::strerror(errno), path);
  }
  const int raw = fd.get();
  return std::unique_ptr<OutputFile>(new OutputFile(std::move(fd), raw, path));
}

OutputFile::OutputFile(UniqueFd owned, int fd, std::string name)
    : owned_(std::move(owned)), fd_(fd), name_(std::move(name)), is_terminal_(::isatty(fd) == 1) {
  buffer_.reserve(kBufferBytes);
}

OutputFile::~OutputFile() { static_cast<void>(Flush()); }

Result<void> OutputFile::Write(std::string_view text) {
  if (buffer_.size() + text.size() > kBufferBytes) {
    if (auto flushed = Flush(); !flushed) return flushed;
    if (text.size() > kBufferBytes) return WriteAll(text);
  }
  buffer_.append(text);
  return {};
}

Result<void> OutputFile::Flush() {
  Result<void> written = WriteAll(buffer_);
  buffer_.clear();
  return written;
}

Result<void> OutputFile::Finish() {
  if (auto flushed = Flush(); !flushed) return flushed;
  const bool was_whole = std::exchange(fd_, -1) >= 0;
  // Closing a duplicate tells the errors that closing the descriptor itself would.
  const UniqueFd owned = std::move(owned_);
  if (!owned.valid() || !was_whole) return {};
  const int copy = ::dup(owned.get());
  if (copy >= 0 && ::close(copy) != 0) return Broken(errno);
  return {};
}

Result<void> OutputFile::WriteAll(std::string_view text) {
  while (!text.empty() && fd_ >= 0) {
    const ssize_t written = ::write(fd_, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {  // a terminal or pipe that someone else made non-blocking
      pollfd waiting{fd_, POLLOUT, 0};
      ::poll(&waiting, 1, -1);
    } else if (errno != EINTR) {
      return Broken(errno);
    }
  }
  return {};
}

std::unexpected<Error> OutputFile::Broken(int error) {
  fd_ = -1;
  std::string hint;
  if (error == EPIPE) hint = "the program that read it has ended";
  if (error == ENOSPC || error == EDQUOT) hint = "make room; what was written so far is complete";
  return Fail(ErrorKind::kRuntime, std::string("can't write: ") + std::strerror(error), name_,
              std::move(hint));
}

}  // namespace gotls
