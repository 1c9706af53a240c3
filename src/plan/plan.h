// A probe plan: where to hook a binary, what to read there, what a hit costs, and why it is right.
// Plain data; probe/ attaches it as it stands, `gotls inspect` prints it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "binary/facts.h"
#include "gotls/error.h"
#include "gotls/options.h"
#include "gotls/records.h"

namespace gotls {

enum class PlanKind : std::uint8_t { kLean, kClassic };

// Whether the kernel emulates the probed instruction or single-steps a copy of it (20 times dearer
// on x86).
enum class SiteCost : std::uint8_t { kEmulated, kSingleStepped };

// Values are those of enum gotls_site_kind in bpf/event.h.
enum class SiteKind : std::uint8_t {
  kData = 1,       // one hit is one operation: conn, data, length are there
  kEntry = 2,      // classic: buffer and connection are saved
  kReturn = 3,     // classic: the result is there, the rest was saved
  kHandshake = 4,  // conn begins a handshake
  kClose = 5,      // conn is being closed
  kNotSent = 6,    // a record write failed: length is what was accepted
  kSecret = 7,     // a secret of a TLS session: SecretsPlan says where
};

// Values are those of enum gotls_branch in bpf/event.h. When the branch at a site is going to be
// taken, the hit does not count: the stack grows, and the function starts anew.
enum class CountedBranch : std::uint8_t { kAny = 0, kNotBelowOrEqual = 1 };

// Values are those of enum gotls_place_kind in bpf/event.h.
enum class PlaceKind : std::uint8_t {
  kNone = 0,
  kRegister = 1,
  kStack = 2,
  kInput = 3,
  kMemory = 4
};

// Where a value is found at a site. kStack: at stack pointer + offset. kInput: the data is the last
// `length` bytes consumed of the connection's input, the bytes.Reader at conn + offset (heap
// memory: no stack move touches it). kMemory: at the register + offset.
struct Place {
  PlaceKind kind = PlaceKind::kNone;
  std::uint8_t reg = 0;  // amd64: hardware number (rax 0, rcx 1, rdx 2, rbx 3, rsp 4, rbp 5, rsi 6,
                         // rdi 7, r8..r15); arm64: x0..x30, sp 31
  std::int32_t offset = 0;
  bool operator==(const Place&) const = default;
};

// "rcx", "[rsp+0x78]", "input@conn+0x2a0"; "x2", "[sp+0x80]".
std::string ToString(const Place& place, Arch arch);

struct Site {
  SiteKind kind = SiteKind::kData;
  VirtualAddress address;
  FileOffset file_offset;
  std::string function;  // full name
  std::uint32_t function_offset = 0;
  std::string instruction;       // "je 0x5a45de"
  std::vector<std::byte> bytes;  // of the instruction, compared before attaching
  SiteCost cost = SiteCost::kSingleStepped;
  Place conn;
  Place data;
  Place data_fallback;
  Place length;
  CountedBranch branch = CountedBranch::kAny;
};

struct DirectionPlan {
  Direction direction = Direction::kRead;
  PlanKind kind = PlanKind::kClassic;
  std::vector<Site> sites;
  std::string reason;  // the proof in words; for a classic plan also why no lean one was found
  // The connection's lock is held at the sites (kData): their hits come in the order of the bytes.
  bool locked = true;
};

// Values are those of enum gotls_g_kind in bpf/event.h.
enum class GSourceKind : std::uint8_t { kNone = 0, kRegister = 1, kFsOffset = 2, kFsIndirect = 3 };

// Where the current goroutine's g is at a site.
struct GSource {
  GSourceKind kind = GSourceKind::kNone;
  std::uint8_t reg = 0;
  std::int32_t offset = 0;
  VirtualAddress address;
};

enum class Abi : std::uint8_t { kStack, kRegister };

// A Go string or slice at a site.
struct SlicePlace {
  Place data;
  Place length;
};

// Where a handshake hands the session's secrets to (*Config).writeKeyLog, which it does whether or
// not the program keeps a key log. An extra: without a site, `reason` says why.
struct SecretsPlan {
  std::optional<Site> site;
  SlicePlace label;
  SlicePlace client_random;
  SlicePlace secret;
  std::string reason;
};

struct ProbePlan {
  std::string package;  // "crypto/tls"
  Arch arch = Arch::kAmd64;
  Abi abi = Abi::kRegister;
  GSource g;
  DirectionPlan read;
  DirectionPlan write;
  std::vector<Site> lifecycle;  // handshake and close; may be empty, `lifecycle_reason` says why
  std::string lifecycle_reason;
  bool every_handshake = false;  // no connection begins unseen by `lifecycle`
  SecretsPlan secrets;
};

}  // namespace gotls
