/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What happens at each kind of site. */
#pragma once

#include "operation.h"
#include "secret.h"

#define MAX_LENGTH (1ull << 40) /* of one operation: more is no length */

/* The last work->length bytes that were taken out of the connection's input; 0 when it doesn't hold
 * so many. */
static __always_inline u64 input_data(const struct work* work, __s32 offset) {
  /* A bytes.Reader as it lies in memory (all Go versions). On the stack, where the kernel checks a
   * copy's destination soonest. */
  struct {
    u64 data;
    u64 length;
    u64 capacity;
    u64 index;
  } reader;
  if (!read_user(&reader, sizeof(reader), work->key.conn + offset)) return 0;
  if (reader.index > reader.length || reader.index < work->length) return 0;
  return reader.data + reader.index - work->length;
}

static __always_inline u64 find_data(const struct gotls_site* site, struct work* work) {
  u64 data;
  if (site->data.kind != GOTLS_PLACE_INPUT) return read_place(work->registers, &site->data);
  data = input_data(work, site->data.offset);
  if (data) return data;
  count(GOTLS_COUNTER_input_fallbacks);
  return read_place(work->registers, &site->data_fallback);
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

/* True when `work` is ready for capture(). */
static __noinline bool on_data(const struct gotls_site* site, const struct gotls_module* module,
                               struct work* work) {
  if (!site || !module || !work) return false;
  work->direction = site->direction & 1;
  work->flags = site->flags;
  work->length = read_place(work->registers, &site->length);
  if (!has_data(work->length)) return false;
  work->goid = read_goid(module, read_g(work->registers, module, work->bias));
  work->data = find_data(site, work);
  if (!work->data || !work->key.conn) {
    count(GOTLS_COUNTER_bad_values);
    return false;
  }
  return true;
}

static __always_inline void fill_call_key(struct work* work, u64 g, u64 stack_hi, u64 sp) {
  struct call_key* key = &work->call_key;
  key->goid = work->goid ? work->goid : g; /* g is unique among living goroutines too */
  key->frame = stack_hi - sp;
  key->pid = work->key.pid;
  key->module = work->module;
}

static __noinline int on_entry(const struct gotls_site* site, const struct gotls_module* module,
                               struct work* work) {
  u64 g;
  if (!site || !module || !work) return 0;
  g = read_g(work->registers, module, work->bias);
  work->call.conn = work->key.conn;
  work->call.data = read_place(work->registers, &site->data);
  work->call.length = read_place(work->registers, &site->length);
  work->call.stack_hi = g ? read_word(g + module->g_stack_hi) : 0;
  fill_call_key(work, g, work->call.stack_hi, work->registers[STACK_POINTER]);
  if (bpf_map_update_elem(&calls, &work->call_key, &work->call, BPF_ANY))
    count(GOTLS_COUNTER_entries_lost);
  else if (site->direction == GOTLS_WRITE)
    begin_first_write(work);
  return 0;
}

/* Takes what the entry saved into work->call. */
static __noinline bool take_call(struct work* work) {
  struct call* saved;
  if (!work) return false;
  saved = bpf_map_lookup_elem(&calls, &work->call_key);
  if (!saved) {
    count(GOTLS_COUNTER_returns_unmatched);
    if ((__s64)work->length > 0) count_by(GOTLS_COUNTER_bytes_lost_no_state, work->length);
    return false;
  }
  work->call = *saved;
  bpf_map_delete_elem(&calls, &work->call_key);
  return true;
}

/* True when `work` is ready for capture(). */
static __noinline bool on_return(const struct gotls_site* site, const struct gotls_module* module,
                                 struct work* work) {
  u64 g, stack_hi, stack_lo;
  if (!site || !module || !work) return false;
  g = read_g(work->registers, module, work->bias);
  stack_hi = g ? read_word(g + module->g_stack_hi) : 0;
  work->length = read_place(work->registers, &site->length);
  fill_call_key(work, g, stack_hi, work->registers[STACK_POINTER]);
  if (!take_call(work)) return false;
  work->key.conn = work->call.conn;
  if (!has_data(work->length)) return false;
  if (work->length > work->call.length || !work->key.conn) {
    count(GOTLS_COUNTER_bad_values);
    return false;
  }
  work->data = work->call.data;
  /* A buffer that lay on the stack moved with it: everything on a stack keeps its distance from the
   * end. It lay there if it was above the frame at entry, which is at `frame` below the old end.
   * Only frames above ours can hold it. */
  stack_lo = work->call.stack_hi - work->call_key.frame;
  if (work->call.stack_hi != stack_hi && work->data >= stack_lo &&
      work->data < work->call.stack_hi) {
    work->data += stack_hi - work->call.stack_hi;
    count(GOTLS_COUNTER_buffers_moved);
  }
  work->direction = site->direction & 1;
  work->flags = site->flags;
  return true;
}

/* Whether a Read of a QUIC stream has given its last bytes, or none because there are no more. */
static __always_inline bool stream_ended(const struct gotls_site* site,
                                         const struct gotls_module* module,
                                         const struct work* work) {
  if (!(module->flags & GOTLS_MODULE_QUIC) || site->direction != GOTLS_READ || !work->key.conn)
    return false;
  return (u8)read_field(work->key.conn, module->receive_ended);
}

static __always_inline bool is_write(const struct gotls_module* module, u64 caller) {
  for (int i = 0; i < GOTLS_WRITE_RETURNS; i++) {
    if (caller == module->write_return[i]) return true;
  }
  return false;
}

/*
 * A record write failed. Only those that Write asked for carry application data: the return address
 * tells. The lock is still held, so the latest Write of this connection is the one that failed.
 */
static __noinline int on_not_sent(const struct gotls_site* site, const struct gotls_module* module,
                                  struct work* work) {
  struct gotls_not_sent_event* event;
  struct gotls_conn_state* state;
  u64 caller, accepted;
  if (!site || !module || !work) return 0;
  caller = RETURN_ADDRESS(work->registers) - work->bias;
  if (!is_write(module, caller)) return 0;
  accepted = read_place(work->registers, &site->length);
  state = find_conn(work);
  if (!state || accepted >= state->write_length) return 0;
  event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event) {
    count(GOTLS_COUNTER_events_lost_ring_full);
    return 0;
  }
  __builtin_memset(event, 0, sizeof(*event));
  fill_header(&event->header, GOTLS_EVENT_NOT_SENT, sizeof(*event), &work->who);
  event->conn = work->key.conn;
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
  if (only_process) return pid == only_process;
  if (module->flags & GOTLS_MODULE_ALL_PROCESSES) return true;
  flags = bpf_map_lookup_elem(&processes, &pid);
  return flags && *flags & GOTLS_PROCESS_TRACED;
}

/* The branch of the stack check: when the stack has to grow, the same call hits its site again. */
static __always_inline bool comes_again(struct pt_regs* ctx, const struct gotls_site* site) {
  return site->branch == GOTLS_BRANCH_BELOW_OR_EQUAL && is_below_or_equal(ctx);
}

/* Sites of other kinds. True when `work` is ready for capture(). */
static __noinline bool on_other(const struct gotls_site* site, const struct gotls_module* module,
                                struct work* work) {
  if (!site || !module || !work) return false;
  work->goid = read_goid(module, read_g(work->registers, module, work->bias));
  switch (site->kind) {
    case GOTLS_SITE_RETURN:
      return on_return(site, module, work);
    case GOTLS_SITE_ENTRY:
      on_entry(site, module, work);
      break;
    case GOTLS_SITE_HANDSHAKE:
      begin_handshake(work, module);
      break;
    case GOTLS_SITE_CLOSE:
      close_conn(work);
      break;
    case GOTLS_SITE_NOT_SENT:
      on_not_sent(site, module, work);
      break;
    case GOTLS_SITE_SECRET:
      on_secret(module, work);
      break;
  }
  return false;
}

/* Once the operation has its event: a Read's that comes later need not wait for it. */
static __noinline int after_operation(const struct gotls_site* site,
                                      const struct gotls_module* module, struct work* work,
                                      bool ready) {
  if (!site || !module || !work) return 0;
  if (site->kind == GOTLS_SITE_RETURN && site->direction == GOTLS_WRITE &&
      (!ready || !work->position))
    end_first_write(work);
  return stream_ended(site, module, work) ? close_conn(work) : 0;
}

#ifdef GOTLS_BEFORE_6_0

/* Without attach cookies each site has a program of its own, which leaves the site's index here and
 * goes on with the common one (src/probe/site_program.cc). Preemption is off. */
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, u32);
  __type(value, u32);
} current_site SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
  __uint(max_entries, 1);
  __type(key, u32);
  __type(value, u32);
} site_program SEC(".maps");

static __always_inline u32 site_index(struct pt_regs* ctx) {
  u32 zero = 0;
  u32* index;
  if (use_cookies) return (u32)bpf_get_attach_cookie(ctx);
  index = bpf_map_lookup_elem(&current_site, &zero);
  return index ? *index : GOTLS_MAX_SITES;
}

#else

static __always_inline u32 site_index(struct pt_regs* ctx) {
  return (u32)bpf_get_attach_cookie(ctx);
}

#endif

/* Every probe of every binary runs this; the attach cookie is the site's index. */
static __always_inline int on_site(struct pt_regs* ctx) {
  u32 index = site_index(ctx);
  const struct gotls_site* site = bpf_map_lookup_elem(&sites, &index);
  const struct gotls_module* module;
  struct work* work;
  struct who who;
  bool ready;
  add_to_counter(GOTLS_COUNTER_hits, 1);
  if (!site || !site->kind) {
    count(GOTLS_COUNTER_hits_no_site);
    return 0;
  }
  index = site->module;
  module = bpf_map_lookup_elem(&modules, &index);
  if (!module || !current_process(&who) || !is_traced(module, who.pid)) {
    count(GOTLS_COUNTER_hits_other_process);
    return 0;
  }
  if (comes_again(ctx, site)) {
    count(GOTLS_COUNTER_hits_repeated);
    return 0;
  }
  work = begin_work();
  if (!work) {
    count(GOTLS_COUNTER_hits_lost_busy);
    return 0;
  }
  work->who = who;
  work->module = site->module;
  work->bias = instruction_pointer(ctx) - site->address;
  copy_registers(work->registers, ctx);
  work->key.conn = read_place(work->registers, &site->conn);
  work->key.pid = who.pid;
  work->key.pad = 0;
  /* Reads and Writes of the lean plan are nearly all hits: few calls on their way, since what a hit
   * costs is mostly code that is not in the caches. */
  if (site->kind == GOTLS_SITE_DATA)
    ready = on_data(site, module, work);
  else
    ready = on_other(site, module, work);
  /* In one place: the verifier goes through a function once a call. */
  if (ready) capture(work, module);
  if (site->kind == GOTLS_SITE_RETURN ||
      (site->kind == GOTLS_SITE_DATA && module->flags & GOTLS_MODULE_QUIC))
    after_operation(site, module, work, ready);
  end_work(work);
  return 0;
}
