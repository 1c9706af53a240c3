/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The user registers at a probe, all that differs between the architectures. A pt_regs is part of
 * the kernel's ABI, not relocated.
 */
#pragma once

#include "maps.h"

#if defined(__TARGET_ARCH_x86)

struct pt_regs {
  unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip, cs,
      flags, sp, ss;
};

#define FLAG_CARRY (1 << 0)
#define FLAG_ZERO (1 << 6)

/* As a gotls_place numbers them. */
#define REGISTER_COUNT 16
#define STACK_POINTER 4

static __always_inline void copy_registers(u64* to, const struct pt_regs* ctx) {
  to[0] = ctx->ax;
  to[1] = ctx->cx;
  to[2] = ctx->dx;
  to[3] = ctx->bx;
  to[STACK_POINTER] = ctx->sp;
  to[5] = ctx->bp;
  to[6] = ctx->si;
  to[7] = ctx->di;
  to[8] = ctx->r8;
  to[9] = ctx->r9;
  to[10] = ctx->r10;
  to[11] = ctx->r11;
  to[12] = ctx->r12;
  to[13] = ctx->r13;
  to[14] = ctx->r14;
  to[15] = ctx->r15;
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
#define RETURN_ADDRESS(registers) read_word((registers)[STACK_POINTER])

#elif defined(__TARGET_ARCH_arm64)

struct pt_regs { /* its beginning, a struct user_pt_regs */
  unsigned long regs[31];
  unsigned long sp;
  unsigned long pc;
  unsigned long pstate;
};

#define FLAG_CARRY (1ul << 29) /* set by a comparison when nothing was borrowed */
#define FLAG_ZERO (1ul << 30)

/* As a gotls_place numbers them: x0 to x30, and the stack pointer. */
#define REGISTER_COUNT 32
#define STACK_POINTER 31

static __always_inline void copy_registers(u64* to, const struct pt_regs* ctx) {
#pragma clang loop unroll(full)
  for (u32 i = 0; i < STACK_POINTER; i++) to[i] = ctx->regs[i];
  to[STACK_POINTER] = ctx->sp;
}

static __always_inline u64 instruction_pointer(const struct pt_regs* ctx) { return ctx->pc; }

static __always_inline bool is_below_or_equal(const struct pt_regs* ctx) {
  return !(ctx->pstate & FLAG_CARRY) || ctx->pstate & FLAG_ZERO;
}

/* Go keeps g in a register on arm64, in all versions. */
#define READ_THREAD_LOCAL(offset) ((void)(offset), 0)

#define RETURN_ADDRESS(registers) ((registers)[30])

#else
#error "this architecture has no register layout yet"
#endif

/*
 * The verifier wants the context read at constant offsets, so that one register of many takes a
 * search for its number. A hit reads five: a copy of all is quicker, and takes any number.
 */
static __always_inline u64 read_register(const u64* registers, u8 reg) {
  return registers[reg & (REGISTER_COUNT - 1)];
}
