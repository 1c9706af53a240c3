/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* One Read or Write: its bytes, in chunks, with their positions. */
#pragma once

#include "conn.h"

/* Pointers, which only a stack can keep. */
struct job {
  struct work* work;
  struct gotls_conn_state* state;
};

static __always_inline void lose(struct job* job, u8 why, enum gotls_counter counter, u64 bytes) {
  job->state->loss[job->work->direction & 1] |= why;
  count_by(counter, bytes);
}

/*
 * Submits one chunk in a record of `size` payload bytes. A record's size must be a constant to the
 * verifier, so there is one instance a size class; the copy goes straight into the ring, no scratch
 * buffer that a preempting program could overwrite.
 */
static __always_inline void submit_chunk(struct job* job, u64 offset, u32 length, const u32 size) {
  struct work* work = job->work;
  struct gotls_data_event* event;
  u8 direction = work->direction & 1;
  if (length == 0 || length > size) return;
  event = bpf_ringbuf_reserve(&events, sizeof(*event) + size, 0);
  if (!event) {
    lose(job, GOTLS_LOSS_RING_FULL, GOTLS_COUNTER_bytes_lost_ring_full, length);
    return;
  }
  if (!read_user(event + 1, length, work->data + offset)) {
    bpf_ringbuf_discard(event, BPF_RB_NO_WAKEUP);
    lose(job, GOTLS_LOSS_UNREADABLE, GOTLS_COUNTER_bytes_lost_unreadable, length);
    return;
  }
  fill_header(&event->header, GOTLS_EVENT_DATA, sizeof(*event) + length, &work->who);
  event->conn = work->conn;
  event->generation = job->state->generation;
  event->goid = work->goid;
  event->position = work->position + offset;
  event->op_position = work->position;
  event->op_length = work->length;
  event->length = length;
  event->direction = direction;
  event->flags = work->flags;
  event->loss = job->state->loss[direction];
  event->pad = 0;
  job->state->loss[direction] = 0;
  bpf_ringbuf_submit(event, submit_flags());
  count(GOTLS_COUNTER_chunks);
  count_by(GOTLS_COUNTER_bytes_captured, length);
}

#define SIZE_CLASS(size)                                                          \
  static __noinline void submit_##size(struct job* job, u64 offset, u32 length) { \
    if (job && job->work && job->state) submit_chunk(job, offset, length, size);  \
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
static __always_inline void submit_in_class(struct job* job, u64 offset, u32 length) {
  if (length <= 176)
    submit_176(job, offset, length);
  else if (length <= 512)
    submit_512(job, offset, length);
  else if (length <= 1024)
    submit_1024(job, offset, length);
  else if (length <= 2048)
    submit_2048(job, offset, length);
  else if (length <= 4096)
    submit_4096(job, offset, length);
  else if (length <= 8192)
    submit_8192(job, offset, length);
  else
    submit_16384(job, offset, length);
}

static long next_chunk(u32 index, void* context) {
  struct job* job = context;
  u64 offset = job->work->begin + (u64)index * GOTLS_CHUNK_BYTES;
  u64 end = job->work->end;
  if (offset >= end) return 1;
  submit_in_class(job, offset, end - offset < GOTLS_CHUNK_BYTES ? end - offset : GOTLS_CHUNK_BYTES);
  return 0;
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
  conn = work->conn;
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
  key.conn = work->conn;
  key.pid = work->who.pid;
  key.direction = work->direction & 1;
  skip = bpf_map_lookup_elem(&skips, &key);
  if (!skip || skip->generation != generation || skip->until <= work->position) return 0;
  bytes = skip->until - work->position;
  return bytes < work->length ? bytes : work->length;
}

#ifndef GOTLS_BEFORE_6_0

static __always_inline void submit_chunks(struct job* job) {
  u64 bytes = job->work->end - job->work->begin;
  if (bytes <= GOTLS_CHUNK_BYTES)
    next_chunk(0, job);
  else
    bpf_loop((u32)((bytes + GOTLS_CHUNK_BYTES - 1) / GOTLS_CHUNK_BYTES), next_chunk, job, 0);
}

#else

/* bpf_loop came with 5.17. The verifier goes through each turn of a loop, so that one holds but the
 * whole chunks; the last chunk has its turn behind. */
static __always_inline void submit_chunks(struct job* job) {
  u64 end = job->work->end;
  u32 i;
  for (i = 0; i < GOTLS_OP_CHUNKS_BEFORE_6_0 - 1; i++) {
    u64 offset = job->work->begin + i * GOTLS_CHUNK_BYTES;
    if (offset >= end || end - offset <= GOTLS_CHUNK_BYTES) break;
    submit_16384(job, offset, GOTLS_CHUNK_BYTES);
  }
  next_chunk(i, job);
}

#endif

/* The bytes of an operation that has its position. */
static __noinline void copy(struct work* work, struct gotls_conn_state* state) {
  struct job job = {.work = work, .state = state};
  if (!work || !state) return;
  work->begin = use_skips ? unwanted_bytes(work, state->generation) : 0;
  work->end = work->length - work->begin < max_op ? work->length : work->begin + max_op;
  if (work->begin) lose(&job, GOTLS_LOSS_SKIPPED, GOTLS_COUNTER_bytes_skipped, work->begin);
  submit_chunks(&job);
  if (work->end < work->length)
    lose(&job, GOTLS_LOSS_CAPPED, GOTLS_COUNTER_bytes_lost_capped, work->length - work->end);
}

/* `work` has data, length, direction and flags. */
static __noinline int capture(struct work* work, const struct gotls_module* module) {
  struct gotls_conn_state* state;
  if (!work || !module) return 0;
  count(GOTLS_COUNTER_operations);
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
  if (work->direction == GOTLS_READ && !work->position && first_write_began(work))
    work->flags |= GOTLS_DATA_BEFORE_FIRST_WRITE;
  if (!state->announced) {
    if (!announce(work, state->generation)) {
      state->loss[work->direction & 1] |= GOTLS_LOSS_RING_FULL;
      count_by(GOTLS_COUNTER_bytes_lost_ring_full, work->length);
      return 0;
    }
    state->announced = 1;
  }
  copy(work, state);
  return 0;
}
