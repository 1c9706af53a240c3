/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Connections: their state, their first sight, their end. */
#pragma once

#include "target.h"

#define MAX_STEPS 8 /* wrappers around a socket, and TLS layers, that are followed */

/* All that one hit knows of its surroundings. */
struct hit {
  struct who who;
  u64 bias;
  u64 conn;
  u64 goid;
  u32 module;
};

static __always_inline void fill_header(struct gotls_event_header* header, u16 type, u32 size,
                                        const struct who* who) {
  header->type = type;
  header->version = GOTLS_EVENT_VERSION;
  header->size = size;
  header->pid = who->pid;
  header->tid = who->tid;
  header->time = bpf_ktime_get_ns();
}

static __always_inline const struct gotls_type* type_of(u64 type, u32 module) {
  struct gotls_type_key key = {.type = type, .module = module};
  return bpf_map_lookup_elem(&types, &key);
}

/* Reads a Go string of at most GOTLS_NAME_BYTES; returns the bytes copied. */
static __always_inline u32 read_string(char* to, u64 address) {
  u64 header[2] = {};
  if (!read_user(header, sizeof(header), address) || !header[0]) return 0;
  u32 length = header[1] < GOTLS_NAME_BYTES ? header[1] : GOTLS_NAME_BYTES;
  if (!length || length > GOTLS_NAME_BYTES) return 0;
  return read_user(to, length, header[0]) ? length : 0;
}

/* A value on the way from the net.Conn to the socket. */
struct value {
  u64 type; /* link-time address of its type */
  u64 data;
};

static __always_inline bool read_interface(struct value* value, u64 address, u64 bias) {
  u64 words[2] = {};
  if (!read_user(words, sizeof(words), address) || !words[0]) return false;
  value->type = read_word(words[0] + 8) - bias; /* itab.type */
  value->data = words[1];
  return true;
}

/* Follows wrappers from the interface at `address` to a *netFD, 0 when there is none; `last` is
 * where it ended. */
static __noinline u64 find_net_fd(u64 address, const struct hit* hit, struct value* last,
                                  u8* nested) {
  struct value value = {};
  if (!hit || !last || !nested || !read_interface(&value, address, hit->bias)) return 0;
  for (int i = 0; i < MAX_STEPS; i++) {
    const struct gotls_type* type = type_of(value.type, hit->module);
    *last = value;
    if (!type) return 0;
    u64 field = value.data + type->offset;
    switch (type->step) {
      case GOTLS_STEP_NET_FD:
        return read_word(field);
      case GOTLS_STEP_TLS_CONN:
        *nested = 1; /* fall through */
      case GOTLS_STEP_INTERFACE:
        if (!read_interface(&value, field, hit->bias)) return 0;
        break;
      case GOTLS_STEP_POINTER:
        value.data = read_word(field);
        value.type = type->next_type;
        break;
      case GOTLS_STEP_DIRECT:
        value.type = type->next_type;
        break;
      default:
        return 0;
    }
  }
  return 0;
}

/* `address` holds a net.Addr interface. */
static __noinline void read_address(struct gotls_address* to, char* path, u64 address,
                                    const struct hit* hit, const struct gotls_module* module) {
  struct value value = {};
  if (!to || !path || !hit || !module || !read_interface(&value, address, hit->bias)) return;
  const struct gotls_type* type = type_of(value.type, hit->module);
  if (!type || !value.data) return;
  if (type->step == GOTLS_STEP_UNIX_ADDR) {
    to->path_length = read_string(path, value.data + module->unix_addr_name);
    to->kind = GOTLS_ADDRESS_UNIX;
  } else if (type->step == GOTLS_STEP_TCP_ADDR) {
    u64 ip[2] = {};
    if (!read_user(ip, sizeof(ip), value.data + module->tcp_addr_ip)) return;
    if (ip[1] == 4 && read_user(to->ip, 4, ip[0]))
      to->ip_length = 4;
    else if (ip[1] == 16 && read_user(to->ip, 16, ip[0]))
      to->ip_length = 16;
    else
      return;
    to->port = read_word(value.data + module->tcp_addr_port);
    to->kind = GOTLS_ADDRESS_IP;
  }
}

static __noinline void read_transport(struct gotls_conn_event* event, const struct hit* hit,
                                      const struct gotls_module* module) {
  struct value last = {};
  u8 nested = 0;
  u64 fd;
  if (!event || !hit || !module || module->conn_conn == GOTLS_NO_OFFSET) return;
  fd = find_net_fd(hit->conn + module->conn_conn, hit, &last, &nested);
  event->nested = nested;
  if (!fd) {
    event->transport_type = last.type;
    event->transport_data = last.data;
    count(GOTLS_COUNTER_addresses_unknown);
    return;
  }
  if (module->fd_sysfd != GOTLS_NO_OFFSET) event->fd = (gotls_s32)read_word(fd + module->fd_sysfd);
  if (module->fd_laddr != GOTLS_NO_OFFSET)
    read_address(&event->local, event->local_path, fd + module->fd_laddr, hit, module);
  if (module->fd_raddr != GOTLS_NO_OFFSET)
    read_address(&event->remote, event->remote_path, fd + module->fd_raddr, hit, module);
}

static __always_inline u64 read_field(u64 base, u32 offset) {
  return offset == GOTLS_NO_OFFSET ? 0 : read_word(base + offset);
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
static __noinline bool announce(const struct hit* hit, u64 generation) {
  struct gotls_conn_event* event;
  const struct gotls_module* module;
  u32 index;
  if (!hit) return false;
  index = hit->module;
  module = bpf_map_lookup_elem(&modules, &index);
  if (!module) return false;
  event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event) {
    count(GOTLS_COUNTER_events_lost_ring_full);
    return false;
  }
  clear_conn_event(event);
  fill_header(&event->header, GOTLS_EVENT_CONN, sizeof(*event), &hit->who);
  event->conn = hit->conn;
  event->generation = generation;
  event->goid = hit->goid;
  event->module = hit->module;
  event->fd = -1;
  event->tls_version = read_field(hit->conn, module->conn_version);
  event->cipher_suite = read_field(hit->conn, module->conn_cipher_suite);
  event->is_client = module->conn_is_client == GOTLS_NO_OFFSET
                         ? 0xff
                         : (u8)read_field(hit->conn, module->conn_is_client) & 1;
  event->resumed = read_field(hit->conn, module->conn_did_resume) & 1;
  if (module->conn_server_name != GOTLS_NO_OFFSET)
    event->server_name_length =
        read_string(event->server_name, hit->conn + module->conn_server_name);
  if (module->conn_alpn != GOTLS_NO_OFFSET)
    event->alpn_length = read_string(event->alpn, hit->conn + module->conn_alpn);
  read_transport(event, hit, module);
  bpf_ringbuf_submit(event, submit_flags());
  return true;
}

static __always_inline struct gotls_conn_state* find_conn(const struct hit* hit) {
  struct gotls_conn_key key = {.conn = hit->conn, .pid = hit->who.pid};
  return bpf_map_lookup_elem(&conns, &key);
}

static __always_inline void mark_seen(u32 pid) {
  u32 flags = GOTLS_PROCESS_SEEN;
  u32* known = bpf_map_lookup_elem(&processes, &pid);
  if (!known)
    bpf_map_update_elem(&processes, &pid, &flags, BPF_NOEXIST);
  else if (!(*known & GOTLS_PROCESS_SEEN))
    *known |= GOTLS_PROCESS_SEEN;
}

/* The connection's state, made at its first operation; NULL when the table is full. */
static __always_inline struct gotls_conn_state* get_conn(const struct hit* hit) {
  struct gotls_conn_key key = {.conn = hit->conn, .pid = hit->who.pid};
  struct gotls_conn_state* state = bpf_map_lookup_elem(&conns, &key);
  if (state) return state;
  struct gotls_conn_state fresh = {.generation = bpf_ktime_get_ns(), .module = hit->module};
  bpf_map_update_elem(&conns, &key, &fresh, BPF_NOEXIST); /* another thread may have been first */
  mark_seen(hit->who.pid);
  return bpf_map_lookup_elem(&conns, &key);
}

static __always_inline void emit_close(const struct hit* hit, const struct gotls_conn_state* state,
                                       u8 reason) {
  struct gotls_close_event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event) { /* the user half finds the state closed, and its positions */
    count(GOTLS_COUNTER_events_lost_ring_full);
    return;
  }
  __builtin_memset(event, 0, sizeof(*event));
  fill_header(&event->header, GOTLS_EVENT_CLOSE, sizeof(*event), &hit->who);
  event->conn = hit->conn;
  event->generation = state->generation;
  event->position[0] = state->position[0];
  event->position[1] = state->position[1];
  event->loss[0] = state->loss[0];
  event->loss[1] = state->loss[1];
  event->reason = reason;
  bpf_ringbuf_submit(event, submit_flags());
}

/*
 * A handshake begins. A state that is there belongs to a connection that went without Close, and
 * whose memory serves a new one. Renegotiation is no new connection. Safe to run twice for one
 * handshake.
 */
static __always_inline void begin_handshake(const struct hit* hit,
                                            const struct gotls_module* module) {
  struct gotls_conn_state* state;
  if (read_field(hit->conn, module->conn_handshakes)) return;
  state = find_conn(hit);
  if (!state) return;
  if (!state->closed) {
    emit_close(hit, state, GOTLS_CLOSE_REUSED);
    count(GOTLS_COUNTER_connections_reused);
  }
  state->generation = bpf_ktime_get_ns();
  state->position[0] = state->position[1] = 0;
  state->write_position = state->write_length = 0;
  state->loss[0] = state->loss[1] = 0;
  state->announced = state->closed = 0;
}

/* The state stays: data can still come after Close, and the user half removes it later. Safe to run
 * twice. */
static __always_inline void close_conn(const struct hit* hit) {
  struct gotls_conn_state* state = find_conn(hit);
  if (!state || state->closed) return;
  state->closed = 1;
  if (state->announced || state->position[0] || state->position[1])
    emit_close(hit, state, GOTLS_CLOSE_CALLED);
}
