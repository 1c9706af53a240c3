#include "probe/target_rules.h"

#include <algorithm>
#include <iterator>

#include "probe/containers.h"

namespace gotls {
namespace {

constexpr std::size_t kMaxExistingFiles = 64;
constexpr std::size_t kMaxComm = 15;  // what the kernel keeps of a name

}  // namespace

TargetRules::TargetRules(const TraceOptions& options)
    : pids_(options.pids),
      globs_(options.exe_globs.begin(), options.exe_globs.end()),
      comms_(options.comms),
      containers_(options.containers),
      all_(options.all) {
  for (std::string& comm : comms_) comm.resize(std::min(comm.size(), kMaxComm));
}

Wanted TargetRules::Match(std::uint32_t pid, const std::string& exe,
                          const std::string& comm) const {
  const bool by_glob = !exe.empty() && std::ranges::any_of(globs_, [&](const ExeGlob& glob) {
    return glob.Matches(exe);
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
  for (const ExeGlob& glob : globs_) {
    std::ranges::move(glob.ExistingFiles(kMaxExistingFiles - files.size()),
                      std::back_inserter(files));
  }
  return files;
}

}  // namespace gotls
