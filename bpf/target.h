/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Reading the target: who it is, its registers, its memory, its goroutine. */
#pragma once

#include "registers.h"

struct who {
  u32 pid; /* thread group, in our pid namespace */
  u32 tid;
};

#define MAX_PID_LEVELS 32 /* as in the kernel */

/* Pid of a task in our namespace, which may be one around its own; 0 when it has none there. */
static __noinline u32 pid_of(struct task_struct* task) {
  struct pid* pid = BPF_CORE_READ(task, thread_pid);
  struct upid* numbers = (void*)pid + bpf_core_field_offset(struct pid, numbers);
  u32 level = BPF_CORE_READ(pid, level);
  for (u32 i = 0; i < MAX_PID_LEVELS && i <= level; i++) {
    struct upid upid = {};
    if (bpf_probe_read_kernel(&upid, sizeof(upid), numbers + i)) return 0;
    if (BPF_CORE_READ(upid.ns, ns.inum) == pidns_ino) return upid.nr;
  }
  return 0;
}

/* For a pid namespace that is not the first one. Apart from current_process() for its frame's sake.
 */
static __noinline bool process_in_namespace(struct who* who) {
  struct bpf_pidns_info info = {};
  struct task_struct* task;
  if (!who) return false;
  if (!bpf_get_ns_current_pid_tgid(pidns_dev, pidns_ino, (void*)&info, sizeof(info))) {
    who->pid = info.tgid;
    who->tid = info.pid;
    return true;
  }
  task = (struct task_struct*)bpf_get_current_task(); /* in a namespace below ours, perhaps */
  who->tid = pid_of(task);
  who->pid = who->tid ? pid_of(BPF_CORE_READ(task, group_leader)) : 0;
  return who->pid != 0;
}

/* False when the process has no pid in our namespace. */
static __always_inline bool current_process(struct who* who) {
  u64 id;
  if (pidns_ino) return process_in_namespace(who);
  id = bpf_get_current_pid_tgid();
  who->pid = id >> 32;
  who->tid = (u32)id;
  return true;
}

/* bpf_copy_from_user may fault the page in, which a plain read can't: a Write of pages that were
 * never touched. Before 6.0 no program of a uprobe may do so. */
static __always_inline bool read_user(void* to, u32 size, u64 address) {
  if (!bpf_probe_read_user(to, size, (void*)address)) return true;
#ifdef GOTLS_BEFORE_6_0
  return false;
#else
  return !bpf_copy_from_user(to, size, (void*)address);
#endif
}

static __always_inline u64 read_word(u64 address) {
  u64 value = 0;
  return read_user(&value, sizeof(value), address) ? value : 0;
}

/* `registers` are those at the hit, as copy_registers() leaves them. */
static __noinline u64 read_place_in_memory(const u64* registers, const struct gotls_place* place) {
  u64 base;
  if (!registers || !place) return 0;
  if (place->kind == GOTLS_PLACE_MEMORY)
    base = read_register(registers, place->reg);
  else if (place->kind == GOTLS_PLACE_STACK)
    base = registers[STACK_POINTER];
  else
    return 0;
  return read_word(base + (__s64)place->offset);
}

static __always_inline u64 read_place(const u64* registers, const struct gotls_place* place) {
  if (place->kind == GOTLS_PLACE_REGISTER) return read_register(registers, place->reg);
  return read_place_in_memory(registers, place);
}

/* Address of the current g, 0 when it is not known. `bias` is the module's load bias. */
static __always_inline u64 read_g(const u64* registers, const struct gotls_module* module,
                                  u64 bias) {
  __s64 offset = module->g.offset;
  if (module->g.kind == GOTLS_G_REGISTER) return read_register(registers, module->g.reg);
  if (module->g.kind == GOTLS_G_FS_INDIRECT)
    offset = (__s64)read_word(module->g.address + bias);
  else if (module->g.kind != GOTLS_G_FS_OFFSET)
    return 0;
  return READ_THREAD_LOCAL(offset);
}

static __always_inline u64 read_goid(const struct gotls_module* module, u64 g) {
  if (!g || module->g_goid == GOTLS_NO_OFFSET) return 0;
  return read_word(g + module->g_goid);
}
