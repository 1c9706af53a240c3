// Errors of the whole library. Set-up failures are returned as Result; bad data is counted, not
// returned.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace gotls {

// Who has to act. The numbers are the exit codes of the gotls command.
enum class ErrorKind : std::uint8_t {
  kRuntime = 1,  // failed while running (disk full, an output broke)
  kUsage = 2,    // the caller asked for something impossible
  kTarget = 3,   // this target can't be traced
  kHost = 4,     // this kernel, or our privilege, can't
};

// What happened, where, and what the reader can do about it. `hint` may be empty.
struct Error {
  ErrorKind kind = ErrorKind::kRuntime;
  std::string what;
  std::string where;
  std::string hint;

  // "where: what (hint)", one line, without a newline.
  [[nodiscard]] std::string Message() const {
    std::string text = where.empty() ? what : where + ": " + what;
    if (!hint.empty()) text += "; " + hint;
    return text;
  }
};

template <typename T>
using Result = std::expected<T, Error>;

// Shorthand for `return Fail(ErrorKind::kTarget, "not an ELF file", path);`
inline std::unexpected<Error> Fail(ErrorKind kind, std::string what, std::string where = {},
                                   std::string hint = {}) {
  return std::unexpected(Error{kind, std::move(what), std::move(where), std::move(hint)});
}

}  // namespace gotls
