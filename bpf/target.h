/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Reading the target: who it is, its registers, its memory, its goroutine. */
#pragma once

#include "maps.h"

struct who {
  u32 pid; /* thread group, in our pid namespace */
  u32 tid;
};

/* False when the process has no pid in our namespace. */
static __always_inline bool current_process(struct who* who) {
  u64 id = bpf_get_current_pid_tgid();
  if (pidns_ino) {
    struct bpf_pidns_info info = {};
    if (bpf_get_ns_current_pid_tgid(pidns_dev, pidns_ino, (void*)&info, sizeof(info))) return false;
    who->pid = info.tgid;
    who->tid = info.pid;
    return true;
  }
  who->pid = id >> 32;
  who->tid = (u32)id;
  return true;
}

/* bpf_copy_from_user may fault the page in, which a plain read can't: a Write of pages that were
 * never touched. */
static __always_inline bool read_user(void* to, u32 size, u64 address) {
  if (!bpf_probe_read_user(to, size, (void*)address)) return true;
  return !bpf_copy_from_user(to, size, (void*)address);
}

static __always_inline u64 read_word(u64 address) {
  u64 value = 0;
  return read_user(&value, sizeof(value), address) ? value : 0;
}

/*
 * The verifier wants the context read at constant offsets. The compiler would merge these loads
 * into one at a computed address; assembly keeps them apart.
 */
#define LOAD_REGISTER(number, name)                                          \
  case number:                                                               \
    asm volatile("%0 = *(u64 *)(%1 + %2)"                                    \
                 : "=r"(value)                                               \
                 : "r"(ctx), "i"(__builtin_offsetof(struct pt_regs, name))); \
    break

static __noinline u64 read_register(struct pt_regs* ctx, u8 reg) {
  u64 value = 0;
  switch (reg) {
    LOAD_REGISTER(0, ax);
    LOAD_REGISTER(1, cx);
    LOAD_REGISTER(2, dx);
    LOAD_REGISTER(3, bx);
    LOAD_REGISTER(4, sp);
    LOAD_REGISTER(5, bp);
    LOAD_REGISTER(6, si);
    LOAD_REGISTER(7, di);
    LOAD_REGISTER(8, r8);
    LOAD_REGISTER(9, r9);
    LOAD_REGISTER(10, r10);
    LOAD_REGISTER(11, r11);
    LOAD_REGISTER(12, r12);
    LOAD_REGISTER(13, r13);
    LOAD_REGISTER(14, r14);
    LOAD_REGISTER(15, r15);
  }
  return value;
}

static __always_inline u64 read_place(struct pt_regs* ctx, const struct gotls_place* place) {
  if (place->kind == GOTLS_PLACE_REGISTER) return read_register(ctx, place->reg);
  if (place->kind == GOTLS_PLACE_STACK) return read_word(ctx->sp + (__s64)place->offset);
  return 0;
}

/* Address of the current g, 0 when it is not known. `bias` is the module's load bias. */
static __always_inline u64 read_g(struct pt_regs* ctx, const struct gotls_module* module,
                                  u64 bias) {
  __s64 offset = module->g.offset;
  struct task_struct* task;
  if (module->g.kind == GOTLS_G_REGISTER) return read_register(ctx, module->g.reg);
  if (module->g.kind == GOTLS_G_FS_INDIRECT)
    offset = (__s64)read_word(module->g.address + bias);
  else if (module->g.kind != GOTLS_G_FS_OFFSET)
    return 0;
  task = (struct task_struct*)bpf_get_current_task();
  return read_word(BPF_CORE_READ(task, thread.fsbase) + offset);
}

static __always_inline u64 read_goid(const struct gotls_module* module, u64 g) {
  if (!g || module->g_goid == GOTLS_NO_OFFSET) return 0;
  return read_word(g + module->g_goid);
}
