// What /proc tells of processes. Processes come and go while we look: everything here may fail,
// quietly.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "gotls/error.h"

namespace gotls::proc {

std::vector<std::uint32_t> Pids();

[[nodiscard]] bool Exists(std::uint32_t pid);

// The process that a thread belongs to: itself for the first thread. 0 when it is gone.
std::uint32_t ProcessOf(std::uint32_t thread);

// 0 when it has none here, or is gone.
std::uint32_t Parent(std::uint32_t pid);

// Its children, theirs and so on, as they are now.
std::vector<std::uint32_t> Descendants(std::uint32_t pid);

// What to say (kTarget) when it doesn't.
Error NoSuchProcess(std::uint32_t pid);

// Name of the process, 15 bytes at most; empty when it is gone.
std::string Comm(std::uint32_t pid);

// Path of the executable as the process sees it, without " (deleted)"; empty for kernel threads.
std::string Exe(std::uint32_t pid);

// The executable itself, through the process: right in other mount namespaces and after deletion.
// The descriptor names it (PathOf, Reopen), whatever the process runs since, but can't be read.
UniqueFd PinExe(std::uint32_t pid);

// What a pinned file holds, to be read.
UniqueFd Reopen(const UniqueFd& pinned);

// Path of an open file, as far as it has one.
std::string PathOf(const UniqueFd& fd);

// A file that the process has mapped executable.
struct MappedFile {
  std::uint64_t dev = 0;
  std::uint64_t ino = 0;
  std::string path;   // as the process sees it
  std::string range;  // "5581…-5583…", names it in /proc/PID/map_files
};

// Distinct files with executable mappings, the executable included, at most 4096.
std::vector<MappedFile> ExecutableFiles(std::uint32_t pid);

UniqueFd OpenMapped(std::uint32_t pid, const MappedFile& file);

// Whether the program or one of its libraries, the C library aside, refers to dlopen by name: it
// may load more.
[[nodiscard]] bool MayLoadLibraries(std::uint32_t pid);

}  // namespace gotls::proc
