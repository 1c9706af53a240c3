// A shell pattern for executables, as the user writes it, matched against paths as the kernel tells
// them: absolute, with no symbolic link in them.
#pragma once

#include <string>
#include <vector>

namespace gotls {

class ExeGlob {
 public:
  // Without a '/' it is for the last part of a path. With one it is for the whole path: relative to
  // the working directory of now, and what stands before the first wildcard may lead over links.
  explicit ExeGlob(const std::string& pattern);

  // Links are followed as they are at this moment: a new release may have been put in the old
  // one's place.
  [[nodiscard]] bool Matches(const std::string& path) const;

  // Existing regular files that it names, at most `most`; none without a '/'.
  [[nodiscard]] std::vector<std::string> ExistingFiles(std::size_t most) const;

 private:
  [[nodiscard]] bool MatchesBehindLinks(const std::string& path) const;

  bool whole_path_;
  std::string pattern_;  // absolute when whole_path_
  std::string fixed_;    // its parts before the first with a wildcard: a path, not a pattern
  std::string rest_;     // the pattern behind them, with its '/'; empty when there is no wildcard
};

}  // namespace gotls
