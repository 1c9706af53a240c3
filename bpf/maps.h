/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Configuration, maps and counters. */
#pragma once

/* clang-format off */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
/* clang-format on */
#include "event.h"

/* ---- configuration, constant once loaded ---- */

const volatile gotls_u64 max_op = 1 << 20; /* bytes captured of one operation at most */
const volatile gotls_u64 wakeup_bytes =
    1 << 20; /* wake the reader when so many bytes wait; it polls besides */
const volatile gotls_u64 pidns_dev = 0; /* our pid namespace when it is not the first one, else 0 */
const volatile gotls_u64 pidns_ino = 0;
const volatile bool watch_execs = false; /* report every exec, not only those of traced processes */
const volatile bool follow_children = false; /* children of traced processes are traced */
const volatile bool match_comms = false;     /* `comms` decides at exec */
const volatile bool use_skips = false;       /* `skips` says what nobody wants */
const volatile gotls_u32 only_process = 0;   /* the one that is traced; 0: `processes` tells */
const volatile bool use_cookies = true;      /* attach cookies name sites */

/* ---- what the user half says ---- */

volatile bool reader_waits = true; /* and wants to be woken, once */

/* ---- maps ---- */

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 16 << 20); /* --ring */
} events SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, GOTLS_MAX_SITES);
  __type(key, u32);
  __type(value, struct gotls_site);
} sites SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, GOTLS_MAX_MODULES);
  __type(key, u32);
  __type(value, struct gotls_module);
} modules SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 65536);
  __type(key, struct gotls_type_key);
  __type(value, struct gotls_type);
} types SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 65536);
  __type(key, struct gotls_conn_key);
  __type(value, struct gotls_conn_state);
} conns SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH); /* one that gives way costs copies, no bytes */
  __uint(max_entries, 65536);          /* 1 when nobody uses them */
  __type(key, struct gotls_skip_key);
  __type(value, struct gotls_skip);
} skips SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 65536);
  __type(key, u32);
  __type(value, u32); /* gotls_process_flags */
} processes SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 64);
  __type(key, char[GOTLS_COMM_BYTES]);
  __type(value, u32);
} comms SEC(".maps");

/*
 * Classic plan: what an entry saved for its return. `frame` is the distance of the stack pointer
 * from the stack's end: the same at entry and return even when the stack has moved between, the
 * same again when morestack runs the function's first instruction twice, and different for calls
 * nested on one goroutine (TLS inside TLS).
 */
struct call_key {
  u64 goid;
  u64 frame;
  u32 pid;
  u32 module; /* two Go runtimes in one process number their goroutines alike */
};

struct call {
  u64 conn;
  u64 data;
  u64 length;
  u64 stack_hi;
};

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH); /* a panic through Read leaves an entry behind: the oldest
                                          one gives way */
  __uint(max_entries, 65536);
  __type(key, struct call_key);
  __type(value, struct call);
} calls SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH); /* as above */
  __uint(max_entries, 4096);
  __type(key, struct gotls_conn_key);
  __type(value, u32);
} first_writes SEC(".maps"); /* classic plan: begun, and not seen yet */

#ifdef GOTLS_BEFORE_6_0
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1024);
  __type(key, u64); /* address of a connection: two processes may share one lock */
  __type(value, u32);
} locks SEC(".maps");
#endif

struct counters {
  u64 value[GOTLS_COUNTER_COUNT];
};

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, u32);
  __type(value, struct counters);
} counter_values SEC(".maps");

/* Atomic, though each CPU has its own: a probe's program can be preempted by another one on the
 * same CPU. */
static __always_inline void add_to_counter(enum gotls_counter counter, u64 n) {
  u32 zero = 0;
  struct counters* counters = bpf_map_lookup_elem(&counter_values, &zero);
  if (counters && counter < GOTLS_COUNTER_COUNT) __sync_fetch_and_add(&counters->value[counter], n);
}

/* Not inline: each lookup that is takes the verifier a quarter of a millisecond. */
static __noinline int count_by(enum gotls_counter counter, u64 n) {
  add_to_counter(counter, n);
  return 0;
}

static __always_inline void count(enum gotls_counter counter) { count_by(counter, 1); }

static __always_inline void count_chunk(u64 bytes) {
  add_to_counter(GOTLS_COUNTER_chunks, 1);
  add_to_counter(GOTLS_COUNTER_bytes_captured, bytes);
}

/* Wakes the reader only when much waits, which it polls for every few milliseconds anyway. A
 * wake-up costs more than an event does, so that one which has been woken is left to its work. */
static __always_inline u64 submit_flags(void) {
  if (!reader_waits || bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) < wakeup_bytes)
    return BPF_RB_NO_WAKEUP;
  reader_waits = false;
  count(GOTLS_COUNTER_wake_ups);
  return BPF_RB_FORCE_WAKEUP;
}
