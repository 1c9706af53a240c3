/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* One Read or Write: its bytes, in chunks, with their positions. */
#pragma once

#include "conn.h"

struct operation {
  struct hit hit;
  struct gotls_conn_state* state;
  u64 data;
  u64 length;
  u64 captured; /* the part of length that max_op allows */
  u64 position;
  u8 direction;
  u8 flags;
};

/* The chunk that is being copied. */
struct chunk {
  struct operation* op;
  u64 offset;
  u32 length;
};

static __always_inline void lose(struct operation* op, u8 why, enum gotls_counter counter,
                                 u64 bytes) {
  op->state->loss[op->direction & 1] |= why;
  count_by(counter, bytes);
}

/*
 * Submits one chunk in a record of `size` payload bytes. A record's size must be a constant to the
 * verifier, so there is one instance a size class; the copy goes straight into the ring, no scratch
 * buffer that a preempting program could overwrite.
 */
static __always_inline void submit_chunk(struct chunk* chunk, const u32 size) {
  struct operation* op = chunk->op;
  struct gotls_data_event* event;
  u8 direction = op->direction & 1;
  u32 length = chunk->length;
  if (length == 0 || length > size) return;
  event = bpf_ringbuf_reserve(&events, sizeof(*event) + size, 0);
  if (!event) {
    lose(op, GOTLS_LOSS_RING_FULL, GOTLS_COUNTER_bytes_lost_ring_full, length);
    return;
  }
  if (!read_user(event + 1, length, op->data + chunk->offset)) {
    bpf_ringbuf_discard(event, BPF_RB_NO_WAKEUP);
    lose(op, GOTLS_LOSS_UNREADABLE, GOTLS_COUNTER_bytes_lost_unreadable, length);
    return;
  }
  fill_header(&event->header, GOTLS_EVENT_DATA, sizeof(*event) + length, &op->hit.who);
  event->conn = op->hit.conn;
  event->generation = op->state->generation;
  event->goid = op->hit.goid;
  event->position = op->position + chunk->offset;
  event->op_position = op->position;
  event->op_length = op->length;
  event->length = length;
  event->direction = direction;
  event->flags = op->flags;
  event->loss = op->state->loss[direction];
  event->pad = 0;
  op->state->loss[direction] = 0;
  bpf_ringbuf_submit(event, submit_flags());
  count(GOTLS_COUNTER_chunks);
  count_by(GOTLS_COUNTER_bytes_captured, length);
}

/* One size class fits at most twice the length, but for the smallest. */
static __noinline void submit_in_class(struct chunk* chunk) {
  u32 length;
  if (!chunk || !chunk->op) return;
  length = chunk->length;
  if (length <= 176) /* 256 with the event's head */
    submit_chunk(chunk, 176);
  else if (length <= 512)
    submit_chunk(chunk, 512);
  else if (length <= 1024)
    submit_chunk(chunk, 1024);
  else if (length <= 2048)
    submit_chunk(chunk, 2048);
  else if (length <= 4096)
    submit_chunk(chunk, 4096);
  else if (length <= 8192)
    submit_chunk(chunk, 8192);
  else
    submit_chunk(chunk, GOTLS_CHUNK_BYTES);
}

static long next_chunk(u32 index, void* context) {
  struct operation* op = context;
  struct chunk chunk = {.op = op, .offset = (u64)index * GOTLS_CHUNK_BYTES};
  u64 left;
  if (chunk.offset >= op->captured) return 1;
  left = op->captured - chunk.offset;
  chunk.length = left < GOTLS_CHUNK_BYTES ? left : GOTLS_CHUNK_BYTES;
  submit_in_class(&chunk);
  return 0;
}

/* Positions are given to all bytes at once, before any is copied: what gets lost on the way still
 * counts. */
static __always_inline void take_positions(struct operation* op) {
  struct gotls_conn_state* state = op->state;
  u8 direction = op->direction & 1;
  if (op->flags & GOTLS_DATA_UNORDERED) {
    op->position = __sync_fetch_and_add(&state->position[direction], op->length);
  } else {
    op->position = state->position[direction];
    state->position[direction] = op->position + op->length;
  }
  if (direction == GOTLS_WRITE) {
    state->write_position = op->position;
    state->write_length = op->length;
  }
}

/* `op` has hit, data, length, direction and flags. */
static __always_inline void capture(struct operation* op, const struct gotls_module* module) {
  count(GOTLS_COUNTER_operations);
  op->state = get_conn(&op->hit);
  if (!op->state) {
    count_by(GOTLS_COUNTER_bytes_lost_no_state, op->length);
    return;
  }
  if (op->state->closed &&
      !(module->flags & GOTLS_MODULE_HANDSHAKE)) { /* no other way to tell a new one */
    op->state->generation = bpf_ktime_get_ns();
    op->state->position[0] = op->state->position[1] = 0;
    op->state->announced = op->state->closed = 0;
  }
  take_positions(op);
  if (!op->state->announced) {
    if (!announce(&op->hit, op->state->generation)) {
      lose(op, GOTLS_LOSS_RING_FULL, GOTLS_COUNTER_bytes_lost_ring_full, op->length);
      return;
    }
    op->state->announced = 1;
  }
  op->captured = op->length < max_op ? op->length : max_op;
  if (op->captured <= GOTLS_CHUNK_BYTES)
    next_chunk(0, op);
  else
    bpf_loop((u32)((op->captured + GOTLS_CHUNK_BYTES - 1) / GOTLS_CHUNK_BYTES), next_chunk, op, 0);
  if (op->captured < op->length)
    lose(op, GOTLS_LOSS_CAPPED, GOTLS_COUNTER_bytes_lost_capped, op->length - op->captured);
}
