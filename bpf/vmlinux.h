/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The few kernel types that the programs touch, relocated to the running kernel by CO-RE. Written
 * by hand, not dumped from a kernel: the build then needs no BTF of the machine it runs on, and the
 * file shows all that we depend on.
 */
#pragma once

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef __u64 u64;
typedef __u32 u32;
typedef __u16 u16;
typedef __u8 u8;
typedef _Bool bool;
#define true 1
#define false 0

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
  int counter;
} atomic_t;

struct signal_struct {
  atomic_t live; /* threads that have not exited */
};

struct thread_struct {
  unsigned long fsbase; /* x86 */
};

struct ns_common {
  unsigned int inum;
};

struct pid_namespace {
  struct ns_common ns;
};

struct upid {
  int nr;
  struct pid_namespace* ns;
};

struct pid {
  unsigned int level;
  struct upid numbers[1]; /* level + 1 of them */
};

struct task_struct {
  int pid;
  int tgid;
  struct pid* thread_pid;
  struct task_struct* group_leader;
  struct task_struct* real_parent;
  struct signal_struct* signal;
  struct thread_struct thread;
  char comm[16];
};

#pragma clang attribute pop

enum {
  BPF_ANY = 0,
  BPF_NOEXIST = 1,
};
enum {
  BPF_RB_NO_WAKEUP = 1,
  BPF_RB_FORCE_WAKEUP = 2,
};
enum {
  BPF_RB_AVAIL_DATA = 0,
};
enum bpf_map_type {
  BPF_MAP_TYPE_HASH = 1,
  BPF_MAP_TYPE_ARRAY = 2,
  BPF_MAP_TYPE_PROG_ARRAY = 3,
  BPF_MAP_TYPE_PERCPU_ARRAY = 6,
  BPF_MAP_TYPE_LRU_HASH = 9,
  BPF_MAP_TYPE_RINGBUF = 27,
};

struct bpf_pidns_info {
  __u32 pid;
  __u32 tgid;
};

struct bpf_raw_tracepoint_args {
  __u64 args[0];
};
