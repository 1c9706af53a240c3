// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The programs. Everything they do is in the headers, one concern each. */
#include "maps.h"
/* After maps.h, which brings the types. */
#include "process.h"
#include "site.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Sleepable: it may fault in the target's pages. Loaded as uprobe_multi where the kernel has it.
 * Built a second time, with GOTLS_BEFORE_6_0, for kernels where a uprobe's program can't sleep. */
#ifndef GOTLS_BEFORE_6_0
SEC("uprobe.s")
#else
SEC("uprobe")
#endif
int gotls_site(struct pt_regs* ctx) { return on_site(ctx); }

SEC("raw_tp/sched_process_exec")
int gotls_exec(void* ctx) { return on_exec(); }

SEC("raw_tp/sched_process_exit")
int gotls_exit(void* ctx) { return on_exit(); }

SEC("raw_tp/sched_process_fork")
int gotls_fork(struct bpf_raw_tracepoint_args* ctx) {
  return on_fork((struct task_struct*)ctx->args[0], (struct task_struct*)ctx->args[1]);
}
