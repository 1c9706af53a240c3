#include "probe/binaries.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <iterator>

#include "binary/go_binary.h"
#include "binary/tls_packages.h"
#include "probe/clock.h"

namespace gotls {
namespace {

// Files that were refused are remembered up to here; then all of those are forgotten.
constexpr std::size_t kMaxBinaries = 65536;
constexpr std::size_t kMaxTypeNames = 4096;

// An overlay with xino puts a number of its own above this.
constexpr std::uint64_t kInodeBits = (1ULL << 40) - 1;

bool IsOverlay(int fd) {
  constexpr long kOverlayMagic = 0x794c7630;
  struct statfs status {};
  return fstatfs(fd, &status) == 0 && status.f_type == kOverlayMagic;
}

}  // namespace

Binaries::Outcome Binaries::Meet(UniqueFd fd, const std::string& name, bool all_processes) {
  static const Binary kGone{.name = "?",
                            .refusal = Error{ErrorKind::kTarget, "can't be opened", {}, {}}};
  struct stat status {};
  if (!fd.valid() || fstat(fd.get(), &status) != 0) return {&kGone, false};
  if (binaries_.size() >= kMaxBinaries)
    std::erase_if(binaries_, [](const auto& item) { return item.second.refusal; });

  const Key key{status.st_dev, status.st_ino};
  Binary seen{.name = name,
              .size = static_cast<std::uint64_t>(status.st_size),
              .modified_ns = Nanoseconds(status.st_mtim),
              .changed_ns = Nanoseconds(status.st_ctim),
              .all_processes = all_processes};
  if (Binary* twin = FindTwin(key, fd.get(), seen)) {
    Widen(*twin, all_processes);
    return {twin, false};
  }
  auto [it, fresh] = binaries_.try_emplace(key);
  Binary& binary = it->second;
  if (!fresh && (binary.size != seen.size || binary.modified_ns != seen.modified_ns)) {
    Forget(key);  // overwritten, or the inode was reused
    fresh = true;
  }
  if (fresh) {
    binary = std::move(seen);
    Attach(key, binary, std::move(fd));
  } else {
    Widen(binary, all_processes);
  }
  return {&binary, fresh};
}

void Binaries::Widen(Binary& binary, bool all_processes) {
  if (!all_processes || binary.all_processes) return;
  binary.all_processes = true;
  for (Attachment& attachment : binary.attachments) (void)attacher_.TraceAllProcesses(attachment);
}

// A probe sits on the inode of the file below an overlay. Attached through two overlays, it would
// be hit twice, and its data come twice. An overlay shows the inode's number, size and times; the
// time of its last change, which nobody can set, makes that as good as a name.
Binary* Binaries::FindTwin(const Key& key, int fd, const Binary& seen) {
  if (binaries_.contains(key)) return nullptr;
  const auto inner =
      inner_.find({key.second & kInodeBits, seen.size, seen.modified_ns, seen.changed_ns});
  if (inner == inner_.end()) return nullptr;
  const auto [owner, overlay] = inner->second;
  if (!overlay && !IsOverlay(fd)) return nullptr;
  const auto found = binaries_.find(owner);
  if (found == binaries_.end()) return nullptr;
  found->second.shared = true;
  return &found->second;
}

// Detaches it; what comes to its place is new.
void Binaries::Forget(const Key& key) {
  const auto found = binaries_.find(key);
  if (found == binaries_.end()) return;
  Detach(found->second);
  std::erase_if(inner_, [&](const auto& item) { return item.second.key == key; });
}

void Binaries::Attach(const Key& key, Binary& binary, UniqueFd fd) {
  const bool overlay = IsOverlay(fd.get());
  binary.guarded =
      guard_.Guard(fd.get());  // first: what is read now must hold until the probes are in
  binary.fd = std::move(fd);
  if (auto attached = PlanAndAttach(binary); !attached) {
    Detach(binary);
    binary.refusal = attached.error();
    if (binary.refusal->where.empty()) binary.refusal->where = binary.name;
    return;
  }
  inner_[{key.second & kInodeBits, binary.size, binary.modified_ns, binary.changed_ns}] = {key,
                                                                                           overlay};
}

Result<void> Binaries::PlanAndAttach(Binary& binary) {
  auto program = plans_.Get(binary.fd.get(), binary.name);
  if (!program) return std::unexpected(program.error());
  binary.program = *program;
  const std::vector<TlsPackage>& packages = binary.program->facts.packages;
  for (std::size_t i = 0; i < packages.size(); i++) {
    const auto& plan = binary.program->plans[i];
    const auto done = plan ? AttachPackage(binary, packages[i], *plan)
                           : Result<void>(std::unexpected(plan.error()));
    if (done) continue;
    Error error = done.error();
    if (packages[i].path != kStandardTls)
      error.what = fmt::format("{}: {}", packages[i].path, error.what);
    if (error.where.empty()) error.where = binary.name;
    binary.left_out.push_back(std::move(error));
  }
  if (!binary.attachments.empty()) return {};
  return std::unexpected(binary.left_out.front());
}

Result<void> Binaries::AttachPackage(Binary& binary, const TlsPackage& package,
                                     const ProbePlan& plan) {
  auto attachment =
      attacher_.Attach(binary.fd.get(), binary.program->facts, package, plan, binary.all_processes);
  if (!attachment) return std::unexpected(attachment.error());
  std::erase_if(type_names_, [&](const auto& item) {
    return item.first.first == attachment->module;
  });  // of its last user
  binary.plans.push_back(&plan);
  binary.attachments.push_back(std::move(*attachment));
  return {};
}

void Binaries::Detach(Binary& binary) {
  for (Attachment& attachment : binary.attachments) attacher_.Release(attachment);
  binary.attachments.clear();
  binary.plans.clear();
  if (binary.guarded) guard_.LetGo(binary.fd.get());
  binary.guarded = false;
  binary.fd.Reset();
}

std::string Binaries::TypeName(std::uint32_t module, std::uint64_t type) {
  if (const auto known = type_names_.find({module, type}); known != type_names_.end())
    return known->second;
  if (type_names_.size() >= kMaxTypeNames) type_names_.clear();
  std::string& name = type_names_[{module, type}];
  for (const auto& [key, binary] : binaries_) {
    const bool ours = std::ranges::any_of(binary.attachments,
                                          [&](const Attachment& a) { return a.module == module; });
    if (!ours) continue;
    if (auto file = GoBinary::Open(binary.fd.get(), binary.name, plans_.packages())) {
      name = (*file)->TypeName(VirtualAddress{type}).value_or(std::string());
    }
    break;
  }
  return name;
}

std::vector<Binaries::Dropped> Binaries::DropEndangered() {
  std::vector<Dropped> dropped;
  for (const int fd : guard_.Endangered()) {
    const auto it = std::ranges::find_if(
        binaries_, [&](const auto& item) { return item.second.fd.get() == fd; });
    if (it == binaries_.end()) continue;
    dropped.push_back({it->second.name, it->second.shared});
    const Key key = it->first;
    Forget(key);
    binaries_.erase(key);
  }
  return dropped;
}

void Binaries::DropDeleted() {
  for (auto it = binaries_.begin(); it != binaries_.end();) {
    Binary& binary = it->second;
    struct stat status {};
    const bool deleted =
        binary.guarded && fstat(binary.fd.get(), &status) == 0 && status.st_nlink == 0;
    if (deleted && !binary.shared && guard_.OnlyOurs(binary.fd.get())) {
      Forget(it->first);
      it = binaries_.erase(it);
    } else {
      ++it;
    }
  }
}

void Binaries::DetachAll() {
  std::vector<std::unique_ptr<Link>> links;
  for (auto& [key, binary] : binaries_) {
    for (Attachment& attachment : binary.attachments) {
      std::ranges::move(attachment.links, std::back_inserter(links));
      attachment.links.clear();
    }
  }
  DetachTogether(std::move(links));
  for (auto& [key, binary] : binaries_) Detach(binary);
  binaries_.clear();
  inner_.clear();
}

std::size_t Binaries::attached_count() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      binaries_, [](const auto& item) { return !item.second.attachments.empty(); }));
}

}  // namespace gotls
