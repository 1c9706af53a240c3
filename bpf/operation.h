/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* One Read or Write: its bytes, in chunks, with their positions. */
#pragma once

#include "conn.h"

static __noinline int lose(const struct work* work, struct gotls_conn_state* state, u8 why,
                           enum gotls_counter counter, u64 bytes) {
  if (!work || !state) return 0;
  state->loss[work->direction & 1] |= why;
  return count_by(counter, bytes);
}

/*
 * Submits one chunk in a record of `size` payload bytes. A record's size must be a constant to the
 * verifier, so there is one instance a size class; the copy goes straight into the ring, no scratch
 * buffer that a preempting program could overwrite.
 */
static __always_inline void submit_chunk(const struct work* work, struct gotls_conn_state* state,
                                         u64 offset, u32 length, const u32 size) {
  struct gotls_data_event* event;
  u8 direction = work->direction & 1;
  if (length == 0 || length > size) return;
  event = bpf_ringbuf_reserve(&events, sizeof(*event) + size, 0);
  if (!event) {
    lose(work, state, GOTLS_LOSS_RING_FULL, GOTLS_COUNTER_bytes_lost_ring_full, length);
    return;
  }
  if (!read_user(event + 1, length, work->data + offset)) {
    bpf_ringbuf_discard(event, BPF_RB_NO_WAKEUP);
    lose(work, state, GOTLS_LOSS_UNREADABLE, GOTLS_COUNTER_bytes_lost_unreadable, length);
    return;
  }
  fill_header(&event->header, GOTLS_EVENT_DATA, sizeof(*event) + length, &work->who);
  event->conn = work->key.conn;
  event->generation = state->generation;
  event->goid = work->goid;
  event->position = work->position + offset;
  event->op_position = work->position;
  event->op_length = work->length;
  event->length = length;
  event->direction = direction;
  event->flags = work->flags;
  event->loss = state->loss[direction];
  event->pad = 0;
  state->loss[direction] = 0;
  bpf_ringbuf_submit(event, submit_flags());
  count_chunk(length);
}

#define SIZE_CLASS(size)                                                                        \
  static __noinline void submit_##size(const struct work* work, struct gotls_conn_state* state, \
                                       u64 offset, u32 length) {                                \
    if (work && state) submit_chunk(work, state, offset, length, size);                         \
  }
SIZE_CLASS(176) /* 256 with the event's head */
SIZE_CLASS(512)
SIZE_CLASS(1024)
SIZE_CLASS(2048)
SIZE_CLASS(4096)
SIZE_CLASS(8192)
SIZE_CLASS(16384)
_Static_assert(GOTLS_CHUNK_BYTES == 16384, "the largest size class is a chunk");

/* One size class fits at most twice the length, but for the smallest. */
static __always_inline void submit_in_class(const struct work* work, struct gotls_conn_state* state,
                                            u64 offset, u32 length) {
  if (length <= 176)
    submit_176(work, state, offset, length);
  else if (length <= 512)
    submit_512(work, state, offset, length);
  else if (length <= 1024)
    submit_1024(work, state, offset, length);
  else if (length <= 2048)
    submit_2048(work, state, offset, length);
  else if (length <= 4096)
    submit_4096(work, state, offset, length);
  else if (length <= 8192)
    submit_8192(work, state, offset, length);
  else
    submit_16384(work, state, offset, length);
}

#ifndef GOTLS_BEFORE_6_0

/* What `position` was before `length` was added; false when that can't be told. */
static __always_inline bool add_position(struct work* work, struct gotls_conn_state* state,
                                         u8 direction) {
  work->position = __sync_fetch_and_add(&state->position[direction], work->length);
  return true;
}

#else

#define LOCK_TRIES 256

/* Additions there tell nothing of what was before (until 5.12 on amd64, 5.18 on arm64). A map's
 * update that wants the key to be absent is a lock all the same; whoever holds it is on another
 * CPU, and gives it back at once, since preemption is off. */
static __noinline bool add_position(struct work* work, struct gotls_conn_state* state,
                                    u8 direction) {
  u64 conn;
  bool locked = false;
  if (!work || !state) return false;
  conn = work->key.conn;
  for (u32 i = 0; i < LOCK_TRIES && !locked; i++)
    locked = !bpf_map_update_elem(&locks, &conn, &work->who.pid, BPF_NOEXIST);
  direction &= 1;
  work->position = state->position[direction];
  __sync_fetch_and_add(&state->position[direction], work->length);
  if (locked) bpf_map_delete_elem(&locks, &conn);
  return locked;
}

#endif

/* Positions are given to all bytes at once, before any is copied: what gets lost on the way still
 * counts. False when the place of these bytes is not known: they are a gap then, somewhere. */
static __always_inline bool take_positions(struct work* work, struct gotls_conn_state* state) {
  u8 direction = work->direction & 1;
  if (work->flags & GOTLS_DATA_UNORDERED) {
    if (!add_position(work, state, direction)) {
      state->loss[direction] |= GOTLS_LOSS_UNREADABLE;
      count(GOTLS_COUNTER_hits_lost_busy);
      return false;
    }
  } else {
    work->position = state->position[direction];
    state->position[direction] = work->position + work->length;
  }
  if (direction == GOTLS_WRITE) {
    state->write_position = work->position;
    state->write_length = work->length;
  }
  return true;
}

/* How many of the operation's first bytes nobody wants. */
static __noinline u64 unwanted_bytes(const struct work* work, u64 generation) {
  struct gotls_skip_key key = {};
  struct gotls_skip* skip;
  u64 bytes;
  if (!work) return 0;
  key.conn = work->key.conn;
  key.pid = work->who.pid;
  key.direction = work->direction & 1;
  skip = bpf_map_lookup_elem(&skips, &key);
  if (!skip || skip->generation != generation || skip->until <= work->position) return 0;
  bytes = skip->until - work->position;
  return bytes < work->length ? bytes : work->length;
}

/* The chunks before the last one are whole: these functions submit them, and tell where the last
 * one begins. */

#ifndef GOTLS_BEFORE_6_0

/* Pointers, which only a stack can keep. */
struct job {
  const struct work* work;
  struct gotls_conn_state* state;
};

static long submit_whole_chunk(u32 index, void* context) {
  struct job* job = context;
  u64 offset = job->work->begin + (u64)index * GOTLS_CHUNK_BYTES;
  submit_16384(job->work, job->state, offset, GOTLS_CHUNK_BYTES);
  return 0;
}

static __noinline u64 submit_whole_chunks(const struct work* work, struct gotls_conn_state* state) {
  struct job job = {.work = work, .state = state};
  u64 chunks;
  if (!work || !state) return 0;
  chunks = (work->end - work->begin - 1) / GOTLS_CHUNK_BYTES;
  bpf_loop((u32)chunks, submit_whole_chunk, &job, 0);
  return work->begin + chunks * GOTLS_CHUNK_BYTES;
}

#else

/* bpf_loop came with 5.17. The verifier goes through each turn of a loop, so that one holds but the
 * whole chunks. */
static __noinline u64 submit_whole_chunks(const struct work* work, struct gotls_conn_state* state) {
  u64 offset;
  if (!work || !state) return 0;
  offset = work->begin;
  for (u32 i = 0; i < GOTLS_OP_CHUNKS_BEFORE_6_0 - 1; i++) {
    if (offset >= work->end || work->end - offset <= GOTLS_CHUNK_BYTES) break;
    submit_16384(work, state, offset, GOTLS_CHUNK_BYTES);
    offset += GOTLS_CHUNK_BYTES;
  }
  return offset;
}

#endif

/* The bytes of an operation that has its position. */
static __always_inline void submit_chunks(struct work* work, struct gotls_conn_state* state) {
  u64 offset, rest;
  work->begin = use_skips ? unwanted_bytes(work, state->generation) : 0;
  work->end = work->length - work->begin < max_op ? work->length : work->begin + max_op;
  if (work->begin) lose(work, state, GOTLS_LOSS_SKIPPED, GOTLS_COUNTER_bytes_skipped, work->begin);
  offset = work->begin;
  if (work->end - offset > GOTLS_CHUNK_BYTES) offset = submit_whole_chunks(work, state);
  rest = work->end - offset;
  submit_in_class(work, state, offset, rest < GOTLS_CHUNK_BYTES ? rest : GOTLS_CHUNK_BYTES);
  if (work->end < work->length)
    lose(work, state, GOTLS_LOSS_CAPPED, GOTLS_COUNTER_bytes_lost_capped, work->length - work->end);
}

/* `work` has data, length, direction and flags. */
static __noinline int capture(struct work* work, const struct gotls_module* module) {
  struct gotls_conn_state* state;
  if (!work || !module) return 0;
  add_to_counter(GOTLS_COUNTER_operations, 1);
  work->stream_id = module->flags & GOTLS_MODULE_QUIC ? read_stream_id(work, module) : 0;
  state = get_conn(work);
  if (!state) {
    count_by(GOTLS_COUNTER_bytes_lost_no_state, work->length);
    return 0;
  }
  if (module->flags & GOTLS_MODULE_QUIC) {
    meet_stream(work, state);
  } else if (state->closed &&
             !(module->flags & GOTLS_MODULE_HANDSHAKE)) { /* no other way to tell a new one */
    renew(work, state);
  }
  if (!take_positions(work, state)) return 0;
  if (!work->position && work->direction == GOTLS_READ && first_write_began(work))
    work->flags |= GOTLS_DATA_BEFORE_FIRST_WRITE;
  if (!state->announced) {
    if (!announce(work, state->generation)) {
      state->loss[work->direction & 1] |= GOTLS_LOSS_RING_FULL;
      count_by(GOTLS_COUNTER_bytes_lost_ring_full, work->length);
      return 0;
    }
    state->announced = 1;
  }
  submit_chunks(work, state);
  return 0;
}
