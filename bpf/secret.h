/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A secret of a TLS session, as the handshake hands it to (*Config).writeKeyLog. */
#pragma once

#include "conn.h"

static __always_inline void read_slice(struct slice* slice, const u64* registers,
                                       const struct gotls_slice_place* place) {
  slice->data = read_place(registers, &place->data);
  slice->length = read_place(registers, &place->length);
}

/* `event` was zeroed, and the lengths were checked. */
static __noinline bool read_secret(struct gotls_secret_event* event, const struct work* work) {
  u64 label_length, secret_length;
  if (!event || !work) return false;
  label_length = work->label.length;
  secret_length = work->secret.length;
  if (!label_length || label_length > GOTLS_SECRET_LABEL_BYTES) return false;
  if (!secret_length || secret_length > GOTLS_SECRET_BYTES) return false;
  event->label_length = label_length;
  event->secret_length = secret_length;
  return read_user(event->label, label_length, work->label.data) &&
         read_user(event->client_random, GOTLS_RANDOM_BYTES, work->random.data) &&
         read_user(event->secret, secret_length, work->secret.data);
}

static __noinline int on_secret(const struct gotls_module* module, struct work* work) {
  struct gotls_secret_event* event;
  if (!module || !work) return 0;
  read_slice(&work->label, work->registers, &module->secret.label);
  read_slice(&work->random, work->registers, &module->secret.client_random);
  read_slice(&work->secret, work->registers, &module->secret.secret);
  if (work->label.length - 1 >= GOTLS_SECRET_LABEL_BYTES ||
      work->random.length != GOTLS_RANDOM_BYTES || work->secret.length - 1 >= GOTLS_SECRET_BYTES) {
    count(GOTLS_COUNTER_secrets_bad);
    return 0;
  }
  event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event) {
    count(GOTLS_COUNTER_secrets_lost_ring_full);
    return 0;
  }
  __builtin_memset(event, 0, sizeof(*event));
  if (!read_secret(event, work)) {
    bpf_ringbuf_discard(event, BPF_RB_NO_WAKEUP);
    count(GOTLS_COUNTER_secrets_lost_unreadable);
    return 0;
  }
  fill_header(&event->header, GOTLS_EVENT_SECRET, sizeof(*event), &work->who);
  event->goid = work->goid;
  mark_seen(work->who.pid);
  bpf_ringbuf_submit(event, submit_flags());
  count(GOTLS_COUNTER_secrets);
  return 0;
}
