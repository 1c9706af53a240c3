// Where a sink's bytes go: a file or standard output, buffered.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/unique_fd.h"
#include "gotls/error.h"

namespace gotls {

// One error is returned, once: after it all bytes are dropped, and every call succeeds. SIGPIPE
// must be ignored by the program, so that a reader that went away is an error like any other.
class OutputFile {
 public:
  // "" and "-" are standard output. A file is created, or emptied, readable by its owner alone:
  // what is captured is secret. Symbolic links are followed, since /dev/stderr and the shell's
  // >(...) are such; in /tmp the kernel's fs.protected_symlinks guards against planted ones. An
  // error is kUsage: nothing has happened yet.
  static Result<std::unique_ptr<OutputFile>> Open(const std::string& path);

  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();  // writes what is buffered; an error is lost, so call Finish before

  Result<void> Write(std::string_view text);
  Result<void> Write(Bytes bytes) { return Write(AsText(bytes)); }

  // Hands all to the system. Call it when there is nothing more to do for now, not after each
  // record.
  Result<void> Flush();

  // Flush and close: the last chance of a file system to say that it failed.
  Result<void> Finish();

  [[nodiscard]] bool is_terminal() const { return is_terminal_; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  OutputFile(UniqueFd owned, int fd, std::string name);
  Result<void> WriteAll(std::string_view text);
  std::unexpected<Error> Broken(int error);

  UniqueFd owned_;  // none for standard output
  int fd_;          // -1 after an error, or when finished
  std::string name_;
  bool is_terminal_;
  std::string buffer_;
};

}  // namespace gotls
