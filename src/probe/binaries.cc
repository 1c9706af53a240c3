#include "probe/binaries.h"

#include <sys/stat.h>

#include <algorithm>

#include "binary/go_binary.h"
#include "plan/planner.h"

namespace gotls {
namespace {

// Files that were refused are remembered up to here; then all of those are forgotten.
constexpr std::size_t kMaxBinaries = 65536;
constexpr std::size_t kMaxTypeNames = 4096;

std::int64_t Nanoseconds(const timespec& time) {
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

Binaries::Outcome Binaries::Meet(UniqueFd fd, const std::string& name, bool all_processes) {
  static const Binary kGone{.name = "?",
                            .refusal = Error{ErrorKind::kTarget, "can't be opened", {}, {}}};
  struct stat status {};
  if (!fd.valid() || fstat(fd.get(), &status) != 0) return {&kGone, false};
  if (binaries_.size() >= kMaxBinaries)
    std::erase_if(binaries_, [](const auto& item) { return item.second.refusal; });

  const std::int64_t modified = Nanoseconds(status.st_mtim);
  auto [it, fresh] = binaries_.try_emplace(Key{status.st_dev, status.st_ino});
  Binary& binary = it->second;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (!fresh && (binary.size != size ||
                 binary.modified_ns != modified)) {  // overwritten, or the inode was reused
    Detach(binary);
    binary = Binary{};
    fresh = true;
  }
  if (fresh) {
    binary.name = name;
    binary.size = size;
    binary.modified_ns = modified;
    binary.all_processes = all_processes;
    Attach(binary, std::move(fd));
  } else if (all_processes && !binary.all_processes) {
    binary.all_processes = true;
    for (Attachment& attachment : binary.attachments) (void)attacher_.TraceAllProcesses(attachment);
  }
  return {&binary, fresh};
}

void Binaries::Attach(Binary& binary, UniqueFd fd) {
  binary.guarded =
      guard_.Guard(fd.get());  // first: what is read now must hold until the probes are in
  binary.fd = std::move(fd);
  if (auto attached = PlanAndAttach(binary); !attached) {
    Detach(binary);
    binary.refusal = attached.error();
    if (binary.refusal->where.empty()) binary.refusal->where = binary.name;
  }
}

Result<void> Binaries::PlanAndAttach(Binary& binary) {
  auto file = GoBinary::Open(binary.fd.get(), binary.name);
  if (!file) return std::unexpected(file.error());
  const GoFacts& facts = (*file)->facts();
  binary.go_version = facts.go_version;
  for (const TlsPackage& package : facts.packages) {
    auto plan = MakePlan(facts, package, choice_);
    if (!plan) return std::unexpected(plan.error());
    auto attachment =
        attacher_.Attach(binary.fd.get(), facts, package, *plan, binary.all_processes);
    if (!attachment) return std::unexpected(attachment.error());
    std::erase_if(type_names_, [&](const auto& item) {
      return item.first.first == attachment->module;
    });  // of its last user
    binary.plans.push_back(std::move(*plan));
    binary.attachments.push_back(std::move(*attachment));
  }
  return {};
}

void Binaries::Detach(Binary& binary) {
  for (Attachment& attachment : binary.attachments) attacher_.Release(attachment);
  binary.attachments.clear();
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
    if (auto file = GoBinary::Open(binary.fd.get(), binary.name)) {
      name = (*file)->TypeName(VirtualAddress{type}).value_or(std::string());
    }
    break;
  }
  return name;
}

std::vector<std::string> Binaries::DropEndangered() {
  std::vector<std::string> names;
  for (const int fd : guard_.Endangered()) {
    const auto it = std::ranges::find_if(
        binaries_, [&](const auto& item) { return item.second.fd.get() == fd; });
    if (it == binaries_.end()) continue;
    names.push_back(it->second.name);
    Detach(it->second);
    binaries_.erase(it);
  }
  return names;
}

void Binaries::DropDeleted() {
  for (auto it = binaries_.begin(); it != binaries_.end();) {
    Binary& binary = it->second;
    struct stat status {};
    const bool deleted =
        binary.guarded && fstat(binary.fd.get(), &status) == 0 && status.st_nlink == 0;
    if (deleted && guard_.OnlyOurs(binary.fd.get())) {
      Detach(binary);
      it = binaries_.erase(it);
    } else {
      ++it;
    }
  }
}

void Binaries::DetachAll() {
  for (auto& [key, binary] : binaries_) Detach(binary);
  binaries_.clear();
}

std::size_t Binaries::attached_count() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      binaries_, [](const auto& item) { return !item.second.attachments.empty(); }));
}

}  // namespace gotls
