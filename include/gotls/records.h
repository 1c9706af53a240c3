// The records that sinks receive: plain data, no behaviour. Produced by one thread, in the order in
// which the kernel saw the operations; a span in a record is valid only during the call that passes
// it.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace gotls {

// CLOCK_MONOTONIC nanoseconds, as bpf_ktime_get_ns() gives them.
struct KernelTime {
  std::uint64_t ns = 0;
  auto operator<=>(const KernelTime&) const = default;
};

using WallTime = std::chrono::sys_time<std::chrono::nanoseconds>;

// Offset of a byte in one direction of one connection, counted from the first byte that gotls was
// there for.
struct StreamPosition {
  std::uint64_t value = 0;
  auto operator<=>(const StreamPosition&) const = default;
};

// Number of a connection in this session, from 1. Never reused.
struct ConnId {
  std::uint64_t value = 0;
  auto operator<=>(const ConnId&) const = default;
};

// Seen from the traced program: what its Read returned, what its Write was given.
enum class Direction : std::uint8_t { kRead = 0, kWrite = 1 };

enum class Role : std::uint8_t { kUnknown, kClient, kServer };

enum class AddressFamily : std::uint8_t { kNone, kIpv4, kIpv6, kUnix };

// One end of the transport below TLS. kNone: the transport has no address (net.Pipe) or it could
// not be read.
struct Endpoint {
  AddressFamily family = AddressFamily::kNone;
  std::array<std::uint8_t, 16> ip{};  // network order; the first 4 bytes for kIpv4
  std::uint16_t port = 0;             // host order
  std::string path;                   // kUnix; a leading '@' marks the abstract namespace

  bool operator==(const Endpoint&) const = default;
};

// A container, as far as the host's files tell of it: what is not known is empty.
struct Container {
  std::string id;       // 64 hexadecimal digits; empty: no container
  std::string runtime;  // "podman", "docker", "containerd", "cri-o"
  std::string name;     // for the container engine or, in a pod, for Kubernetes
  std::string pod;
  std::string pod_namespace;  // of Kubernetes
  std::string pod_uid;

  bool operator==(const Container&) const = default;
};

struct Process {
  std::uint32_t pid = 0;  // in the pid namespace of the tracer
  std::string comm;
  std::string exe;                  // as the process sees it; empty when unknown
  std::uint32_t namespace_pid = 0;  // in its own pid namespace; 0: the same, or unknown
  Container container{};
};

// A *tls.Conn of a traced process, or one direction of a stream of quic-go, as it stood when its
// first byte was seen.
struct Connection {
  ConnId id;
  Process process;
  std::uint64_t tls_conn = 0;  // its address in the process: tells connections apart in a debugger
  Role role = Role::kUnknown;
  Endpoint local;
  Endpoint remote;
  std::int32_t fd = -1;           // -1: unknown
  std::uint16_t tls_version = 0;  // as on the wire: 0x0303, 0x0304; 0: unknown
  std::uint16_t cipher_suite = 0;
  bool resumed = false;
  bool nested = false;      // this TLS connection runs inside another one
  std::string server_name;  // SNI
  std::string alpn;
  std::string transport;  // Go type below TLS when it is not a plain TCP or Unix socket:
                          // "*net.pipe"; "quic": a direction of a stream
  std::optional<std::uint64_t> stream_id;  // of a QUIC stream; nothing: no stream, or unknown
  std::uint64_t goroutine = 0;             // that moved the first byte; 0: unknown
  WallTime opened;
};

// Bytes that one Read returned or one Write was given, or a part of them.
struct Chunk {
  Direction direction = Direction::kRead;
  StreamPosition position;
  std::span<const std::byte> data;
  std::uint64_t goroutine = 0;  // 0: unknown
  std::uint32_t thread = 0;
  WallTime time;
  // Seen when the operation returned (classic plan): of a Write, what the peer answered to it can
  // have come before. Otherwise a Write is seen before it is sent.
  bool at_return = false;
  // Of a Read's first bytes: the connection's first Write had begun by then, and comes later
  // (classic plan).
  bool before_first_write = false;
};

// Why bytes are missing; a bit mask, since one gap can have several causes.
enum GapReason : std::uint8_t {
  kGapUnknown = 0,
  kGapRingFull = 1,    // the ring buffer was full: raise --ring
  kGapUnreadable = 2,  // the kernel could not read the target's memory
  kGapCapped = 4,      // beyond --max-op of one operation
  kGapNotSent = 8,     // handed to Write, which failed: these bytes were not sent
  kGapSkipped = 16,    // nobody wants them: beyond --max-body, or a body with --headers-only
};

// Bytes that passed but were not captured: exactly `length` of them, from `position` on.
// With reasons == kGapNotSent (never mixed with others) it is no gap but a correction: the program
// gave these bytes to a Write that failed. They count in the stream, were delivered before as
// chunks (or gaps), and did not reach the peer.
struct Gap {
  Direction direction = Direction::kRead;
  StreamPosition position;
  std::uint64_t length = 0;
  std::uint8_t reasons = kGapUnknown;
  WallTime time;
};

enum class CloseReason : std::uint8_t {
  kClosed,       // (*Conn).Close
  kProcessExit,  // the process ended with the connection open
  kReused,       // dropped without Close; its memory serves a new connection
  kDetached,     // still open when tracing ended
};

struct StreamTotals {
  std::uint64_t captured = 0;  // bytes delivered in chunks
  std::uint64_t missing = 0;   // bytes announced in gaps, without those that nobody wanted
  std::uint64_t chunks = 0;
  std::uint64_t not_sent = 0;  // of the bytes above: given to a Write that failed, never sent
  std::uint64_t skipped = 0;   // bytes that nobody wanted: gaps with kGapSkipped alone
};

struct Close {
  CloseReason reason = CloseReason::kClosed;
  StreamTotals read;
  StreamTotals write;
  WallTime time;
};

// A secret of a TLS session, as a line of the NSS key log format has it. From the program's
// handshake: known before its connection is. Secret: handle with care.
struct TlsSecret {
  std::string label;  // "CLIENT_RANDOM" (TLS 1.2), "CLIENT_TRAFFIC_SECRET_0", ...
  std::span<const std::byte> client_random;  // 32 bytes
  std::span<const std::byte> secret;         // 48 bytes for CLIENT_RANDOM, else the hash's size
  std::uint64_t goroutine = 0;               // 0: unknown
  WallTime time;
};

struct Counter {
  std::string name;  // snake_case, stable: the name in docs and JSON
  std::uint64_t value = 0;
  std::string meaning;
};

// What a whole session saw.
struct Summary {
  std::uint64_t connections = 0;
  std::uint64_t processes = 0;
  StreamTotals read;
  StreamTotals write;
  std::vector<Counter> counters;
  std::uint32_t failed_outputs = 0;  // that broke on the way, each reported by a notice
  bool shows_secrets = false;        // --no-redact, and some output has what was decoded
  WallTime time;
};

}  // namespace gotls
