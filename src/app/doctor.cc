#include "gotls/doctor.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>
#include <string_view>

#include "probe/kernel.h"
#include "probe/kernel_release.h"
#include "probe/pid_namespace.h"
#include "probe/privilege.h"

namespace gotls {
namespace {

std::string FirstLine(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

Requirement CheckKernel() {
  const std::string release = KernelRelease();
  return {"kernel", IsSupported(release), true, fmt::format("Linux {}", release),
          "use Linux 5.10 or newer"};
}

Requirement CheckArchitecture(const utsname& host) {
#if defined(__x86_64__)
  constexpr std::string_view kOurs = "x86_64";
#else
  constexpr std::string_view kOurs = "aarch64";
#endif
  return {"architecture", host.machine == kOurs, true, host.machine,
          fmt::format("this build traces programs of {} machines", kOurs)};
}

Requirement CheckCapabilities() {
  const auto missing = MissingCapabilities();
  if (missing.empty()) return {"privilege", true, true, "CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE", {}};
  return {"privilege", false, true, fmt::format("missing {}", fmt::join(missing, ", ")),
          "run as root, or: sudo setcap cap_bpf,cap_perfmon,cap_sys_ptrace+ep $(command -v gotls)"};
}

Requirement CheckBtf() {
  const bool there = access("/sys/kernel/btf/vmlinux", R_OK) == 0;
  return {
      "BTF", there, true, there ? "/sys/kernel/btf/vmlinux" : "no /sys/kernel/btf/vmlinux",
      "use a kernel with CONFIG_DEBUG_INFO_BTF=y (all current distributions), with /sys mounted"};
}

Requirement CheckLockdown() {
  const std::string line = FirstLine("/sys/kernel/security/lockdown");
  const bool confidential = line.find("[confidentiality]") != std::string::npos;
  return {
      "lockdown", !confidential, true, line.empty() ? "none" : line,
      "lockdown=confidentiality forbids reading other programs' memory by BPF: boot without it"};
}

Requirement CheckPidNamespace() {
  const auto ns = OwnPidNamespace();
  const bool host = ns && ns->initial;
  return {
      "pid namespace", host, false, host ? "the host's" : "not the host's",
      "only processes of this namespace are seen; in a container, share the host's: --pid=host"};
}

Requirement CheckProc() {
  const bool visible = access("/proc/1/stat", R_OK) == 0;
  return {"/proc", visible, true,
          visible ? "mounted, shows all processes" : "missing, or hides processes",
          "mount /proc without hidepid"};
}

// The only proof that counts: load everything, and attach to this very program, where nothing runs.
void CheckKernelHalf(std::vector<Requirement>& requirements) {
  KernelOptions options;
  options.ring_bytes = 1 << 20;
  const auto kernel = Kernel::Load(options);
  if (!kernel) {
    requirements.push_back({"BPF programs", false, true, kernel.error().Message(), "see above"});
    return;
  }
  requirements.push_back({"BPF programs", true, true, "loaded and verified", {}});
  const auto feature = [&](const char* name, bool there, const char* cost) {
    requirements.push_back({name, there, false, there ? "works" : "not in this kernel", cost});
  };
  const KernelFeatures features = (*kernel)->features();
  feature("uprobe_multi", features.multi,
          "probes are attached one by one; Linux 6.6 and newer attach them all at once");
  feature(
      "sleepable uprobes", features.sleepable,
      "bytes written from pages that were never touched are missing (a gap, \"unreadable\"), and "
      "operations are cut after 1 MiB; Linux 6.0 and newer show them");
  feature("attach cookies", features.cookies,
          "each probe has a small program of its own to load and to run; Linux 5.15 and newer need "
          "none");
}

}  // namespace

std::vector<Requirement> ExamineHost() {
  utsname host{};
  uname(&host);
  std::vector<Requirement> requirements = {
      CheckKernel(), CheckArchitecture(host), CheckCapabilities(), CheckBtf(), CheckLockdown(),
      CheckProc(),   CheckPidNamespace()};
  CheckKernelHalf(requirements);
  return requirements;
}

}  // namespace gotls
