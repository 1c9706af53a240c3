#include "probe/proc.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <utility>

namespace gotls::proc {
namespace {

constexpr std::size_t kMaxMappedFiles = 4096;
constexpr off_t kMaxSearched = 64 << 20;
// As it stands in a table of dynamic symbols' names.
constexpr std::string_view kDlopen("\0dlopen\0", 8);
constexpr std::string_view kDeleted = " (deleted)";

std::string Path(std::uint32_t pid, std::string_view file) {
  return fmt::format("/proc/{}/{}", pid, file);
}

std::string WithoutDeleted(std::string path) {
  if (path.ends_with(kDeleted)) path.resize(path.size() - kDeleted.size());
  return path;
}

std::string LinkTarget(const std::string& link) {
  char target[PATH_MAX];
  const ssize_t size = readlink(link.c_str(), target, sizeof(target));
  if (size <= 0) return {};
  return WithoutDeleted(std::string(target, static_cast<std::size_t>(size)));
}

std::vector<std::uint32_t> NumbersIn(const std::string& directory) {
  std::vector<std::uint32_t> numbers;
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(directory.c_str()), closedir);
  if (!dir) return numbers;
  while (const dirent* entry = readdir(dir.get())) {
    const std::string_view name = entry->d_name;
    std::uint32_t number = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
    if (parsed.ec == std::errc() && parsed.ptr == name.data() + name.size())
      numbers.push_back(number);
  }
  return numbers;
}

// The thread whose entry tells of the process's memory: the first one's does not once it has
// ended, while others live on or one of them is about to run another program.
std::uint32_t Teller(std::uint32_t pid) {
  if (!LinkTarget(Path(pid, "exe")).empty()) return pid;
  for (const std::uint32_t thread : NumbersIn(Path(pid, "task"))) {
    if (!LinkTarget(Path(thread, "exe")).empty()) return thread;
  }
  return pid;
}

// 0 when there is no such line, or the process is gone.
std::uint32_t StatusNumber(std::uint32_t pid, std::string_view field) {
  std::ifstream status(Path(pid, "status"));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field))
      return static_cast<std::uint32_t>(std::strtoul(line.c_str() + field.size(), nullptr, 10));
  }
  return 0;
}

// A line of maps: "range perms offset major:minor inode   path".
std::optional<MappedFile> ParseMapping(const std::string& line) {
  char range[64];
  char perms[8];
  unsigned int major_number = 0;
  unsigned int minor_number = 0;
  unsigned long long offset = 0;
  unsigned long long inode = 0;
  int path_at = 0;
  if (std::sscanf(line.c_str(), "%63s %7s %llx %x:%x %llu %n", range, perms, &offset, &major_number,
                  &minor_number, &inode, &path_at) < 6) {
    return std::nullopt;
  }
  if (perms[2] != 'x' || inode == 0 || path_at <= 0) return std::nullopt;
  return MappedFile{makedev(major_number, minor_number), inode,
                    WithoutDeleted(line.substr(static_cast<std::size_t>(path_at))), range};
}

// Looks through the file from its start, a part at a time.
bool Contains(int fd, std::string_view text) {
  std::vector<char> part(1 << 16);
  std::size_t kept = 0;  // of the part before, so that a text on the border is found
  for (off_t at = 0; at < kMaxSearched;) {
    const ssize_t got = pread(fd, part.data() + kept, part.size() - kept, at);
    if (got <= 0) return false;
    const std::string_view seen(part.data(), kept + static_cast<std::size_t>(got));
    if (seen.find(text) != std::string_view::npos) return true;
    at += got;
    kept = std::min(seen.size(), text.size() - 1);
    std::copy(seen.end() - static_cast<std::ptrdiff_t>(kept), seen.end(), part.begin());
  }
  return false;
}

}  // namespace

std::vector<std::uint32_t> Pids() { return NumbersIn("/proc"); }

bool Exists(std::uint32_t pid) {
  struct stat status {};
  return pid != 0 && stat(Path(pid, "stat").c_str(), &status) == 0;
}

std::uint32_t ProcessOf(std::uint32_t thread) { return StatusNumber(thread, "Tgid:"); }

std::uint32_t Parent(std::uint32_t pid) { return StatusNumber(pid, "PPid:"); }

std::vector<std::uint32_t> Descendants(std::uint32_t pid) {
  std::multimap<std::uint32_t, std::uint32_t> children;
  for (const std::uint32_t each : Pids()) children.emplace(Parent(each), each);
  std::vector<std::uint32_t> family = {pid};
  std::set<std::uint32_t> seen = {pid};  // a pid that is given anew meanwhile could close a circle
  for (std::size_t i = 0; i < family.size(); i++) {
    const auto [first, last] = children.equal_range(family[i]);
    for (auto child = first; child != last; ++child) {
      if (seen.insert(child->second).second) family.push_back(child->second);
    }
  }
  family.erase(family.begin());
  return family;
}

Error NoSuchProcess(std::uint32_t pid) {
  return {ErrorKind::kTarget, "no such process", fmt::format("pid {}", pid),
          "it has ended, or lives in another pid namespace: pids are those that `ps` shows here"};
}

std::string Comm(std::uint32_t pid) {
  std::ifstream file(Path(pid, "comm"));
  std::string comm;
  std::getline(file, comm);
  return comm;
}

std::string Exe(std::uint32_t pid) { return LinkTarget(Path(Teller(pid), "exe")); }

std::string PathOf(const UniqueFd& fd) {
  return LinkTarget(fmt::format("/proc/self/fd/{}", fd.get()));
}

UniqueFd PinExe(std::uint32_t pid) {
  return UniqueFd(open(Path(Teller(pid), "exe").c_str(), O_PATH | O_CLOEXEC));
}

UniqueFd Reopen(const UniqueFd& pinned) {
  if (!pinned.valid()) return {};
  return UniqueFd(
      open(fmt::format("/proc/self/fd/{}", pinned.get()).c_str(), O_RDONLY | O_CLOEXEC));
}

std::vector<MappedFile> ExecutableFiles(std::uint32_t pid) {
  std::vector<MappedFile> files;
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen;
  std::ifstream maps(Path(Teller(pid), "maps"));
  for (std::string line; std::getline(maps, line) && files.size() < kMaxMappedFiles;) {
    auto file = ParseMapping(line);
    if (file && seen.emplace(file->dev, file->ino).second) files.push_back(std::move(*file));
  }
  return files;
}

UniqueFd OpenMapped(std::uint32_t pid, const MappedFile& file) {
  // The link names the very file that is mapped, but wants more privilege than the path does.
  const std::uint32_t teller = Teller(pid);
  UniqueFd fd(open(Path(teller, "map_files/" + file.range).c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid() && file.path.starts_with('/')) {
    // Something else may stand there by now, a fifo too.
    fd.Reset(open(Path(teller, "root" + file.path).c_str(),
                  O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  }
  return fd;
}

bool MayLoadLibraries(std::uint32_t pid) {
  for (const MappedFile& file : ExecutableFiles(pid)) {
    const std::string_view name = std::string_view(file.path).substr(file.path.rfind('/') + 1);
    // These define it.
    if (name.starts_with("libc.") || name.starts_with("libdl.") || name.starts_with("ld-"))
      continue;
    const UniqueFd fd = OpenMapped(pid, file);
    if (fd.valid() && Contains(fd.get(), kDlopen)) return true;
  }
  return false;
}

}  // namespace gotls::proc
