/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Memory for one run of a program, apart from its stack.
 *
 * Linux 6.13 and newer keep a BPF function's frame of 64 bytes or more, rounded up to 16, on a
 * stack of the CPU, not of the task ("private stack"). A probe's program can be preempted, and
 * sleeps when it faults a page in; another task's probe on that CPU then runs in the same frame. So
 * no function here may have a frame of more than 48 bytes, and what is larger lies in a slot that
 * one run owns.
 */
#pragma once

#include "target.h"

/* A value on the way from the net.Conn to the socket. */
struct value {
  u64 type; /* link-time address of its type */
  u64 data;
};

struct work {
  u32 busy; /* 1 while a run owns it */
  u32 module;

  /* The hit. */
  struct who who;
  u64 bias;
  u64 registers[REGISTER_COUNT];
  struct gotls_conn_key key; /* of its connection */
  u64 goid;

  /* Its Read or Write. */
  u64 data;
  u64 length;
  u64 begin; /* the part of it that is captured: what nobody wants comes before, */
  u64 end;   /* and what max_op cuts behind */
  u64 position;
  u64 stream_id; /* of a QUIC stream */
  u8 direction;
  u8 flags;
  u8 nested;
  u8 pad[5];

  struct value value;
  struct value last;
  struct slice {
    u64 data;
    u64 length;
  } label, random, secret;
  struct call_key call_key;
  struct call call;
  struct gotls_conn_state fresh;
};

/* Runs that can be under way on one CPU: one that runs, the others preempted or asleep. */
#ifndef GOTLS_BEFORE_6_0
#define WORKS_PER_CPU 16
#else
#define WORKS_PER_CPU 1
#endif

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, WORKS_PER_CPU); /* the user half multiplies by the number of CPUs */
  __type(key, u32);
  __type(value, struct work);
} works SEC(".maps");

#ifndef GOTLS_BEFORE_6_0

/* NULL when too many runs are under way on this CPU. A run stays on its CPU, so that the first slot
 * is free nearly always, and in its cache. */
static __always_inline struct work* begin_work(void) {
  u32 first = bpf_get_smp_processor_id() * WORKS_PER_CPU;
  for (u32 i = 0; i < WORKS_PER_CPU; i++) {
    u32 index = first + i;
    struct work* work = bpf_map_lookup_elem(&works, &index);
    if (!work) return NULL;
    if (!__sync_val_compare_and_swap(&work->busy, 0, 1)) return work;
  }
  return NULL;
}

/* A plain store does: nobody but this CPU's runs looks at the slot. */
static __always_inline void end_work(struct work* work) {
  barrier();
  *(volatile u32*)&work->busy = 0;
}

#else

/*
 * Before 6.0 __uprobe_perf_func() switches preemption off around trace_call_bpf(), which moreover
 * runs one program at a time on a CPU: nothing comes between a run's begin and end. Compare and
 * swap would not even be there, before 5.12 on amd64 and 5.18 on arm64.
 */
static __always_inline struct work* begin_work(void) {
  u32 index = bpf_get_smp_processor_id();
  return bpf_map_lookup_elem(&works, &index);
}

static __always_inline void end_work(struct work* work) {}

#endif
