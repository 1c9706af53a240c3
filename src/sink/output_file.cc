#include "sink/output_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "sink/whole_write.h"

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

std::unexpected<Error> CantOpen(const std::string& path) {
  const int error = errno;
  std::string hint;
  if (error == ENOENT || error == ENOTDIR) hint = "make its folder, or choose another one";
  if (error == EACCES || error == EROFS || error == EPERM)
    hint = "choose a place that you may write to";
  return Fail(ErrorKind::kUsage, std::string("can't write: ") + std::strerror(error), path,
              std::move(hint));
}

// A new file, never one that somebody else has put there.
Result<UniqueFd> CreatePart(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (fd.valid()) return fd;
  return CantOpen(path);
}

}  // namespace

Result<std::unique_ptr<OutputFile>> OutputFile::Open(const std::string& path) {
  if (path.empty() || path == "-") {
    return std::unique_ptr<OutputFile>(new OutputFile({}, STDOUT_FILENO, "standard output"));
  }
  // Emptied only once it is private.
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600));
  if (!fd.valid()) return CantOpen(path);
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

Result<std::unique_ptr<OutputFile>> OutputFile::OpenParts(const std::string& path,
                                                          const RotateOptions& rotate) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    return Fail(ErrorKind::kUsage, "is no file: it can't be rotated", path);
  }
  PartNames names(path, rotate.keep);
  const std::string part = names.Next();
  auto fd = CreatePart(part);
  if (!fd) return std::unexpected(fd.error());
  names.Prune();
  const int raw = fd->get();
  std::unique_ptr<OutputFile> file(new OutputFile(std::move(*fd), raw, part));
  file->parts_.emplace(rotate, std::move(names), std::nullopt);
  return file;
}

OutputFile::OutputFile(UniqueFd owned, int fd, std::string name)
    : owned_(std::move(owned)), fd_(fd), name_(std::move(name)), is_terminal_(::isatty(fd) == 1) {
  buffer_.reserve(kBufferBytes);
}

OutputFile::~OutputFile() { static_cast<void>(Flush()); }

Result<void> OutputFile::Write(std::string_view text) {
  part_bytes_ += text.size();
  if (buffer_.size() + text.size() > kBufferBytes) {
    if (auto flushed = Flush(); !flushed) return flushed;
    if (text.size() > kBufferBytes) return WriteAll(text);
  }
  buffer_.append(text);
  return {};
}

bool OutputFile::can_replace() const {
  struct stat status {};
  const int flags = ::fcntl(fd_, F_GETFL);
  return ::fstat(fd_, &status) == 0 && S_ISREG(status.st_mode) && flags >= 0 &&
         (flags & O_APPEND) == 0;
}

Result<void> OutputFile::ReplaceEnd(std::string_view end, std::string_view text) {
  const std::size_t kept = buffer_.size() - std::min(buffer_.size(), end.size());
  if (buffer_.size() >= end.size() && kept + text.size() <= kBufferBytes) {
    buffer_.resize(kept);
  } else {
    if (auto flushed = Flush(); !flushed) return flushed;
    if (fd_ >= 0 && ::lseek(fd_, -static_cast<off_t>(end.size()), SEEK_CUR) < 0) {
      return Broken(errno);
    }
    old_end_ = end;
  }
  part_bytes_ -= end.size();
  return Write(text);
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

bool OutputFile::PartIsOver(WallTime now) {
  if (!parts_ || fd_ < 0) return false;
  if (!parts_->began) {
    parts_->began = now;
    return false;
  }
  return QuietPartIsOver(now);
}

bool OutputFile::QuietPartIsOver(WallTime now) const {
  if (!parts_ || fd_ < 0 || !parts_->began) return false;
  const RotateOptions& options = parts_->options;
  if (options.max_bytes != 0 && part_bytes_ - preamble_bytes_ >= options.max_bytes) return true;
  if (options.max_age.count() == 0 || now <= *parts_->began) return false;
  // Times come from recordings too: no overflow, whatever they say.
  const auto ns = [](WallTime time) {
    return static_cast<std::uint64_t>(time.time_since_epoch().count());
  };
  return ns(now) - ns(*parts_->began) >= static_cast<std::uint64_t>(options.max_age.count());
}

Result<void> OutputFile::NextPart() {
  if (auto finished = Finish(); !finished) return finished;
  const std::string part = parts_->names.Next();
  auto fd = CreatePart(part);
  if (!fd) {
    fd.error().kind = ErrorKind::kRuntime;
    return std::unexpected(fd.error());
  }
  parts_->names.Prune();
  parts_->began.reset();
  part_bytes_ = preamble_bytes_ = 0;
  old_end_.clear();
  owned_ = std::move(*fd);
  fd_ = owned_.get();
  name_ = part;
  return {};
}

// The file goes back to its old end when that fails.
Result<void> OutputFile::WriteOverEnd(std::string_view text) {
  const std::string end = std::exchange(old_end_, {});
  const off_t begin = ::lseek(fd_, 0, SEEK_CUR);
  const int error = WriteWhole(fd_, text);
  if (error == 0) return {};
  // Overwriting what is there needs no room.
  const auto size = static_cast<off_t>(end.size());
  [[maybe_unused]] const bool restored = begin >= 0 &&
                                         ::pwrite(fd_, end.data(), end.size(), begin) == size &&
                                         ::ftruncate(fd_, begin + size) == 0;
  return Broken(error);
}

Result<void> OutputFile::WriteAll(std::string_view text) {
  if (!old_end_.empty() && !text.empty() && fd_ >= 0) return WriteOverEnd(text);
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
