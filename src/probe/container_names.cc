#include "probe/container_names.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "probe/container_id.h"

namespace gotls {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxSpecBytes = 1 << 20;
constexpr std::size_t kMaxStorageBytes = 16 << 20;
constexpr int kMaxEntries = 65536;  // of a directory
constexpr std::size_t kMaxNameBytes = 256;
constexpr int kMaxDepth = 16;
constexpr std::string_view kStorages[] = {"overlay-containers", "vfs-containers",
                                          "btrfs-containers"};

// Null when the text is no JSON. What is nested more deeply than any of these files is left out.
Json Parse(const std::string& text) {
  const auto shallow = [](int depth, Json::parse_event_t /*event*/, Json& /*parsed*/) {
    return depth <= kMaxDepth;
  };
  return Json::parse(text, shallow, false);
}

// The text at the end of the path; empty when anything else is there.
std::string TextAt(const Json& json, std::initializer_list<const char*> path) {
  const Json* at = &json;
  for (const char* name : path) {
    if (!at->is_object()) return {};
    const auto found = at->find(name);
    if (found == at->end()) return {};
    at = &*found;
  }
  const auto* text = at->get_ptr<const std::string*>();
  return text == nullptr ? std::string() : text->substr(0, kMaxNameBytes);
}

void Fill(std::string& field, std::string value) {
  if (field.empty()) field = std::move(value);
}

std::vector<std::string> Names(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  for (int i = 0; !error && entry != std::filesystem::directory_iterator() && i < kMaxEntries;
       i++) {
    names.push_back(entry->path().filename().string());
    entry.increment(error);
  }
  return names;
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

// Kubernetes gives "k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT" to docker and CRI-O.
void FillFromName(std::string name, Container& container) {
  const auto parts = Split(name, '_');
  if (parts.size() < 6 || parts[0] != "k8s") {
    Fill(container.name, std::move(name));
    return;
  }
  Fill(container.name, std::string(parts[1]));
  Fill(container.pod, std::string(parts[2]));
  Fill(container.pod_namespace, std::string(parts[3]));
  Fill(container.pod_uid, std::string(parts[4]));
}

}  // namespace

std::string ReadBounded(const std::string& path, std::size_t most) {
  // Not to wait for the writer of a fifo.
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (!fd.valid() || fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  std::string text;
  char block[16384];
  while (text.size() < most) {
    const ssize_t got = read(fd.get(), block, std::min(sizeof(block), most - text.size()));
    if (got <= 0) break;
    text.append(block, static_cast<std::size_t>(got));
  }
  return text;
}

void ContainerNames::Complete(Container& container) {
  if (!IsContainerId(container.id)) return;
  FromDocker(container);
  FromSpecs(container);
  FromStorage(container);
  FromLogs(container);
  FromPods(container);
}

void ContainerNames::FromDocker(Container& container) const {
  const Json config = Parse(ReadBounded(
      root_ + "/var/lib/docker/containers/" + container.id + "/config.v2.json", kMaxSpecBytes));
  if (!config.is_object()) return;
  const auto label = [&config](const char* name) {
    return TextAt(config, {"Config", "Labels", name});
  };
  Fill(container.runtime, "docker");
  Fill(container.name, label("io.kubernetes.container.name"));
  Fill(container.pod, label("io.kubernetes.pod.name"));
  Fill(container.pod_namespace, label("io.kubernetes.pod.namespace"));
  Fill(container.pod_uid, label("io.kubernetes.pod.uid"));
  std::string name = TextAt(config, {"Name"});
  if (name.starts_with('/')) name.erase(0, 1);
  FillFromName(std::move(name), container);
}

// The OCI specification that containerd and CRI-O keep of each container.
void ContainerNames::FromSpecs(Container& container) const {
  const std::string tasks = root_ + "/run/containerd/io.containerd.runtime.v2.task";
  for (const std::string& space : Names(tasks)) {
    FromSpec(fmt::format("{}/{}/{}/config.json", tasks, space, container.id), "containerd",
             container);
  }
  for (const std::string_view storage : kStorages) {
    FromSpec(fmt::format("{}/var/lib/containers/storage/{}/{}/userdata/config.json", root_, storage,
                         container.id),
             "", container);
  }
}

void ContainerNames::FromSpec(const std::string& path, const std::string& runtime,
                              Container& container) const {
  const Json spec = Parse(ReadBounded(path, kMaxSpecBytes));
  if (!spec.is_object()) return;
  const auto note = [&spec](const char* name) { return TextAt(spec, {"annotations", name}); };
  // docker's containers are containerd's as well, in a namespace called "moby".
  if (path.find("/moby/") == std::string::npos) Fill(container.runtime, runtime);
  Fill(container.name, note("io.kubernetes.cri.container-name"));
  Fill(container.pod, note("io.kubernetes.cri.sandbox-name"));
  Fill(container.pod_namespace, note("io.kubernetes.cri.sandbox-namespace"));
  Fill(container.pod_uid, note("io.kubernetes.cri.sandbox-uid"));
  Fill(container.name, note("nerdctl/name"));
  Fill(container.name, note("io.kubernetes.container.name"));
  Fill(container.pod, note("io.kubernetes.pod.name"));
  Fill(container.pod_namespace, note("io.kubernetes.pod.namespace"));
  Fill(container.pod_uid, note("io.kubernetes.pod.uid"));
}

void ContainerNames::FromStorage(Container& container) {
  for (const std::string_view storage : kStorages) {
    if (!container.name.empty()) return;
    const auto& names =
        NamesIn(fmt::format("{}/var/lib/containers/storage/{}/containers.json", root_, storage));
    const auto found = names.find(container.id);
    if (found != names.end()) FillFromName(found->second, container);
  }
}

const std::map<std::string, std::string>& ContainerNames::NamesIn(const std::string& path) {
  Storage& storage = storages_[path];
  struct stat status {};
  std::string state = "none";
  if (stat(path.c_str(), &status) == 0) {
    state = fmt::format("{} {} {} {}", status.st_ino, status.st_size, status.st_mtim.tv_sec,
                        status.st_mtim.tv_nsec);
  }
  if (state == storage.state) return storage.names;
  storage.state = state;
  storage.names.clear();
  const Json all = Parse(ReadBounded(path, kMaxStorageBytes));
  if (!all.is_array()) return storage.names;
  for (const Json& one : all) {
    const std::string id = TextAt(one, {"id"});
    const auto names = one.is_object() ? one.find("names") : one.end();
    if (names == one.end() || !names->is_array() || names->empty()) continue;
    if (const auto* name = names->front().get_ptr<const std::string*>())
      storage.names[id] = name->substr(0, kMaxNameBytes);
  }
  return storage.names;
}

// /var/log/containers/POD_NAMESPACE_CONTAINER-ID.log
void ContainerNames::FromLogs(Container& container) const {
  const std::string end = "-" + container.id + ".log";
  for (const std::string& name : Names(root_ + "/var/log/containers")) {
    if (!name.ends_with(end)) continue;
    const auto parts = Split(std::string_view(name).substr(0, name.size() - end.size()), '_');
    if (parts.size() != 3) continue;
    Fill(container.pod, std::string(parts[0]));
    Fill(container.pod_namespace, std::string(parts[1]));
    Fill(container.name, std::string(parts[2]));
    return;
  }
}

// /var/log/pods/NAMESPACE_POD_UID/CONTAINER/: which container only when there is one.
void ContainerNames::FromPods(Container& container) const {
  if (container.pod_uid.empty()) return;
  const std::string pods = root_ + "/var/log/pods";
  for (const std::string& name : Names(pods)) {
    const auto parts = Split(name, '_');
    if (parts.size() != 3 || parts[2] != container.pod_uid) continue;
    Fill(container.pod_namespace, std::string(parts[0]));
    Fill(container.pod, std::string(parts[1]));
    const auto containers = Names(fmt::format("{}/{}", pods, name));
    if (containers.size() == 1) Fill(container.name, containers.front());
    return;
  }
}

}  // namespace gotls
