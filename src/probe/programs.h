// The BPF programs, loaded in the form that suits this kernel, and their probes.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "gotls/error.h"
#include "probe/kernel.h"

struct gotls_bpf;

namespace gotls {

class Programs {
 public:
  // Loads and verifies; tries one form after the other, the best first, since only trying tells
  // what a kernel can do: distributions carry features back, and leave some out.
  static Result<Programs> Load(const KernelOptions& options);

  [[nodiscard]] const KernelFeatures& features() const { return features_; }
  [[nodiscard]] gotls_bpf& skeleton() const { return *skeleton_; }

  // All points or none.
  Result<std::vector<std::unique_ptr<Link>>> Attach(const std::string& path,
                                                    std::span<const AttachPoint> points) const;

 private:
  struct Destroy {
    void operator()(gotls_bpf* skeleton) const;
  };
  using Skeleton = std::unique_ptr<gotls_bpf, Destroy>;

  Programs(Skeleton skeleton, const KernelFeatures& features)
      : skeleton_(std::move(skeleton)), features_(features) {}

  static Skeleton OpenFor(const KernelFeatures& features);
  static Result<Programs> LoadAs(const KernelFeatures& features, const KernelOptions& options,
                                 int* error);
  [[nodiscard]] bool KnowsMulti() const;
  Result<std::unique_ptr<Link>> AttachMulti(const std::string& path,
                                            std::span<const AttachPoint> points) const;
  Result<std::unique_ptr<Link>> AttachOne(const std::string& path, const AttachPoint& point) const;

  Skeleton skeleton_;
  KernelFeatures features_;
};

// Why the programs can't be loaded or attached, from an errno.
Error LoadError(int error);

}  // namespace gotls
