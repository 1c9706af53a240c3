/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Processes: which are traced, and word of their execs and exits. */
#pragma once

#include "target.h"

static __always_inline void emit_process(u16 type, const struct who* who, u64 wake) {
  struct task_struct* task = (struct task_struct*)bpf_get_current_task();
  struct gotls_process_event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event) {
    count(GOTLS_COUNTER_events_lost_ring_full);
    return;
  }
  __builtin_memset(event, 0, sizeof(*event));
  event->header.type = type;
  event->header.version = GOTLS_EVENT_VERSION;
  event->header.size = sizeof(*event);
  event->header.pid = who->pid;
  event->header.tid = who->tid;
  event->header.time = bpf_ktime_get_ns();
  event->parent = BPF_CORE_READ(task, real_parent, tgid);
  bpf_get_current_comm(event->comm, sizeof(event->comm));
  bpf_ringbuf_submit(event, wake);
}

static __always_inline void trace_process(u32 pid) {
  u32 flags = GOTLS_PROCESS_TRACED;
  bpf_map_update_elem(&processes, &pid, &flags, BPF_ANY);
}

static __always_inline u32 process_flags(u32 pid) {
  u32* flags = bpf_map_lookup_elem(&processes, &pid);
  return flags ? *flags : 0;
}

/* The name changes at exec: a process becomes, or stops being, one that the user named. */
static __always_inline void match_comm(u32 pid) {
  char comm[GOTLS_COMM_BYTES] = {};
  bpf_get_current_comm(comm, sizeof(comm));
  if (bpf_map_lookup_elem(&comms, comm)) trace_process(pid);
}

/* A new binary wants a plan at once: this event wakes the reader. */
static __always_inline int on_exec(void) {
  struct who who = {};
  if (!current_process(&who)) return 0;
  if (match_comms) match_comm(who.pid);
  if (watch_execs || process_flags(who.pid))
    emit_process(GOTLS_EVENT_EXEC, &who, BPF_RB_FORCE_WAKEUP);
  return 0;
}

/* Runs for every thread; the process is gone with its last one. */
static __always_inline int on_exit(void) {
  struct task_struct* task = (struct task_struct*)bpf_get_current_task();
  struct who who = {};
  if (BPF_CORE_READ(task, signal, live.counter) > 0 || !current_process(&who)) return 0;
  if (!process_flags(who.pid)) return 0;
  emit_process(GOTLS_EVENT_EXIT, &who, BPF_RB_FORCE_WAKEUP);
  bpf_map_delete_elem(&processes, &who.pid);
  return 0;
}

/* Pid of a new process in our namespace, 0 when it has none there. */
static __always_inline u32 pid_of_child(struct task_struct* child) {
  return pidns_ino ? pid_of(child) : BPF_CORE_READ(child, tgid);
}

/* Runs, in the parent, for every new thread too, whose thread group is its parent's. */
static __always_inline int on_fork(struct task_struct* parent, struct task_struct* child) {
  struct who who = {};
  u32 child_pid;
  if (!follow_children || BPF_CORE_READ(parent, tgid) == BPF_CORE_READ(child, tgid)) return 0;
  if (!current_process(&who) || !(process_flags(who.pid) & GOTLS_PROCESS_TRACED)) return 0;
  child_pid = pid_of_child(child);
  if (child_pid) trace_process(child_pid);
  return 0;
}
