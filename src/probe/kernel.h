// The loaded kernel half: its maps, its ring buffer, its attach points.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/units.h"
#include "bpf/event.h"
#include "gotls/error.h"

namespace gotls {

struct KernelOptions {
  std::uint64_t max_op = 1 << 20;
  std::uint64_t ring_bytes = 16 << 20;
  bool watch_execs = false;        // report every exec, not only those of traced processes
  bool follow_children = false;    // children of traced processes are traced
  bool skips = false;              // SetSkip() will be called
  std::uint32_t only_process = 0;  // no other will ever be traced; 0: not known
  std::vector<std::string> comms;
};

// What this kernel can do that not every kernel can.
struct KernelFeatures {
  bool multi = false;      // one link for all probes of a binary (6.6)
  bool sleepable = false;  // programs of uprobes may fault pages in (6.0)
  bool cookies = false;    // a program is told which probe it was called for (5.15)
};

// Keeps a probe attached; destroying it detaches, on whatever thread.
class Link {
 public:
  virtual ~Link() = default;
};

// One site to attach: a file offset, and the index of its descriptor.
struct AttachPoint {
  FileOffset offset;
  std::uint32_t site = 0;
};

class Kernel {
 public:
  // Loads and verifies the programs and attaches the process watchers. kHost with what is missing
  // otherwise.
  static Result<std::unique_ptr<Kernel>> Load(const KernelOptions& options);

  virtual ~Kernel() = default;

  // "uprobe_multi" or "perf event".
  [[nodiscard]] virtual std::string attach_kind() const = 0;
  [[nodiscard]] virtual KernelFeatures features() const = 0;

  // Attaches to the file behind `fd` (borrowed); all points or none.
  virtual Result<std::vector<std::unique_ptr<Link>>> Attach(
      int fd, std::span<const AttachPoint> points) = 0;

  virtual Result<void> SetSite(std::uint32_t index, const gotls_site& site) = 0;
  virtual Result<void> SetModule(std::uint32_t index, const gotls_module& module) = 0;
  virtual Result<void> SetType(const gotls_type_key& key, const gotls_type& type) = 0;
  virtual void RemoveType(const gotls_type_key& key) = 0;
  virtual Result<void> TraceProcess(std::uint32_t pid) = 0;
  // Whether it is traced by itself: TraceProcess(), a parent, or its name was why.
  virtual bool Traces(std::uint32_t pid) = 0;

  // The state of a connection, if it is still there.
  virtual bool GetConn(const gotls_conn_key& key, gotls_conn_state* state) = 0;
  virtual void RemoveConn(const gotls_conn_key& key) = 0;
  // What nobody wants of one direction; replaces what was said of it before. With
  // KernelOptions::skips only.
  virtual void SetSkip(const gotls_skip_key& key, const gotls_skip& skip) = 0;
  // Every connection in the table.
  virtual std::vector<std::pair<gotls_conn_key, gotls_conn_state>> AllConns() = 0;
  // GOTLS_COUNTER_COUNT sums over all CPUs.
  virtual std::vector<std::uint64_t> Counters() = 0;

  // Readable when the kernel half woke the reader, since much data waits or a program was run or
  // ended, until Consume().
  [[nodiscard]] virtual int ring_fd() const = 0;
  // Hands over the events that wait, in order; ends early when `on_event` returns false. The span
  // is valid during the call only.
  virtual void Consume(const std::function<bool(Bytes)>& on_event) = 0;
};

}  // namespace gotls
