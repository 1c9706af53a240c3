#include "probe/containers.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <charconv>
#include <string_view>
#include <vector>

#include "probe/container_id.h"
#include "probe/pid_namespace.h"

namespace gotls {
namespace {

constexpr std::size_t kMaxFileBytes = 65536;
constexpr std::size_t kMaxKnown = 4096;
constexpr std::size_t kMinIdPrefix = 4;
constexpr std::size_t kMaxNameBytes = 256;
constexpr int kMaxAncestors = 64;
constexpr std::uint64_t kAgainAfterNs = 2'000'000'000;

// The words of the line "NAME:\tA\tB" of /proc/PID/status.
std::vector<std::uint32_t> StatusNumbers(std::string_view status, std::string_view name) {
  std::vector<std::uint32_t> numbers;
  std::size_t at = status.find(name);
  if (at == std::string_view::npos) return numbers;
  std::string_view line = status.substr(at + name.size());
  line = line.substr(0, line.find('\n'));
  while (!line.empty()) {
    std::uint32_t number = 0;
    const auto parsed = std::from_chars(line.data(), line.data() + line.size(), number);
    if (parsed.ec == std::errc()) numbers.push_back(number);
    line.remove_prefix(parsed.ec == std::errc() ? static_cast<std::size_t>(parsed.ptr - line.data())
                                                : 1);
  }
  return numbers;
}

std::vector<std::string_view> Arguments(std::string_view command_line) {
  std::vector<std::string_view> words;
  while (!command_line.empty()) {
    const std::size_t end = std::min(command_line.find('\0'), command_line.size());
    words.push_back(command_line.substr(0, end));
    command_line.remove_prefix(std::min(end + 1, command_line.size()));
  }
  return words;
}

// What follows the option; empty when it is not there.
std::string_view OptionOf(const std::vector<std::string_view>& words, std::string_view brief,
                          std::string_view full) {
  for (std::size_t i = 0; i + 1 < words.size(); i++) {
    if (words[i] == brief || words[i] == full) return words[i + 1];
  }
  return {};
}

}  // namespace

ProcessHome Containers::Of(std::uint32_t pid, std::uint64_t now) {
  ProcessHome home;
  const std::string folder = fmt::format("{}/{}/", proc_, pid);
  const auto pids = StatusNumbers(ReadBounded(folder + "status", kMaxFileBytes), "\nNSpid:");
  if (pids.size() > 1) home.namespace_pid = pids.back();
  auto found = FindContainer(ReadBounded(folder + "cgroup", kMaxFileBytes));
  if (!found) return home;

  const auto known = known_.find(found->id);
  if (known != known_.end() &&
      (!known->second.container.name.empty() || now < known->second.again)) {
    home.container = known->second.container;
    return home;
  }
  names_.Complete(*found);
  if (found->name.empty()) found->name = NameFromMonitor(pid, found->id);
  if (known_.size() >= kMaxKnown) known_.clear();
  known_[found->id] = {*found, now + kAgainAfterNs};
  home.container = std::move(*found);
  return home;
}

std::string Containers::NameFromMonitor(std::uint32_t pid, const std::string& id) const {
  for (int i = 0; i < kMaxAncestors && pid > 1; i++) {
    const std::string folder = fmt::format("{}/{}/", proc_, pid);
    if (ReadBounded(folder + "comm", kMaxFileBytes) == "conmon\n") {
      const std::string command_line = ReadBounded(folder + "cmdline", kMaxFileBytes);
      const auto words = Arguments(command_line);
      // One that runs inside says what it likes.
      const auto inside = FindContainer(ReadBounded(folder + "cgroup", kMaxFileBytes));
      if (OptionOf(words, "-c", "--cid") == id && (!inside || inside->id != id))
        return std::string(OptionOf(words, "-n", "--name").substr(0, kMaxNameBytes));
    }
    const auto parent = StatusNumbers(ReadBounded(folder + "status", kMaxFileBytes), "\nPPid:");
    pid = parent.empty() ? 0 : parent.front();
  }
  return {};
}

std::string HostRoot() {
  const auto ours = OwnPidNamespace();
  struct stat self {};
  struct stat first {};
  const bool apart = ours && ours->initial && stat("/proc/self/ns/mnt", &self) == 0 &&
                     stat("/proc/1/ns/mnt", &first) == 0 && self.st_ino != first.st_ino;
  return apart ? "/proc/1/root" : "";
}

bool IsContainer(const Container& container, const std::string& wanted) {
  if (container.id.empty()) return false;
  return container.name == wanted ||
         (wanted.size() >= kMinIdPrefix && container.id.starts_with(wanted));
}

}  // namespace gotls
