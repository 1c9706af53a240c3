#include "probe/container_id.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gotls {
namespace {

constexpr std::size_t kIdDigits = 64;

bool IsHex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// The text before the first `separator`; `rest` keeps what follows it.
std::string_view Next(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return word;
}

std::string_view WithoutSuffix(std::string_view text, std::string_view suffix) {
  if (text.ends_with(suffix)) text.remove_suffix(suffix.size());
  return text;
}

// What stands before the id in the name of a cgroup.
constexpr auto kRuntimes = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"libpod", "podman"},
    {"libpod-payload", "podman"},
    {"docker", "docker"},
    {"cri-containerd", "containerd"},
    {"nerdctl", "containerd"},
    {"crio", "cri-o"},
});

std::string_view RuntimeOf(std::string_view prefix) {
  const auto* found =
      std::ranges::find(kRuntimes, prefix, [](const auto& item) { return item.first; });
  return found == kRuntimes.end() ? std::string_view() : found->second;
}

// Pods have a UUID, or the hash of a file (static pods). systemd turns '-' into '_'.
std::string PodUid(std::string_view text) {
  if (text.size() != 36 && text.size() != 32) return {};
  std::string uid(text);
  std::ranges::replace(uid, '_', '-');
  std::string digits = uid;
  std::erase(digits, '-');
  return IsHex(digits) && digits.size() == 32 ? uid : std::string();
}

// "pod<uid>" of cgroupfs, "kubepods-burstable-pod<uid>.slice" of systemd.
std::string FindPodUid(std::string_view name) {
  name = WithoutSuffix(name, ".slice");
  const std::size_t at = name.starts_with("pod") ? 0 : name.find("-pod");
  if (at == std::string_view::npos) return {};
  return PodUid(name.substr(at == 0 ? 3 : at + 4));
}

// One component of a path: "<id>", "libpod-<id>.scope", or
// "kubepods-pod<uid>.slice:cri-containerd:<id>". `parent` is the one before.
void Look(std::string_view name, std::string_view parent, Container& found) {
  const std::string uid = FindPodUid(name.substr(0, name.find(':')));
  if (!uid.empty()) found.pod_uid = uid;
  name = WithoutSuffix(name, ".scope");
  if (name.size() < kIdDigits) return;
  const std::string_view id = name.substr(name.size() - kIdDigits);
  if (!IsContainerId(id)) return;
  std::string_view prefix = name.substr(0, name.size() - kIdDigits);
  if (prefix.empty()) {
    found.runtime = parent == "docker" ? "docker" : "";
  } else if (prefix.back() == '-' || prefix.back() == ':') {
    prefix.remove_suffix(1);
    prefix.remove_prefix(prefix.rfind(':') + 1);
    if (prefix.find("conmon") != std::string_view::npos) return;
    found.runtime = RuntimeOf(prefix);
  } else {
    return;
  }
  found.id = id;
}

std::optional<Container> FindInPath(std::string_view path) {
  Container found;
  std::string_view parent;
  while (!path.empty()) {
    const std::string_view name = Next(path, '/');
    Look(name, parent, found);
    parent = name;
  }
  return found.id.empty() ? std::nullopt : std::optional(std::move(found));
}

}  // namespace

bool IsContainerId(std::string_view text) { return text.size() == kIdDigits && IsHex(text); }

// Lines are "hierarchy:controllers:path"; "0::path" is that of cgroup v2, and the best one.
std::optional<Container> FindContainer(std::string_view cgroups) {
  std::optional<Container> found;
  while (!cgroups.empty()) {
    std::string_view line = Next(cgroups, '\n');
    const bool unified = line.starts_with("0::");
    Next(line, ':');
    Next(line, ':');
    if (!found || unified) {
      if (auto here = FindInPath(line)) found = std::move(here);
    }
    if (found && unified) break;
  }
  return found;
}

}  // namespace gotls
