// Which x86-64 instructions the kernel emulates when a uprobe sits on them.
#pragma once

#include "base/bytes.h"

namespace gotls {

// `instruction` holds exactly one instruction. After arch/x86/kernel/uprobes.c, branch_setup_ops
// and push_setup_ops (Linux 5.4 to 6.18): jcc, jmp and call with a relative target, the one-byte
// nop, push of a register. A prefix other than the REX.B of push makes the kernel refuse the probe
// or single-step it, so only the bare forms count here.
inline bool IsEmulatedOnAmd64(Bytes instruction) {
  if (instruction.empty()) return false;
  const auto byte = [&](std::size_t i) { return std::to_integer<unsigned>(instruction[i]); };
  const unsigned first = byte(0);
  switch (instruction.size()) {
    case 1:
      return first == 0x90 || (first >= 0x50 && first <= 0x57);
    case 2:
      if (first == 0x41) return byte(1) >= 0x50 && byte(1) <= 0x57;
      return first == 0xeb || (first >= 0x70 && first <= 0x7f);
    case 5:
      return first == 0xe8 || first == 0xe9;
    case 6:
      return first == 0x0f && byte(1) >= 0x80 && byte(1) <= 0x8f;
    default:
      return false;
  }
}

}  // namespace gotls
