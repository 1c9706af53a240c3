// Where a sink's bytes go: a file or standard output, buffered.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/unique_fd.h"
#include "gotls/error.h"
#include "gotls/records.h"
#include "sink/rotation.h"

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

  // The same in parts: begins "NAME.00001.EXT" (see PartNames); `path` itself is not created.
  static Result<std::unique_ptr<OutputFile>> OpenParts(const std::string& path,
                                                       const RotateOptions& rotate);

  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();  // writes what is buffered; an error is lost, so call Finish before

  Result<void> Write(std::string_view text);
  Result<void> Write(Bytes bytes) { return Write(AsText(bytes)); }

  // A file, where ReplaceEnd() can work: no pipe, no terminal, not opened for appending.
  [[nodiscard]] bool can_replace() const;

  // Replaces `end`, the last that was written to this file, by `text`, which is not shorter. The
  // file that others see goes in one step from the old end to the new one, however often the buffer
  // has to be emptied; when this program is killed (see WriteWhole()) or the disk is full, it has
  // one of them.
  Result<void> ReplaceEnd(std::string_view end, std::string_view text);

  // Hands all to the system. Call it when there is nothing more to do for now, not after each
  // record.
  Result<void> Flush();

  // Flush and close: the last chance of a file system to say that it failed.
  Result<void> Finish();

  // The part is full or old, and another record was written at `now`: time for NextPart(). Ask
  // between two records. Never true without rotation.
  [[nodiscard]] bool PartIsOver(WallTime now);
  // The same when nothing was written: a part without a record never grows old.
  [[nodiscard]] bool QuietPartIsOver(WallTime now) const;
  [[nodiscard]] bool has_parts() const { return parts_.has_value(); }

  // Finishes this part, and begins the next.
  Result<void> NextPart();

  // What was written to this part so far is its beginning, which each part has: it does not count
  // towards the size limit. Else a long one would leave no room for records.
  void EndPreamble() { preamble_bytes_ = part_bytes_; }

  [[nodiscard]] bool is_terminal() const { return is_terminal_; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  struct Parts {
    RotateOptions options;
    PartNames names;
    std::optional<WallTime> began;  // when the part's first record was written
  };

  OutputFile(UniqueFd owned, int fd, std::string name);
  Result<void> WriteAll(std::string_view text);
  Result<void> WriteOverEnd(std::string_view text);
  std::unexpected<Error> Broken(int error);

  UniqueFd owned_;  // none for standard output
  int fd_;          // -1 after an error, or when finished
  std::string name_;
  bool is_terminal_;
  std::string buffer_;
  std::string old_end_;               // what the next bytes replace in the file, behind its offset
  std::uint64_t part_bytes_ = 0;      // those in the buffer too
  std::uint64_t preamble_bytes_ = 0;  // of these
  std::optional<Parts> parts_;
};

}  // namespace gotls
