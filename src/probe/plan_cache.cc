#include "probe/plan_cache.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>

#include "base/bytes.h"
#include "binary/go_binary.h"
#include "plan/planner.h"
#include "probe/clock.h"

namespace gotls {
namespace {

constexpr std::size_t kMaxPrograms = 256;
constexpr std::size_t kMaxFiles = 1024;
constexpr std::uint64_t kBlockBytes = 1 << 17;
constexpr std::uint64_t kBeginningBytes = 4096;  // headers and, of most programs, the build id
constexpr std::uint64_t kWhole = std::numeric_limits<std::uint64_t>::max();

// Two sums with different odd factors; each step can be undone, so no word is lost.
class Fingerprinter {
 public:
  void Add(Bytes bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes.data() + at, std::min(sizeof(word), bytes.size() - at));
      sums_[0] = std::rotl((sums_[0] ^ word) * 0x9e3779b97f4a7c15U, 29);
      sums_[1] = std::rotl((sums_[1] + word) * 0xd6e8feb86659fd93U, 37);
    }
  }
  [[nodiscard]] Fingerprint sums() const { return sums_; }

 private:
  Fingerprint sums_{};
};

// Of the file's size and of its first bytes, `most` of them at most; nothing when they can't be
// read.
std::optional<Fingerprint> FingerprintOf(int fd, std::uint64_t most) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return {};
  Fingerprinter fingerprint;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  fingerprint.Add({reinterpret_cast<const std::byte*>(&size), sizeof(size)});
  const auto block = std::make_unique_for_overwrite<std::byte[]>(kBlockBytes);
  for (std::uint64_t at = 0; at < most;) {
    const ssize_t got =
        pread(fd, block.get(), std::min(kBlockBytes, most - at), static_cast<off_t>(at));
    if (got < 0) return {};
    if (got == 0) break;
    fingerprint.Add({block.get(), static_cast<std::size_t>(got)});
    at += static_cast<std::uint64_t>(got);
  }
  return fingerprint.sums();
}

}  // namespace

std::optional<PlanCache::FileState> PlanCache::StateOf(int fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return {};
  return FileState{status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
                   Nanoseconds(status.st_mtim), Nanoseconds(status.st_ctim)};
}

Result<std::shared_ptr<const PlannedProgram>> PlanCache::Get(int fd, const std::string& name) {
  const auto state = StateOf(fd);
  if (state) {
    if (const auto known = files_.find(*state); known != files_.end()) {
      if (auto program = known->second.lock()) return program;
    }
  }
  auto program = GetByContent(fd, name);
  if (files_.size() >= kMaxFiles) files_.clear();
  if (program && state && state == StateOf(fd)) files_[*state] = *program;
  return program;
}

Result<std::shared_ptr<const PlannedProgram>> PlanCache::GetByContent(int fd,
                                                                      const std::string& name) {
  const auto beginning = FingerprintOf(fd, kBeginningBytes);
  // Most files are no Go programs: those are not read to their end.
  const bool maybe_known = beginning && beginnings_.contains(*beginning);
  auto whole = maybe_known ? FingerprintOf(fd, kWhole) : std::nullopt;
  if (whole) {
    if (const auto known = programs_.find(*whole); known != programs_.end()) return known->second;
  }
  auto made = Make(fd, name);
  if (!made) return made;
  if (!whole) whole = FingerprintOf(fd, kWhole);
  if (programs_.size() >= kMaxPrograms) {
    programs_.clear();
    beginnings_.clear();
  }
  if (beginning && whole) {
    beginnings_.insert(*beginning);
    programs_[*whole] = *made;
  }
  return made;
}

Result<std::shared_ptr<const PlannedProgram>> PlanCache::Make(int fd,
                                                              const std::string& name) const {
  auto file = GoBinary::Open(fd, name, packages_);
  if (!file) return std::unexpected(file.error());
  auto program = std::make_shared<PlannedProgram>();
  program->facts = (*file)->facts();
  for (TlsPackage& package : program->facts.packages) {
    program->plans.push_back(MakePlan(program->facts, package, choice_));
    package.functions.clear();  // their code goes with the file
  }
  return program;
}

}  // namespace gotls
