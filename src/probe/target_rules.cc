#include "probe/target_rules.h"

#include <fnmatch.h>
#include <glob.h>

#include <algorithm>
#include <filesystem>

#include "probe/containers.h"

namespace gotls {
namespace {

constexpr std::size_t kMaxExistingFiles = 64;
constexpr std::size_t kMaxComm = 15;  // what the kernel keeps of a name

}  // namespace

bool MatchesGlob(const std::string& pattern, const std::string& path) {
  if (pattern.find('/') != std::string::npos)
    return fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME) == 0;
  const std::size_t slash = path.rfind('/');
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

TargetRules::TargetRules(const TraceOptions& options)
    : pids_(options.pids),
      globs_(options.exe_globs),
      comms_(options.comms),
      containers_(options.containers),
      all_(options.all) {
  for (std::string& comm : comms_) comm.resize(std::min(comm.size(), kMaxComm));
}

Wanted TargetRules::Match(std::uint32_t pid, const std::string& exe,
                          const std::string& comm) const {
  const bool by_glob = !exe.empty() && std::ranges::any_of(globs_, [&](const auto& g) {
    return MatchesGlob(g, exe);
  });
  if (all_ || by_glob) return Wanted::kBinary;
  if (std::ranges::find(pids_, pid) != pids_.end() ||
      std::ranges::find(comms_, comm) != comms_.end())
    return Wanted::kProcess;
  return Wanted::kNo;
}

bool TargetRules::MatchesContainer(const Container& container) const {
  return std::ranges::any_of(
      containers_, [&](const std::string& wanted) { return IsContainer(container, wanted); });
}

std::vector<std::string> TargetRules::ExistingFiles() const {
  std::vector<std::string> files;
  for (const std::string& pattern : globs_) {
    glob_t found{};
    if (pattern.find('/') != std::string::npos && glob(pattern.c_str(), 0, nullptr, &found) == 0) {
      for (std::size_t i = 0; i < found.gl_pathc && files.size() < kMaxExistingFiles; i++) {
        std::error_code error;
        const bool regular = std::filesystem::is_regular_file(found.gl_pathv[i], error);
        if (regular) files.emplace_back(found.gl_pathv[i]);
      }
    }
    globfree(&found);
  }
  return files;
}

}  // namespace gotls
