/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The user registers at a probe, all that differs between the architectures. A pt_regs is part of
 * the kernel's ABI, not relocated.
 */
#pragma once

#include "maps.h"

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

#if defined(__TARGET_ARCH_x86)

struct pt_regs {
  unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip, cs,
      flags, sp, ss;
};

#define FLAG_CARRY (1 << 0)
#define FLAG_ZERO (1 << 6)

/* As a gotls_place numbers them. */
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

static __always_inline u64 instruction_pointer(const struct pt_regs* ctx) { return ctx->ip; }

/* Whether a branch to be taken on unsigned "below or equal" is going to be taken. */
static __always_inline bool is_below_or_equal(const struct pt_regs* ctx) {
  return ctx->flags & (FLAG_CARRY | FLAG_ZERO);
}

/* Word `offset` bytes from the thread pointer. */
#define READ_THREAD_LOCAL(offset) \
  read_word(BPF_CORE_READ((struct task_struct*)bpf_get_current_task(), thread.fsbase) + (offset))

/* Where a function returns to, read at its return instruction. */
#define RETURN_ADDRESS(ctx) read_word((ctx)->sp)

#elif defined(__TARGET_ARCH_arm64)

struct pt_regs { /* its beginning, a struct user_pt_regs */
  unsigned long regs[31];
  unsigned long sp;
  unsigned long pc;
  unsigned long pstate;
};

#define FLAG_CARRY (1ul << 29) /* set by a comparison when nothing was borrowed */
#define FLAG_ZERO (1ul << 30)

/* x0 to x30, and 31 for the stack pointer. */
static __noinline u64 read_register(struct pt_regs* ctx, u8 reg) {
  u64 value = 0;
  switch (reg) {
    LOAD_REGISTER(0, regs[0]);
    LOAD_REGISTER(1, regs[1]);
    LOAD_REGISTER(2, regs[2]);
    LOAD_REGISTER(3, regs[3]);
    LOAD_REGISTER(4, regs[4]);
    LOAD_REGISTER(5, regs[5]);
    LOAD_REGISTER(6, regs[6]);
    LOAD_REGISTER(7, regs[7]);
    LOAD_REGISTER(8, regs[8]);
    LOAD_REGISTER(9, regs[9]);
    LOAD_REGISTER(10, regs[10]);
    LOAD_REGISTER(11, regs[11]);
    LOAD_REGISTER(12, regs[12]);
    LOAD_REGISTER(13, regs[13]);
    LOAD_REGISTER(14, regs[14]);
    LOAD_REGISTER(15, regs[15]);
    LOAD_REGISTER(16, regs[16]);
    LOAD_REGISTER(17, regs[17]);
    LOAD_REGISTER(18, regs[18]);
    LOAD_REGISTER(19, regs[19]);
    LOAD_REGISTER(20, regs[20]);
    LOAD_REGISTER(21, regs[21]);
    LOAD_REGISTER(22, regs[22]);
    LOAD_REGISTER(23, regs[23]);
    LOAD_REGISTER(24, regs[24]);
    LOAD_REGISTER(25, regs[25]);
    LOAD_REGISTER(26, regs[26]);
    LOAD_REGISTER(27, regs[27]);
    LOAD_REGISTER(28, regs[28]);
    LOAD_REGISTER(29, regs[29]);
    LOAD_REGISTER(30, regs[30]);
    LOAD_REGISTER(31, sp);
  }
  return value;
}

static __always_inline u64 instruction_pointer(const struct pt_regs* ctx) { return ctx->pc; }

static __always_inline bool is_below_or_equal(const struct pt_regs* ctx) {
  return !(ctx->pstate & FLAG_CARRY) || ctx->pstate & FLAG_ZERO;
}

/* Go keeps g in a register on arm64, in all versions. */
#define READ_THREAD_LOCAL(offset) ((void)(offset), 0)

#define RETURN_ADDRESS(ctx) ((ctx)->regs[30])

#else
#error "this architecture has no register layout yet"
#endif
