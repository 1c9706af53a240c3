// What the stages after binary/ know of a Go program or library: plain data, made from untrusted
// bytes by GoBinary (binary/go_binary.h). Addresses are link-time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/units.h"

namespace gotls {

enum class Arch : std::uint8_t { kAmd64, kArm64 };

// A function of the program. `code` points into the GoBinary's copy of the file and lives as long
// as that; its end is the next function's start (padding included).
struct Function {
  std::string name;  // full: crypto/tls.(*Conn).Read
  VirtualAddress address;
  FileOffset offset;
  Bytes code;
};

// Field offsets in bytes, from the run-time type descriptors; nullopt: not found. All of them are
// there in every build of Go 1.15 to 1.27 that was looked at; all are missing when the types are
// not found.
struct StructOffsets {
  using Offset = std::optional<std::uint32_t>;
  // runtime.g
  Offset g_goid;
  Offset g_stack_hi;  // g.stack.hi
  // crypto/tls.Conn
  Offset conn_conn;
  Offset conn_is_client;
  Offset conn_handshakes;
  Offset conn_version;  // vers
  Offset conn_cipher_suite;
  Offset conn_server_name;
  Offset conn_alpn;  // clientProtocol
  Offset conn_did_resume;
  Offset conn_input;  // bytes.Reader: s at +0 (ptr, len, cap), i at +24
  Offset conn_in;     // halfConn
  Offset conn_out;    // halfConn
  // net
  Offset fd_sysfd;  // netFD.pfd.Sysfd
  Offset fd_laddr;
  Offset fd_raddr;
  Offset tcp_addr_ip;
  Offset tcp_addr_port;
  Offset unix_addr_name;
  // quic-go's receiveStream and sendStream
  Offset receive_stream_id;  // streamID
  Offset send_stream_id;
  Offset receive_ended;  // a bool, set when Read has given the last bytes
};

// One step from a net.Conn or net.Addr implementation towards the socket or the address; see enum
// gotls_type_step in bpf/event.h, whose values `step` holds. `type` is the address of the
// descriptor that stands in the itab. Types without a way on (net.Pipe's) have no step.
struct TypeStep {
  VirtualAddress type;
  std::uint32_t step = 0;
  std::uint32_t offset = 0;
  VirtualAddress next_type;
  std::string type_name;  // "*net.TCPConn"
};

// A type of a TLS package that embeds a *Conn and may have a Write of its own: utls' UConn.
struct ConnWrapper {
  std::string name;               // "UConn"
  std::uint32_t conn_offset = 0;  // of the *Conn in it
};

enum class PackageKind : std::uint8_t { kTls, kQuic };

// A package whose plaintext can be captured: a copy of crypto/tls, the standard one or a fork under
// another import path; or one of quic-go, which has its own record layer: its bytes never pass a
// tls.Conn.
struct TlsPackage {
  PackageKind kind = PackageKind::kTls;
  std::string path;  // "crypto/tls"
  // Those that exist, by their name without the package: "(*Conn).Read", "(*Conn).Write",
  // "(*Conn).Close", "(*Conn).writeRecordLocked", "(*Conn).readRecordOrCCS",
  // "(*Conn).clientHandshake", "(*Conn).serverHandshake" (missing in pure clients),
  // "(*Config).writeKeyLog", "(*halfConn).setErrorLocked" (inlined away in all builds so far);
  // and of wrappers "(*UConn).Write", "(*UConn).clientHandshake". kQuic: "(*receiveStream).Read",
  // "(*sendStream).Write" and those that end a stream; both types are exported since 0.53.
  std::vector<Function> functions;
  StructOffsets offsets;
  std::vector<ConnWrapper> wrappers;

  [[nodiscard]] const Function* Find(std::string_view name) const {
    for (const Function& f : functions) {
      const std::string_view full = f.name;
      if (full.ends_with(name) && full.substr(0, full.size() - name.size()).ends_with('.')) {
        return &f;
      }
    }
    return nullptr;
  }
};

struct GoFacts {
  Arch arch = Arch::kAmd64;
  std::string go_version;      // "go1.26.1"; empty when it could not be found
  std::string version_source;  // ".go.buildinfo", "runtime.buildVersion"
  std::string main_package;    // path of the main package or module; may be empty
  std::string build_id;        // GNU build id in hex, or Go's; may be empty
  // Its link-time addresses need not begin at 0: Go's own linker puts a PIE at 0x400000 too. The
  // load bias is the address of a mapping minus that of its segment.
  bool position_independent = false;
  bool shared_library = false;  // c-shared, plugin
  bool stripped = false;        // no .symtab
  bool has_sections = true;
  std::uint32_t function_count = 0;
  std::uint32_t go_minor = 0;  // 26 of go1.26.1; 0: unknown
  std::string pclntab;         // how it was found and its kind: ".gopclntab, magic 0xfffffff1"
  VirtualAddress text_start;   // runtime.text
  std::vector<TlsPackage> packages;
  std::vector<TypeStep> type_steps;
};

}  // namespace gotls
