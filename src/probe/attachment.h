// A probe plan at work: descriptors in the kernel's maps, uprobes on the file.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "binary/facts.h"
#include "gotls/error.h"
#include "plan/plan.h"
#include "probe/kernel.h"

namespace gotls {

// Indexes 0..size-1, handed out and taken back.
class SlotPool {
 public:
  explicit SlotPool(std::uint32_t size) : size_(size) {}
  // kHost when all are in use.
  Result<std::uint32_t> Take();
  void Give(std::uint32_t slot) { free_.push_back(slot); }

 private:
  std::uint32_t size_;
  std::uint32_t next_ = 0;
  std::vector<std::uint32_t> free_;
};

// What one attached plan occupies. Passive: Attacher makes and releases it.
struct Attachment {
  std::uint32_t module = 0;
  gotls_module descriptor{};
  std::vector<std::uint32_t> sites;
  std::vector<gotls_type_key> types;
  std::vector<std::unique_ptr<Link>> links;
};

// Detaches all of them side by side: each waits until nobody is in its probes, some ten
// milliseconds, and these waits can be one.
void DetachTogether(std::vector<std::unique_ptr<Link>> links);

class Attacher {
 public:
  // `secrets`: attach the plans' sites for TLS secrets too.
  Attacher(Kernel& kernel, bool secrets)
      : kernel_(kernel), secrets_(secrets), sites_(GOTLS_MAX_SITES), modules_(GOTLS_MAX_MODULES) {}

  // Attaches `plan` to the file behind `fd` (borrowed), after comparing the file's bytes at every
  // site with those that the plan was made from. With `all_processes` every process that runs the
  // file is traced.
  Result<Attachment> Attach(int fd, const GoFacts& facts, const TlsPackage& package,
                            const ProbePlan& plan, bool all_processes);

  // Detaches, then frees what it occupied.
  void Release(Attachment& attachment);

  // Widens an attachment to every process that runs the file.
  Result<void> TraceAllProcesses(Attachment& attachment);

 private:
  Result<void> FillAndLink(int fd, Attachment& attachment, const GoFacts& facts,
                           const ProbePlan& plan);
  Result<void> Fill(Attachment& attachment, const GoFacts& facts);
  Result<std::vector<AttachPoint>> AddSites(Attachment& attachment, const ProbePlan& plan);

  // All sites to attach, with the direction they serve.
  template <typename Function>
  void ForEachSite(const ProbePlan& plan, Function&& function) const;

  Kernel& kernel_;
  const bool secrets_;
  SlotPool sites_;
  SlotPool modules_;
};

}  // namespace gotls
