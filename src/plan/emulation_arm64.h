// Which A64 instructions the kernel simulates when a uprobe sits on them.
#pragma once

#include <cstdint>

namespace gotls {

// After arm_probe_decode_insn in arch/arm64/kernel/probes/decode-insn.c, Linux 5.10 and newer: b,
// bl, b.cond, cbz, cbnz, tbz, tbnz, br, blr, ret, adr, adrp. The kernel would simulate ldr of a
// literal too, but up to 6.11 with an unchecked access to user memory, and refuses it since: never
// a site. nop is simulated by newer kernels only.
inline bool IsSimulatedOnArm64(std::uint32_t word) {
  return (word & 0x7c000000) == 0x14000000 ||  // b, bl
         (word & 0xff000010) == 0x54000000 ||  // b.cond
         (word & 0x7e000000) == 0x34000000 ||  // cbz, cbnz
         (word & 0x7e000000) == 0x36000000 ||  // tbz, tbnz
         (word & 0xfffffc1f) == 0xd61f0000 ||  // br
         (word & 0xfffffc1f) == 0xd63f0000 ||  // blr
         (word & 0xfffffc1f) == 0xd65f0000 ||  // ret
         (word & 0x1f000000) == 0x10000000;    // adr, adrp
}

}  // namespace gotls
