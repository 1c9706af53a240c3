// What the files of container engines and of Kubernetes tell of a container.
#pragma once

#include <map>
#include <string>

#include "gotls/records.h"

namespace gotls {

// Looks below `root`, which is "" for the file system that we see, at
// - podman's and CRI-O's storage, docker's config.v2.json, containerd's config.json;
// - /var/log/containers and /var/log/pods of a Kubernetes node.
// Files may be missing, huge or nonsense: then less is known. They are not followed out of where
// they belong, since an id has only digits.
class ContainerNames {
 public:
  explicit ContainerNames(std::string root) : root_(std::move(root)) {}

  // Fills what is still empty of `container`, which has an id at least.
  void Complete(Container& container);

 private:
  void FromDocker(Container& container) const;
  void FromSpecs(Container& container) const;
  void FromStorage(Container& container);
  void FromLogs(Container& container) const;
  void FromPods(Container& container) const;
  void FromSpec(const std::string& path, const std::string& runtime, Container& container) const;

  // A storage's containers.json by id, read again when it has changed.
  struct Storage {
    std::string state;
    std::map<std::string, std::string> names;
  };
  const std::map<std::string, std::string>& NamesIn(const std::string& path);

  std::string root_;
  std::map<std::string, Storage> storages_;
};

// The first `most` bytes of a regular file; empty when there is none.
std::string ReadBounded(const std::string& path, std::size_t most);

}  // namespace gotls
