#include "probe/privilege.h"

#include <linux/capability.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>

namespace gotls {
namespace {

// Newer than some kernel headers.
constexpr int kCapPerfmon = 38;
constexpr int kCapBpf = 39;

std::uint64_t EffectiveCapabilities() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("CapEff:")) return std::strtoull(line.c_str() + 7, nullptr, 16);
  }
  return 0;
}

bool Has(std::uint64_t capabilities, int number) { return (capabilities >> number & 1) != 0; }

}  // namespace

std::vector<std::string> MissingCapabilities() {
  const std::uint64_t have = EffectiveCapabilities();
  const bool admin = Has(have, CAP_SYS_ADMIN);
  std::vector<std::string> missing;
  if (!admin && !Has(have, kCapBpf)) missing.emplace_back("CAP_BPF");
  if (!admin && !Has(have, kCapPerfmon)) missing.emplace_back("CAP_PERFMON");
  // To read /proc/PID/exe and /proc/PID/maps of other users' processes.
  if (!Has(have, CAP_SYS_PTRACE)) missing.emplace_back("CAP_SYS_PTRACE");
  return missing;
}

}  // namespace gotls
