/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The contract between the kernel half and the user half: all that crosses the ring buffer, and all
 * maps' values. Plain C, fixed width, explicit padding, little-endian hosts. A recording holds
 * the events byte for byte, so any change of an existing event's layout raises
 * GOTLS_EVENT_VERSION; a new type of event doesn't, since a reader counts types that it doesn't
 * know and goes on, nor do fields at an event's end, which older recordings don't have and older
 * readers don't look at, nor flags.
 */
#pragma once

#ifndef __bpf__
#include <stdint.h>
typedef uint8_t gotls_u8;
typedef uint16_t gotls_u16;
typedef uint32_t gotls_u32;
typedef uint64_t gotls_u64;
typedef int32_t gotls_s32;
#else
typedef unsigned char gotls_u8;
typedef unsigned short gotls_u16;
typedef unsigned int gotls_u32;
typedef unsigned long long gotls_u64;
typedef int gotls_s32;
#endif

#define GOTLS_EVENT_VERSION 1
#define GOTLS_CHUNK_BYTES 16384 /* payload of one data event at most */
#define GOTLS_COMM_BYTES 16
#define GOTLS_NAME_BYTES 256 /* server name, ALPN, unix path: longer ones are cut */
#define GOTLS_RANDOM_BYTES 32
#define GOTLS_SECRET_BYTES 64       /* the longest one: of a hash of 512 bits */
#define GOTLS_SECRET_LABEL_BYTES 32 /* CLIENT_HANDSHAKE_TRAFFIC_SECRET has 31 */

/* ---- events ---- */

enum gotls_event_type {
  GOTLS_EVENT_DATA = 1,
  GOTLS_EVENT_CONN = 2,
  GOTLS_EVENT_CLOSE = 3,
  GOTLS_EVENT_EXEC = 4,
  GOTLS_EVENT_EXIT = 5,
  GOTLS_EVENT_FORK = 6,
  GOTLS_EVENT_NOT_SENT = 7,
  GOTLS_EVENT_SECRET = 8,
  /* Made by the user half, so that a recording replays without the host it was made on. */
  GOTLS_EVENT_PROCESS = 64,
  GOTLS_EVENT_TICK = 65,      /* header only: time has passed up to header.time */
  GOTLS_EVENT_COUNTERS = 66,  /* at the end of a session */
  GOTLS_EVENT_CONTAINER = 67, /* behind a process's GOTLS_EVENT_PROCESS when it has one */
};

struct gotls_event_header {
  gotls_u16 type;
  gotls_u16 version; /* GOTLS_EVENT_VERSION */
  gotls_u32
      size; /* of the whole event that matters, header included; the ring record may be longer */
  gotls_u32 pid; /* thread group id in the pid namespace of the tracer */
  gotls_u32 tid;
  gotls_u64 time; /* bpf_ktime_get_ns() */
};

enum gotls_direction { GOTLS_READ = 0, GOTLS_WRITE = 1 };

/* Why bytes were lost, a mask; equal to gotls::GapReason. */
enum gotls_loss {
  GOTLS_LOSS_RING_FULL = 1,
  GOTLS_LOSS_UNREADABLE = 2,
  GOTLS_LOSS_CAPPED = 4,
  GOTLS_LOSS_NOT_SENT = 8,
  GOTLS_LOSS_SKIPPED = 16,
};

enum gotls_data_flags {
  /* Positions were not given out under the connection's lock (classic plan): a chunk may come
   * before another one of a lower position. */
  GOTLS_DATA_UNORDERED = 1,
  /* A Read's first bytes: the connection's first Write had begun by then, and comes later, since
   * that is seen when it returns (classic plan). */
  GOTLS_DATA_BEFORE_FIRST_WRITE = 2,
};

/* A part of one operation. Ordered by position for each connection and direction, but for
 * GOTLS_DATA_UNORDERED. */
struct gotls_data_event {
  struct gotls_event_header header;
  gotls_u64 conn;        /* address of the tls.Conn */
  gotls_u64 generation;  /* of that address; see gotls_conn_state */
  gotls_u64 goid;        /* 0: unknown */
  gotls_u64 position;    /* of the first payload byte */
  gotls_u64 op_position; /* of the first byte of the operation */
  gotls_u64 op_length;
  gotls_u32 length; /* payload bytes, 1..GOTLS_CHUNK_BYTES */
  gotls_u8 direction;
  gotls_u8 flags;
  gotls_u8 loss; /* why bytes between the event before and this one are missing */
  gotls_u8 pad;
  /* payload follows */
};

enum gotls_address_kind { GOTLS_ADDRESS_NONE = 0, GOTLS_ADDRESS_IP = 1, GOTLS_ADDRESS_UNIX = 2 };

struct gotls_address {
  gotls_u8 kind;
  gotls_u8 ip_length; /* 4 or 16 */
  gotls_u16 port;
  gotls_u32 path_length; /* GOTLS_ADDRESS_UNIX */
  gotls_u8 ip[16];
};

/* What `conn` is the address of. */
enum gotls_conn_kind {
  GOTLS_CONN_TLS = 0,         /* a tls.Conn */
  GOTLS_CONN_QUIC_STREAM = 1, /* one direction of a stream of quic-go */
};

#define GOTLS_NO_STREAM 0xffffffffffffffffull

/* First sight of a connection: before its first data event, once a generation. */
struct gotls_conn_event {
  struct gotls_event_header header;
  gotls_u64 conn;
  gotls_u64 generation;
  gotls_u64 goid;
  gotls_u64 transport_type; /* link-time address of the type that could not be unwrapped, 0: none */
  gotls_u64 transport_data; /* the interface's data word beside it */
  gotls_u32 module;         /* index of the binary in this session */
  gotls_s32 fd;             /* -1: unknown */
  gotls_u16 tls_version;
  gotls_u16 cipher_suite;
  gotls_u8 is_client; /* 0, 1; 0xff unknown */
  gotls_u8 resumed;
  gotls_u8 nested;
  gotls_u8 kind; /* gotls_conn_kind */
  gotls_u16 server_name_length;
  gotls_u16 alpn_length;
  gotls_u16 transport_name_length; /* filled by the user half */
  gotls_u16 pad2;
  struct gotls_address local;
  struct gotls_address remote;
  char server_name[GOTLS_NAME_BYTES];
  char alpn[GOTLS_NAME_BYTES];
  char local_path[GOTLS_NAME_BYTES];
  char remote_path[GOTLS_NAME_BYTES];
  char transport_name[GOTLS_NAME_BYTES];
  gotls_u64 stream_id; /* of a QUIC stream; GOTLS_NO_STREAM: unknown */
};

enum gotls_close_reason {
  GOTLS_CLOSE_CALLED = 0,
  GOTLS_CLOSE_PROCESS_EXIT = 1,
  GOTLS_CLOSE_REUSED = 2,
  GOTLS_CLOSE_DETACHED = 3,
};

/* The end of a generation, with the positions reached: what lies between the last data event and
 * them was lost. */
struct gotls_close_event {
  struct gotls_event_header header;
  gotls_u64 conn;
  gotls_u64 generation;
  gotls_u64 position[2]; /* by direction */
  gotls_u8 loss[2];
  gotls_u8 reason;
  gotls_u8 pad[5];
};

/* A Write failed: of the bytes that were handed over, the last `length`, from `position` on, were
 * not sent. */
struct gotls_not_sent_event {
  struct gotls_event_header header;
  gotls_u64 conn;
  gotls_u64 generation;
  gotls_u64 position;
  gotls_u64 length;
  gotls_u8 loss; /* why bytes of this Write were not captured */
  gotls_u8 pad[7];
};

/* A secret of a TLS session, as crypto/tls would write it to a key log: before the connection's
 * first data, so nothing tells which connection it belongs to but the client's random. */
struct gotls_secret_event {
  struct gotls_event_header header;
  gotls_u64 goid; /* 0: unknown */
  gotls_u8 client_random[GOTLS_RANDOM_BYTES];
  gotls_u8 secret[GOTLS_SECRET_BYTES]; /* zeros behind secret_length */
  char label[GOTLS_SECRET_LABEL_BYTES];
  gotls_u8 label_length;  /* 1..GOTLS_SECRET_LABEL_BYTES */
  gotls_u8 secret_length; /* 1..GOTLS_SECRET_BYTES */
  gotls_u8 pad[6];
};

struct gotls_process_event { /* EXEC, EXIT, FORK (header.pid is the child) */
  struct gotls_event_header header;
  gotls_u32 parent;
  gotls_u32 pad;
  char comm[GOTLS_COMM_BYTES];
};

/* User half: what a process is. exe follows as exe_length bytes. */
struct gotls_process_info_event {
  struct gotls_event_header header;
  char comm[GOTLS_COMM_BYTES];
  gotls_u32 exe_length;
  gotls_u32 pad;
};

enum gotls_container_text {
  GOTLS_CONTAINER_ID = 0,
  GOTLS_CONTAINER_RUNTIME = 1,
  GOTLS_CONTAINER_NAME = 2,
  GOTLS_CONTAINER_POD = 3,
  GOTLS_CONTAINER_POD_NAMESPACE = 4,
  GOTLS_CONTAINER_POD_UID = 5,
  GOTLS_CONTAINER_TEXTS = 6,
};

/* User half: where a process lives. The texts follow, one behind the other. */
struct gotls_container_event {
  struct gotls_event_header header;
  gotls_u32 namespace_pid;                 /* in its own pid namespace; 0: the same as header.pid */
  gotls_u16 length[GOTLS_CONTAINER_TEXTS]; /* each GOTLS_NAME_BYTES at most */
};

/* ---- counters: one slot for every early return ---- */

#define GOTLS_COUNTERS(X)                                                                  \
  X(hits, "probe hits")                                                                    \
  X(hits_other_process, "hits by processes that are not traced")                           \
  X(hits_no_site, "hits without a site descriptor")                                        \
  X(operations, "operations with data")                                                    \
  X(operations_empty, "operations without data")                                           \
  X(chunks, "data events submitted")                                                       \
  X(bytes_captured, "bytes submitted to the ring buffer")                                  \
  X(bytes_lost_ring_full, "bytes lost because the ring buffer was full (raise --ring)")    \
  X(bytes_lost_unreadable, "bytes lost because the target's memory could not be read")     \
  X(bytes_lost_capped, "bytes cut from operations larger than --max-op")                   \
  X(bytes_lost_no_state, "bytes lost because the connection table was full")               \
  X(events_lost_ring_full, "events other than data lost because the ring buffer was full") \
  X(bad_values, "operations with impossible values, ignored")                              \
  X(input_fallbacks, "reads taken from the caller's buffer instead of the record")         \
  X(returns_unmatched, "returns without a saved entry (classic plan)")                     \
  X(entries_lost, "entries that could not be saved (classic plan)")                        \
  X(buffers_moved, "stack buffers that moved between entry and return (classic plan)")     \
  X(connections_reused, "connections dropped without Close, found by their reused memory") \
  X(addresses_unknown, "connections whose addresses could not be read")                    \
  X(hits_repeated, "hits that come again since the stack had to grow")                     \
  X(secrets, "TLS session secrets submitted")                                              \
  X(secrets_bad, "TLS session secrets with impossible lengths, ignored")                   \
  X(secrets_lost_unreadable, "TLS session secrets lost because memory could not be read")  \
  X(secrets_lost_ring_full, "TLS session secrets lost because the ring buffer was full")   \
  X(bytes_skipped, "bytes not captured because no output wants them")                      \
  X(hits_lost_busy, "hits lost because too many probes were under way on one CPU")         \
  X(wake_ups, "times that gotls was woken because much data waited")

enum gotls_counter {
#define X(name, meaning) GOTLS_COUNTER_##name,
  GOTLS_COUNTERS(X)
#undef X
      GOTLS_COUNTER_COUNT,
};

/* User half, at the end: counters follow as GOTLS_COUNTER_COUNT 64-bit values in the order above.
 */
struct gotls_counters_event {
  struct gotls_event_header header;
  gotls_u32 count;
  gotls_u32 pad;
};

/* ---- maps' values, written by the user half before attaching ---- */

#define GOTLS_MAX_SITES 8192
#define GOTLS_MAX_MODULES 1024
#define GOTLS_NO_OFFSET 0xffffffffu
#define GOTLS_OP_CHUNKS_BEFORE_6_0 64 /* captured of one operation there */
/* Two in a Write that writes records by itself: in Conn's, and in one of a type that wraps a Conn
 */
#define GOTLS_WRITE_RETURNS 4

enum gotls_site_kind {
  GOTLS_SITE_DATA = 1,      /* one hit is one operation: conn, data, length are there */
  GOTLS_SITE_ENTRY = 2,     /* classic: save buffer and connection */
  GOTLS_SITE_RETURN = 3,    /* classic: length is there; the rest was saved */
  GOTLS_SITE_HANDSHAKE = 4, /* conn begins its first handshake */
  GOTLS_SITE_CLOSE = 5,     /* conn is being closed */
  GOTLS_SITE_NOT_SENT = 6,  /* a record write failed: conn, length accepted */
  GOTLS_SITE_SECRET = 7,    /* a session's secret: gotls_module.secret says where */
};

/* gotls_site.branch: a hit does not count when the branch at the site is going to be taken, since
 * the stack grows then and the function starts anew. */
enum gotls_branch {
  GOTLS_BRANCH_ANY = 0,            /* every hit counts */
  GOTLS_BRANCH_BELOW_OR_EQUAL = 1, /* taken when a comparison of unsigned numbers said so (amd64
                                      jbe, arm64 b.ls) */
};

enum gotls_place_kind {
  GOTLS_PLACE_NONE = 0,
  GOTLS_PLACE_REGISTER = 1, /* the register's value */
  GOTLS_PLACE_STACK = 2,    /* the 8 bytes at stack pointer + offset */
  GOTLS_PLACE_INPUT =
      3, /* data: the last `length` bytes consumed of conn's input (a bytes.Reader at `offset`) */
  GOTLS_PLACE_MEMORY = 4, /* the 8 bytes at the register's value + offset */
};

/* amd64: hardware numbers, rax 0, rcx 1, rdx 2, rbx 3, rsp 4, rbp 5, rsi 6, rdi 7, r8-r15. arm64:
 * x0-x30, sp 31. */
struct gotls_place {
  gotls_u8 kind;
  gotls_u8 reg;
  gotls_u16 pad;
  gotls_s32 offset;
};

enum gotls_g_kind {
  GOTLS_G_REGISTER = 1,    /* in register `reg` */
  GOTLS_G_FS_OFFSET = 2,   /* at thread pointer + offset */
  GOTLS_G_FS_INDIRECT = 3, /* at thread pointer + the 8 bytes at link-time address `address` */
};

struct gotls_g_source {
  gotls_u8 kind;
  gotls_u8 reg;
  gotls_u16 pad;
  gotls_s32 offset;
  gotls_u64 address;
};

/* Index: the attach cookie. */
struct gotls_site {
  gotls_u64 address; /* link-time virtual address: ip - address is the load bias */
  gotls_u32 module;
  gotls_u8 kind;
  gotls_u8 direction;
  gotls_u8 flags;  /* gotls_data_flags */
  gotls_u8 branch; /* gotls_branch */
  struct gotls_place conn;
  struct gotls_place data;
  struct gotls_place data_fallback; /* when `data` fails its check */
  struct gotls_place length;
};

/* A Go string or slice at a site: pointer and length. */
struct gotls_slice_place {
  struct gotls_place data;
  struct gotls_place length;
};

/* The arguments at a GOTLS_SITE_SECRET, of which a module has one at most. */
struct gotls_secret_places {
  struct gotls_slice_place label;
  struct gotls_slice_place client_random;
  struct gotls_slice_place secret;
};

/* Index: gotls_site.module. Offsets from the type descriptors; GOTLS_NO_OFFSET where a field was
 * not found. */
struct gotls_module {
  struct gotls_g_source g;
  gotls_u32 g_goid;
  gotls_u32 g_stack_hi;
  /* crypto/tls.Conn */
  gotls_u32 conn_conn;
  gotls_u32 conn_is_client;
  gotls_u32 conn_handshakes;
  gotls_u32 conn_version;
  gotls_u32 conn_cipher_suite;
  gotls_u32 conn_server_name;
  gotls_u32 conn_alpn;
  gotls_u32 conn_did_resume;
  /* net */
  gotls_u32 fd_sysfd; /* netFD.pfd.Sysfd */
  gotls_u32 fd_laddr;
  gotls_u32 fd_raddr;
  gotls_u32 tcp_addr_ip;
  gotls_u32 tcp_addr_port;
  gotls_u32 unix_addr_name;
  gotls_u32 flags; /* gotls_module_flags */
  /* quic-go's receiveStream and sendStream, by direction */
  gotls_u32 stream_id[2];
  gotls_u32 receive_ended; /* not 0 when Read has given the last bytes */
  /* Link-time addresses to which writeRecordLocked returns in Write: tells application data from
   * alerts. */
  gotls_u64 write_return[GOTLS_WRITE_RETURNS];
  struct gotls_secret_places secret;
};

enum gotls_module_flags {
  GOTLS_MODULE_ALL_PROCESSES =
      1, /* every process that runs this binary is traced, not only those in `processes` */
  GOTLS_MODULE_HANDSHAKE =
      2, /* handshakes are hooked: a new connection is told from late data of a closed one */
  GOTLS_MODULE_QUIC = 4, /* connections are directions of streams of quic-go */
};

/* Value of the map `processes`, by pid. */
enum gotls_process_flags {
  GOTLS_PROCESS_TRACED = 1, /* wanted by the user */
  GOTLS_PROCESS_SEEN = 2,   /* has had connections: its exit matters */
};

/* How to get from a value to the next one on the way to a socket or an address. */
enum gotls_type_step {
  GOTLS_STEP_NET_FD = 1,    /* data + offset holds a *netFD: arrived */
  GOTLS_STEP_INTERFACE = 2, /* data + offset holds an interface: go on with it */
  GOTLS_STEP_POINTER =
      3, /* data + offset holds a pointer to a value of type next_type (a pointer type): go on */
  GOTLS_STEP_DIRECT = 4,   /* the data word itself is that pointer */
  GOTLS_STEP_TLS_CONN = 5, /* as GOTLS_STEP_INTERFACE, and the connection is TLS inside TLS */
  GOTLS_STEP_TCP_ADDR = 6,
  GOTLS_STEP_UNIX_ADDR = 7,
};

struct gotls_type_key {
  gotls_u64 type; /* link-time address of the type descriptor */
  gotls_u32 module;
  gotls_u32 pad;
};

struct gotls_type {
  gotls_u32 step;
  gotls_u32 offset;
  gotls_u64 next_type;
};

struct gotls_conn_key {
  gotls_u64 conn;
  gotls_u32 pid;
  gotls_u32 pad;
};

/* Of a connection, the direction that nobody wants to have up to some position. */
struct gotls_skip_key {
  gotls_u64 conn;
  gotls_u32 pid;
  gotls_u32 direction;
};

/* Applies to this generation only: what is left of an earlier one does no harm. */
struct gotls_skip {
  gotls_u64 generation;
  gotls_u64 until; /* bytes below this position are not copied */
};

/*
 * One a live *tls.Conn, or direction of a QUIC stream. A position counts every byte that passed,
 * captured or not. Go reuses memory, so the address alone does not name a connection: the
 * generation (the time of first sight, ns) does.
 */
struct gotls_conn_state {
  gotls_u64 generation;
  gotls_u64 position[2];
  gotls_u64 write_position; /* where the latest Write began */
  gotls_u64 write_length;
  gotls_u8 loss[2]; /* gotls_loss since the last data event, by direction */
  gotls_u8 announced;
  gotls_u8 closed;
  gotls_u32 module;
  gotls_u64 stream_id; /* of a QUIC stream */
  gotls_u64 closed_at;
};

#ifndef __bpf__
static_assert(sizeof(struct gotls_event_header) == 24, "event header layout");
static_assert(sizeof(struct gotls_data_event) == 80, "data event layout");
static_assert(sizeof(struct gotls_address) == 24, "address layout");
static_assert(sizeof(struct gotls_conn_event) == 1424, "conn event layout");

static_assert(sizeof(struct gotls_close_event) == 64, "close event layout");
static_assert(sizeof(struct gotls_secret_event) == 168, "secret event layout");
static_assert(sizeof(struct gotls_container_event) == 40, "container event layout");
static_assert(sizeof(struct gotls_site) == 48, "site layout");
static_assert(sizeof(struct gotls_conn_state) == 64, "connection state layout");
#else
_Static_assert(sizeof(struct gotls_event_header) == 24, "event header layout");
_Static_assert(sizeof(struct gotls_data_event) == 80, "data event layout");
_Static_assert(sizeof(struct gotls_close_event) == 64, "close event layout");
_Static_assert(sizeof(struct gotls_secret_event) == 168, "secret event layout");
_Static_assert(sizeof(struct gotls_site) == 48, "site layout");
_Static_assert(sizeof(struct gotls_conn_state) == 64, "connection state layout");
#endif
