// A command that waits, before its first instruction, until we let it go.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "gotls/error.h"

namespace gotls {

// Where the command's standard output goes.
enum class CommandStdout : std::uint8_t { kOurs, kToStderr };

class SpawnedCommand {
 public:
  // Forks; the child waits. kTarget when there is no such program.
  static Result<SpawnedCommand> Start(const std::vector<std::string>& command,
                                      CommandStdout to = CommandStdout::kOurs);

  SpawnedCommand(SpawnedCommand&&) = default;
  SpawnedCommand& operator=(SpawnedCommand&&) = delete;
  // A child that was never released goes away; any other one goes on.
  ~SpawnedCommand();

  [[nodiscard]] std::uint32_t pid() const { return static_cast<std::uint32_t>(pid_); }
  [[nodiscard]] const std::string& path() const { return path_; }

  // Lets the child exec; kTarget when exec fails.
  Result<void> Release();

  // Wait status once the command has ended.
  std::optional<int> Poll();

 private:
  SpawnedCommand() = default;

  pid_t pid_ = -1;
  std::string path_;
  UniqueFd gate_;     // written to: go
  UniqueFd failure_;  // readable: errno of a failed exec; closed by a good one
  std::optional<int> status_;
};

// The file that a command name stands for: itself when it has a '/', else the first executable in
// PATH; empty: none.
std::string FindProgram(const std::string& name);

// Why FindProgram(name) is empty, and what helps.
std::string WhyNoProgram(const std::string& name);

// Files that the words of a command line name, also inside `sh -c "..."`: candidates for programs
// that it will run.
std::vector<std::string> ProgramsNamedIn(const std::vector<std::string>& command);

}  // namespace gotls
