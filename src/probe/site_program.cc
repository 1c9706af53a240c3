#include "probe/site_program.h"

#include <bpf/bpf.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace gotls {
namespace {

// The kernel's headers have no macros for instructions.
constexpr bpf_insn Insn(int code, unsigned to, unsigned from, std::int16_t offset,
                        std::int32_t number) {
  bpf_insn insn{static_cast<__u8>(code), 0, 0, offset, number};
  insn.dst_reg = to & 0xF;
  insn.src_reg = from & 0xF;
  return insn;
}
constexpr bpf_insn Move(unsigned to, unsigned from) {
  return Insn(BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0);
}
constexpr bpf_insn MoveNumber(unsigned to, std::int32_t number) {
  return Insn(BPF_ALU64 | BPF_MOV | BPF_K, to, 0, 0, number);
}
constexpr bpf_insn StoreNumber(unsigned base, std::int16_t offset, std::int32_t number) {
  return Insn(BPF_ST | BPF_MEM | BPF_W, base, 0, offset, number);
}
constexpr bpf_insn Call(int helper) { return Insn(BPF_JMP | BPF_CALL, 0, 0, 0, helper); }
// The address of a map: two instructions, the second one for the upper half.
constexpr bpf_insn LoadMap(unsigned to, int map) {
  return Insn(BPF_LD | BPF_DW | BPF_IMM, to, BPF_PSEUDO_MAP_FD, 0, map);
}
constexpr bpf_insn kUpperHalf = Insn(0, 0, 0, 0, 0);

Error Refused(const char* what, std::string where) {
  return {ErrorKind::kHost, fmt::format("{}: {}", what, std::strerror(errno)), std::move(where),
          "run gotls doctor"};
}

// Dynamic: the kernel numbers its kinds of events as they are registered.
Result<std::uint32_t> UprobeEventType() {
  constexpr const char* kPath = "/sys/bus/event_source/devices/uprobe/type";
  std::uint32_t type = 0;
  if (std::ifstream(kPath) >> type) return type;
  return Fail(ErrorKind::kHost, "can't be read", kPath,
              "use a kernel with CONFIG_UPROBE_EVENTS=y, with /sys mounted");
}

}  // namespace

Result<UniqueFd> LoadSiteProgram(const SiteProgramMaps& maps, std::uint32_t site) {
  constexpr std::int16_t kKey = -4;
  const std::array program = {
      Move(BPF_REG_6, BPF_REG_1),
      StoreNumber(BPF_REG_10, kKey, 0),
      Move(BPF_REG_2, BPF_REG_10),
      Insn(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, kKey),
      LoadMap(BPF_REG_1, maps.current_site),
      kUpperHalf,
      Call(BPF_FUNC_map_lookup_elem),
      Insn(BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 6, 0),  // over the next six
      StoreNumber(BPF_REG_0, 0, static_cast<std::int32_t>(site)),
      Move(BPF_REG_1, BPF_REG_6),
      LoadMap(BPF_REG_2, maps.site_program),
      kUpperHalf,
      MoveNumber(BPF_REG_3, 0),
      Call(BPF_FUNC_tail_call),
      MoveNumber(BPF_REG_0, 0),
      Insn(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
  };
  UniqueFd fd(bpf_prog_load(BPF_PROG_TYPE_KPROBE, "gotls_site_n", "Dual BSD/GPL", program.data(),
                            program.size(), nullptr));
  if (!fd.valid()) return std::unexpected(Refused("can't load a site's program", {}));
  return fd;
}

Result<UniqueFd> OpenProbeEvent(const UniqueFd& program, const std::string& path,
                                FileOffset offset) {
  auto type = UprobeEventType();
  if (!type) return std::unexpected(type.error());
  perf_event_attr attributes{};
  attributes.size = sizeof(attributes);
  attributes.type = *type;
  attributes.uprobe_path = reinterpret_cast<std::uintptr_t>(path.c_str());
  attributes.probe_offset = offset.value;
  // The event has to be some CPU's; its program runs on all of them.
  constexpr int kAnyProcess = -1;
  constexpr int kFirstCpu = 0;
  UniqueFd event(static_cast<int>(
      syscall(SYS_perf_event_open, &attributes, kAnyProcess, kFirstCpu, -1, PERF_FLAG_FD_CLOEXEC)));
  if (!event.valid() || ioctl(event.get(), PERF_EVENT_IOC_SET_BPF, program.get()) != 0 ||
      ioctl(event.get(), PERF_EVENT_IOC_ENABLE, 0) != 0)
    return std::unexpected(Refused("can't attach a uprobe", path));
  return event;
}

}  // namespace gotls
