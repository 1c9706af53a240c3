/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What happens at each kind of site. */
#pragma once

#include "operation.h"

#define MAX_LENGTH (1ull << 40) /* of one operation: more is no length */

/* A bytes.Reader as it lies in memory (all Go versions). */
struct bytes_reader {
  u64 data;
  u64 length;
  u64 capacity;
  u64 index;
};

/* The last `length` bytes that were taken out of the connection's input; 0 when it doesn't hold so
 * many. */
static __always_inline u64 input_data(u64 conn, __s32 offset, u64 length) {
  struct bytes_reader reader = {};
  if (!read_user(&reader, sizeof(reader), conn + offset)) return 0;
  if (reader.index > reader.length || reader.index < length) return 0;
  return reader.data + reader.index - length;
}

static __always_inline u64 find_data(struct pt_regs* ctx, const struct gotls_site* site, u64 conn,
                                     u64 length) {
  u64 data;
  if (site->data.kind != GOTLS_PLACE_INPUT) return read_place(ctx, &site->data);
  data = input_data(conn, site->data.offset, length);
  if (data) return data;
  count(GOTLS_COUNTER_input_fallbacks);
  return read_place(ctx, &site->data_fallback);
}

/* Go's int results: no data is the common case at a site that also sees failures. */
static __always_inline bool has_data(u64 length) {
  if ((__s64)length <= 0) {
    count(GOTLS_COUNTER_operations_empty);
    return false;
  }
  if (length > MAX_LENGTH) {
    count(GOTLS_COUNTER_bad_values);
    return false;
  }
  return true;
}

static __noinline int on_data(struct pt_regs* ctx, const struct gotls_site* site,
                              const struct gotls_module* module, const struct hit* hit) {
  struct operation op = {};
  if (!site || !module || !hit) return 0;
  op.hit = *hit;
  op.direction = site->direction & 1;
  op.flags = site->flags;
  op.length = read_place(ctx, &site->length);
  if (!has_data(op.length)) return 0;
  op.data = find_data(ctx, site, hit->conn, op.length);
  if (!op.data || !hit->conn) {
    count(GOTLS_COUNTER_bad_values);
    return 0;
  }
  capture(&op, module);
  return 0;
}

static __always_inline void call_key_of(struct call_key* key, const struct hit* hit, u64 g,
                                        u64 stack_hi, u64 sp) {
  key->goid = hit->goid ? hit->goid : g; /* g is unique among living goroutines too */
  key->frame = stack_hi - sp;
  key->pid = hit->who.pid;
  key->pad = 0;
}

static __noinline int on_entry(struct pt_regs* ctx, const struct gotls_site* site,
                               const struct gotls_module* module, const struct hit* hit) {
  struct call_key key;
  struct call call = {};
  u64 g;
  if (!site || !module || !hit) return 0;
  g = read_g(ctx, module, hit->bias);
  call.conn = hit->conn;
  call.data = read_place(ctx, &site->data);
  call.length = read_place(ctx, &site->length);
  call.stack_hi = g ? read_word(g + module->g_stack_hi) : 0;
  call_key_of(&key, hit, g, call.stack_hi, ctx->sp);
  if (bpf_map_update_elem(&calls, &key, &call, BPF_ANY)) count(GOTLS_COUNTER_entries_lost);
  return 0;
}

/* Stacks are far smaller than this: a buffer so near below the stack's end lies on it. */
#define MAX_STACK (1ull << 30)

static __noinline int on_return(struct pt_regs* ctx, const struct gotls_site* site,
                                const struct gotls_module* module, const struct hit* hit) {
  struct call_key key;
  struct call *saved, call;
  struct operation op = {};
  u64 g, stack_hi, stack_lo;
  if (!site || !module || !hit) return 0;
  g = read_g(ctx, module, hit->bias);
  stack_hi = g ? read_word(g + module->g_stack_hi) : 0;
  op.length = read_place(ctx, &site->length);
  call_key_of(&key, hit, g, stack_hi, ctx->sp);
  saved = bpf_map_lookup_elem(&calls, &key);
  if (!saved) {
    count(GOTLS_COUNTER_returns_unmatched);
    if ((__s64)op.length > 0) count_by(GOTLS_COUNTER_bytes_lost_no_state, op.length);
    return 0;
  }
  call = *saved;
  bpf_map_delete_elem(&calls, &key);
  if (!has_data(op.length)) return 0;
  if (op.length > call.length || !call.conn) {
    count(GOTLS_COUNTER_bad_values);
    return 0;
  }
  op.data = call.data;
  /* A buffer that lay on the stack moved with it: everything on a stack keeps its distance from the
   * end. It lay there if it was above the frame at entry, which is at `frame` below the old end.
   * Only frames above ours can hold it. */
  stack_lo = call.stack_hi - key.frame;
  if (call.stack_hi != stack_hi && call.data >= stack_lo && call.data < call.stack_hi) {
    op.data += stack_hi - call.stack_hi;
    count(GOTLS_COUNTER_buffers_moved);
  }
  op.hit = *hit;
  op.hit.conn = call.conn;
  op.direction = site->direction & 1;
  op.flags = site->flags;
  capture(&op, module);
  return 0;
}

/*
 * A record write failed. Only those that Write asked for carry application data: the return address
 * tells. The lock is still held, so the latest Write of this connection is the one that failed.
 */
static __noinline int on_not_sent(struct pt_regs* ctx, const struct gotls_site* site,
                                  const struct gotls_module* module, const struct hit* hit) {
  struct gotls_not_sent_event* event;
  struct gotls_conn_state* state;
  u64 caller, accepted;
  if (!site || !module || !hit) return 0;
  caller = read_word(ctx->sp) - hit->bias;
  if (caller != module->write_return[0] && caller != module->write_return[1]) return 0;
  accepted = read_place(ctx, &site->length);
  state = find_conn(hit);
  if (!state || accepted >= state->write_length) return 0;
  event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event) {
    count(GOTLS_COUNTER_events_lost_ring_full);
    return 0;
  }
  __builtin_memset(event, 0, sizeof(*event));
  fill_header(&event->header, GOTLS_EVENT_NOT_SENT, sizeof(*event), &hit->who);
  event->conn = hit->conn;
  event->generation = state->generation;
  event->position = state->write_position + accepted;
  event->length = state->write_length - accepted;
  event->loss = state->loss[GOTLS_WRITE];
  state->loss[GOTLS_WRITE] = 0;
  bpf_ringbuf_submit(event, submit_flags());
  return 0;
}

static __always_inline bool is_traced(const struct gotls_module* module, u32 pid) {
  u32* flags;
  if (module->flags & GOTLS_MODULE_ALL_PROCESSES) return true;
  flags = bpf_map_lookup_elem(&processes, &pid);
  return flags && *flags & GOTLS_PROCESS_TRACED;
}

/* Every probe of every binary runs this; the attach cookie is the site's index. */
static __always_inline int on_site(struct pt_regs* ctx) {
  u32 index = (u32)bpf_get_attach_cookie(ctx);
  const struct gotls_site* site = bpf_map_lookup_elem(&sites, &index);
  const struct gotls_module* module;
  struct hit hit = {};
  count(GOTLS_COUNTER_hits);
  if (!site || !site->kind) {
    count(GOTLS_COUNTER_hits_no_site);
    return 0;
  }
  hit.module = site->module;
  module = bpf_map_lookup_elem(&modules, &hit.module);
  if (!module || !current_process(&hit.who) || !is_traced(module, hit.who.pid)) {
    count(GOTLS_COUNTER_hits_other_process);
    return 0;
  }
  hit.bias = ctx->ip - site->address;
  hit.conn = read_place(ctx, &site->conn);
  if (site->kind == GOTLS_SITE_HANDSHAKE) {
    begin_handshake(&hit, module);
    return 0;
  }
  if (site->kind == GOTLS_SITE_CLOSE) {
    close_conn(&hit);
    return 0;
  }
  if (site->kind == GOTLS_SITE_NOT_SENT) return on_not_sent(ctx, site, module, &hit);
  hit.goid = read_goid(module, read_g(ctx, module, hit.bias));
  if (site->kind == GOTLS_SITE_DATA) return on_data(ctx, site, module, &hit);
  if (site->kind == GOTLS_SITE_ENTRY) return on_entry(ctx, site, module, &hit);
  if (site->kind == GOTLS_SITE_RETURN) return on_return(ctx, site, module, &hit);
  return 0;
}
