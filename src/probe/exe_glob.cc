#include "probe/exe_glob.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "base/unique_fd.h"
#include "probe/proc.h"

namespace gotls {
namespace {

constexpr std::string_view kWild = "*?[\\";

// A pattern that matches the path alone.
std::string Escape(const std::string& path) {
  std::string pattern;
  for (const char c : path) {
    if (kWild.find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

bool MatchesWhole(const std::string& pattern, const std::string& path) {
  return fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME) == 0;
}

std::string Absolute(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.lexically_normal().string();
}

}  // namespace

ExeGlob::ExeGlob(const std::string& pattern)
    : whole_path_(pattern.find('/') != std::string::npos), pattern_(pattern) {
  if (!whole_path_) return;
  fixed_ = pattern;
  if (const std::size_t wild = pattern.find_first_of(kWild); wild != std::string::npos) {
    const std::size_t slash = pattern.rfind('/', wild);
    fixed_ = slash == std::string::npos ? std::string(".") : pattern.substr(0, slash);
    rest_ = slash == std::string::npos ? "/" + pattern : pattern.substr(slash);
  }
  fixed_ = fixed_.empty() ? fixed_ : Absolute(fixed_);  // empty: a wildcard in the root
  if (fixed_.ends_with('/')) fixed_.pop_back();
  pattern_ = Escape(fixed_) + rest_;
}

bool ExeGlob::Matches(const std::string& path) const {
  if (!whole_path_) {
    const std::size_t slash = path.rfind('/');
    const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
    return fnmatch(pattern_.c_str(), name.c_str(), 0) == 0;
  }
  return MatchesWhole(pattern_, path) || MatchesBehindLinks(path);
}

bool ExeGlob::MatchesBehindLinks(const std::string& path) const {
  if (fixed_.empty()) return false;
  const UniqueFd there(open(fixed_.c_str(), O_PATH | O_CLOEXEC));
  if (!there.valid()) return false;
  const std::string real = proc::PathOf(there);
  return !real.empty() && real != fixed_ && MatchesWhole(Escape(real) + rest_, path);
}

std::vector<std::string> ExeGlob::ExistingFiles(std::size_t most) const {
  std::vector<std::string> files;
  glob_t found{};
  if (whole_path_ && glob(pattern_.c_str(), 0, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc && files.size() < most; i++) {
      std::error_code error;
      if (std::filesystem::is_regular_file(found.gl_pathv[i], error))
        files.emplace_back(found.gl_pathv[i]);
    }
  }
  globfree(&found);
  return files;
}

}  // namespace gotls
