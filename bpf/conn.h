/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Connections: their state, their first sight, their end. */
#pragma once

#include "work.h"

#define MAX_STEPS 8 /* wrappers around a socket, and TLS layers, that are followed */

static __always_inline void fill_header(struct gotls_event_header* header, u16 type, u32 size,
                                        const struct who* who) {
  header->type = type;
  header->version = GOTLS_EVENT_VERSION;
  header->size = size;
  header->pid = who->pid;
  header->tid = who->tid;
  header->time = bpf_ktime_get_ns();
}

/* What next_step() says beside the address of a netFD. */
#define STEP_ON 0
#define STEP_END 1

static __always_inline const struct gotls_type* type_of(u64 type, u32 module) {
  struct gotls_type_key key = {.type = type, .module = module};
  return bpf_map_lookup_elem(&types, &key);
}

/* Reads a Go string of at most GOTLS_NAME_BYTES; returns the bytes copied. */
static __noinline u32 read_string(char* to, u64 address) {
  u64 header[2] = {};
  u32 length;
  if (!to || !read_user(header, sizeof(header), address) || !header[0]) return 0;
  length = header[1] < GOTLS_NAME_BYTES ? header[1] : GOTLS_NAME_BYTES;
  if (!length || length > GOTLS_NAME_BYTES) return 0;
  return read_user(to, length, header[0]) ? length : 0;
}

/* Into work->value. */
static __noinline bool read_interface(struct work* work, u64 address) {
  u64 words[2] = {};
  if (!work || !read_user(words, sizeof(words), address) || !words[0]) return false;
  work->value.type = read_word(words[0] + 8) - work->bias; /* itab.type */
  work->value.data = words[1];
  return true;
}

/* One wrapper further: work->value becomes what it wraps, or STEP_END when it is none. At the end
 * of the way, the address of the netFD. */
static __noinline u64 next_step(struct work* work) {
  const struct gotls_type* type;
  u64 field;
  if (!work) return STEP_END;
  type = type_of(work->value.type, work->module);
  work->last = work->value;
  if (!type) return STEP_END;
  field = work->value.data + type->offset;
  switch (type->step) {
    case GOTLS_STEP_NET_FD:
      return read_word(field);
    case GOTLS_STEP_TLS_CONN:
      work->nested = 1; /* fall through */
    case GOTLS_STEP_INTERFACE:
      return read_interface(work, field) ? STEP_ON : STEP_END;
    case GOTLS_STEP_POINTER:
      work->value.data = read_word(field);
      work->value.type = type->next_type;
      return STEP_ON;
    case GOTLS_STEP_DIRECT:
      work->value.type = type->next_type;
      return STEP_ON;
  }
  return STEP_END;
}

/* Follows wrappers from the interface at `address` to a *netFD, 0 when there is none; work->last is
 * where it ended. */
static __always_inline u64 find_net_fd(struct work* work, u64 address) {
  if (!work) return 0;
  work->nested = 0;
  work->last.type = work->last.data = 0;
  if (!read_interface(work, address)) return 0;
  for (int i = 0; i < MAX_STEPS; i++) {
    u64 step = next_step(work);
    if (step != STEP_ON) return step == STEP_END ? 0 : step;
  }
  return 0;
}

static __noinline void read_ip(struct gotls_address* to, u64 address) {
  u64 ip[2] = {};
  if (!to || !read_user(ip, sizeof(ip), address)) return;
  if (ip[1] == 4 && read_user(to->ip, 4, ip[0]))
    to->ip_length = 4;
  else if (ip[1] == 16 && read_user(to->ip, 16, ip[0]))
    to->ip_length = 16;
}

/* `address` holds a net.Addr interface. */
static __noinline void read_address(struct gotls_address* to, char* path, u64 address,
                                    struct work* work, const struct gotls_module* module) {
  const struct gotls_type* type;
  if (!to || !path || !work || !module || !read_interface(work, address)) return;
  type = type_of(work->value.type, work->module);
  if (!type || !work->value.data) return;
  if (type->step == GOTLS_STEP_UNIX_ADDR) {
    to->path_length = read_string(path, work->value.data + module->unix_addr_name);
    to->kind = GOTLS_ADDRESS_UNIX;
  } else if (type->step == GOTLS_STEP_TCP_ADDR) {
    read_ip(to, work->value.data + module->tcp_addr_ip);
    if (!to->ip_length) return;
    to->port = read_word(work->value.data + module->tcp_addr_port);
    to->kind = GOTLS_ADDRESS_IP;
  }
}

static __noinline void read_transport(struct gotls_conn_event* event, struct work* work,
                                      const struct gotls_module* module) {
  u64 fd;
  if (!event || !work || !module || module->conn_conn == GOTLS_NO_OFFSET) return;
  fd = find_net_fd(work, work->key.conn + module->conn_conn);
  event->nested = work->nested;
  if (!fd) {
    event->transport_type = work->last.type;
    event->transport_data = work->last.data;
    count(GOTLS_COUNTER_addresses_unknown);
    return;
  }
  if (module->fd_sysfd != GOTLS_NO_OFFSET) event->fd = (gotls_s32)read_word(fd + module->fd_sysfd);
  if (module->fd_laddr != GOTLS_NO_OFFSET)
    read_address(&event->local, event->local_path, fd + module->fd_laddr, work, module);
  if (module->fd_raddr != GOTLS_NO_OFFSET)
    read_address(&event->remote, event->remote_path, fd + module->fd_raddr, work, module);
}

static __always_inline u64 read_field(u64 base, u32 offset) {
  return offset == GOTLS_NO_OFFSET ? 0 : read_word(base + offset);
}

static __always_inline u64 read_stream_id(const struct work* work,
                                          const struct gotls_module* module) {
  u32 offset = module->stream_id[work->direction & 1];
  return offset == GOTLS_NO_OFFSET ? GOTLS_NO_STREAM : read_word(work->key.conn + offset);
}

/* Ring memory holds what was there before: none of it may leave. A loop, since the memset is too
 * large to unroll. */
static __always_inline void clear_conn_event(struct gotls_conn_event* event) {
  volatile u64* words = (volatile u64*)event;
#pragma clang loop unroll(disable)
  for (u32 i = 0; i < sizeof(*event) / sizeof(u64); i++) words[i] = 0;
}

/* Announces a connection; false when the ring has no room, and then the next operation tries again.
 */
static __noinline bool announce(struct work* work, u64 generation) {
  struct gotls_conn_event* event;
  const struct gotls_module* module;
  u32 index;
  if (!work) return false;
  index = work->module;
  module = bpf_map_lookup_elem(&modules, &index);
  if (!module) return false;
  event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event) {
    count(GOTLS_COUNTER_events_lost_ring_full);
    return false;
  }
  clear_conn_event(event);
  fill_header(&event->header, GOTLS_EVENT_CONN, sizeof(*event), &work->who);
  event->conn = work->key.conn;
  event->generation = generation;
  event->goid = work->goid;
  event->module = work->module;
  event->fd = -1;
  event->tls_version = read_field(work->key.conn, module->conn_version);
  event->cipher_suite = read_field(work->key.conn, module->conn_cipher_suite);
  event->is_client = module->conn_is_client == GOTLS_NO_OFFSET
                         ? 0xff
                         : (u8)read_field(work->key.conn, module->conn_is_client) & 1;
  event->resumed = read_field(work->key.conn, module->conn_did_resume) & 1;
  if (module->flags & GOTLS_MODULE_QUIC) {
    event->kind = GOTLS_CONN_QUIC_STREAM;
    event->stream_id = work->stream_id;
  }
  if (module->conn_server_name != GOTLS_NO_OFFSET)
    event->server_name_length =
        read_string(event->server_name, work->key.conn + module->conn_server_name);
  if (module->conn_alpn != GOTLS_NO_OFFSET)
    event->alpn_length = read_string(event->alpn, work->key.conn + module->conn_alpn);
  read_transport(event, work, module);
  bpf_ringbuf_submit(event, submit_flags());
  return true;
}

static __always_inline struct gotls_conn_state* find_conn(struct work* work) {
  return bpf_map_lookup_elem(&conns, &work->key);
}

/* What a connection's first Write carries may be answered before that Write returns and is seen.
 * From its entry until then first_write_began() is true. */
static __noinline void begin_first_write(struct work* work) {
  struct gotls_conn_state* state;
  u32 began = 1;
  if (!work) return;
  state = find_conn(work);
  if (state && state->position[GOTLS_WRITE]) return;
  bpf_map_update_elem(&first_writes, &work->key, &began, BPF_ANY);
}

static __always_inline void end_first_write(struct work* work) {
  bpf_map_delete_elem(&first_writes, &work->key);
}

static __always_inline bool first_write_began(struct work* work) {
  return bpf_map_lookup_elem(&first_writes, &work->key);
}

static __noinline void mark_seen(u32 pid) {
  u32 flags = GOTLS_PROCESS_SEEN;
  u32* known = bpf_map_lookup_elem(&processes, &pid);
  if (!known)
    bpf_map_update_elem(&processes, &pid, &flags, BPF_NOEXIST);
  else if (!(*known & GOTLS_PROCESS_SEEN))
    *known |= GOTLS_PROCESS_SEEN;
}

static __noinline int add_conn(struct work* work) {
  if (!work) return 0;
  __builtin_memset(&work->fresh, 0, sizeof(work->fresh));
  work->fresh.generation = bpf_ktime_get_ns();
  work->fresh.module = work->module;
  work->fresh.stream_id = work->stream_id;
  /* Another thread may have been first. */
  bpf_map_update_elem(&conns, &work->key, &work->fresh, BPF_NOEXIST);
  mark_seen(work->who.pid);
  return 0;
}

/* The connection's state, made at its first operation; NULL when the table is full. */
static __always_inline struct gotls_conn_state* get_conn(struct work* work) {
  struct gotls_conn_state* state = find_conn(work);
  if (state) return state;
  add_conn(work);
  return find_conn(work);
}

static __noinline void emit_close(struct work* work, const struct gotls_conn_state* state,
                                  u8 reason) {
  struct gotls_close_event* event;
  if (!work || !state) return;
  event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event) { /* the user half finds the state closed, and its positions */
    count(GOTLS_COUNTER_events_lost_ring_full);
    return;
  }
  __builtin_memset(event, 0, sizeof(*event));
  fill_header(&event->header, GOTLS_EVENT_CLOSE, sizeof(*event), &work->who);
  event->conn = work->key.conn;
  event->generation = state->generation;
  event->position[0] = state->position[0];
  event->position[1] = state->position[1];
  event->loss[0] = state->loss[0];
  event->loss[1] = state->loss[1];
  event->reason = reason;
  bpf_ringbuf_submit(event, submit_flags());
}

/* The connection's memory serves a new one from now on. */
static __noinline int renew(struct work* work, struct gotls_conn_state* state) {
  if (!work || !state) return 0;
  /* A tls.Conn of QUIC has no data of its own, so that nobody was told of it. */
  if (!state->closed && (state->announced || state->position[0] || state->position[1])) {
    emit_close(work, state, GOTLS_CLOSE_REUSED);
    count(GOTLS_COUNTER_connections_reused);
  }
  state->generation = bpf_ktime_get_ns();
  state->position[0] = state->position[1] = 0;
  state->write_position = state->write_length = 0;
  state->loss[0] = state->loss[1] = 0;
  state->announced = state->closed = 0;
  state->module = work->module;
  return 0;
}

/* A Read or Write of another goroutine may have its data when the stream is ended already; a closed
 * stream's memory isn't used again so soon, since that takes a garbage collection and, for a stream
 * of the same number, a new connection. */
#define LATE_NS 1000000

/* Streams have no handshake: their numbers, and how long one has been closed, tell a new one; the
 * module, memory that was a connection of crypto/tls. */
static __noinline int meet_stream(struct work* work, struct gotls_conn_state* state) {
  if (!work || !state) return 0;
  if (state->module == work->module && state->stream_id == work->stream_id &&
      (!state->closed || bpf_ktime_get_ns() - state->closed_at < LATE_NS))
    return 0;
  renew(work, state);
  state->stream_id = work->stream_id;
  return 0;
}

/*
 * A handshake begins. A state that is there belongs to a connection that went without Close, and
 * whose memory serves a new one. Renegotiation is no new connection. Safe to run twice for one
 * handshake.
 */
static __noinline int begin_handshake(struct work* work, const struct gotls_module* module) {
  struct gotls_conn_state* state;
  if (!work || !module) return 0;
  if (read_field(work->key.conn, module->conn_handshakes)) return 0;
  state = find_conn(work);
  if (!state) return 0;
  renew(work, state);
  return 0;
}

/* The state stays: data can still come after Close, and the user half removes it later. Safe to run
 * twice. */
static __noinline int close_conn(struct work* work) {
  struct gotls_conn_state* state;
  if (!work) return 0;
  state = find_conn(work);
  if (!state || state->closed) return 0;
  state->closed = 1;
  state->closed_at = bpf_ktime_get_ns();
  if (state->announced || state->position[0] || state->position[1])
    emit_close(work, state, GOTLS_CLOSE_CALLED);
  return 0;
}
