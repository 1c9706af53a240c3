#include "probe/kernel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <sys/epoll.h>

#include <cerrno>
#include <cstring>

#include "base/unique_fd.h"
#include "probe/programs.h"
#include "probe/skeleton.h"

namespace gotls {
namespace {

struct RingDeleter {
  void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
};

std::string FdPath(int fd) { return fmt::format("/proc/self/fd/{}", fd); }

class BpfKernel : public Kernel {
 public:
  explicit BpfKernel(Programs programs)
      : programs_(std::move(programs)), skeleton_(&programs_.skeleton()) {}

  Result<void> Start(const KernelOptions& options) {
    const auto& maps = skeleton_->maps;
    for (const std::string& comm : options.comms) {
      char key[GOTLS_COMM_BYTES] = {};
      comm.copy(key, sizeof(key) - 1);
      const std::uint32_t one = 1;
      if (auto done = Update(maps.comms, &key, &one); !done) return done;
    }
    if (const int error = gotls_bpf__attach(skeleton_); error != 0)
      return std::unexpected(LoadError(-error));
    ring_.reset(ring_buffer__new(bpf_map__fd(maps.events), &BpfKernel::OnSample, this, nullptr));
    if (!ring_) return std::unexpected(LoadError(errno));
    return WatchRing(bpf_map__fd(maps.events));
  }

  std::string attach_kind() const override {
    return features().multi ? "uprobe_multi" : "perf event";
  }
  KernelFeatures features() const override { return programs_.features(); }

  Result<std::vector<std::unique_ptr<Link>>> Attach(int fd,
                                                    std::span<const AttachPoint> points) override {
    return programs_.Attach(FdPath(fd), points);
  }

  Result<void> SetSite(std::uint32_t index, const gotls_site& site) override {
    return Update(skeleton_->maps.sites, &index, &site);
  }
  Result<void> SetModule(std::uint32_t index, const gotls_module& module) override {
    return Update(skeleton_->maps.modules, &index, &module);
  }
  Result<void> SetType(const gotls_type_key& key, const gotls_type& type) override {
    return Update(skeleton_->maps.types, &key, &type);
  }
  void RemoveType(const gotls_type_key& key) override {
    bpf_map_delete_elem(bpf_map__fd(skeleton_->maps.types), &key);
  }
  Result<void> TraceProcess(std::uint32_t pid) override {
    const std::uint32_t flags = GOTLS_PROCESS_TRACED;
    return Update(skeleton_->maps.processes, &pid, &flags);
  }
  bool Traces(std::uint32_t pid) override {
    std::uint32_t flags = 0;
    return bpf_map_lookup_elem(bpf_map__fd(skeleton_->maps.processes), &pid, &flags) == 0 &&
           (flags & GOTLS_PROCESS_TRACED) != 0;
  }

  bool GetConn(const gotls_conn_key& key, gotls_conn_state* state) override {
    return bpf_map_lookup_elem(bpf_map__fd(skeleton_->maps.conns), &key, state) == 0;
  }
  void RemoveConn(const gotls_conn_key& key) override {
    bpf_map_delete_elem(bpf_map__fd(skeleton_->maps.conns), &key);
  }

  // A failure costs copies that nobody wants, no more.
  void SetSkip(const gotls_skip_key& key, const gotls_skip& skip) override {
    (void)Update(skeleton_->maps.skips, &key, &skip);
  }

  std::vector<std::pair<gotls_conn_key, gotls_conn_state>> AllConns() override {
    std::vector<std::pair<gotls_conn_key, gotls_conn_state>> all;
    const int fd = bpf_map__fd(skeleton_->maps.conns);
    const std::uint32_t most = bpf_map__max_entries(skeleton_->maps.conns);
    gotls_conn_key key{};
    gotls_conn_key* previous = nullptr;
    // Bounded, since a table that changes underneath can send the walk back to its start.
    for (std::uint32_t i = 0; i < most && bpf_map_get_next_key(fd, previous, &key) == 0; i++) {
      gotls_conn_state state{};
      if (GetConn(key, &state)) all.emplace_back(key, state);
      previous = &key;
    }
    return all;
  }

  std::vector<std::uint64_t> Counters() override {
    std::vector<std::uint64_t> sums(GOTLS_COUNTER_COUNT);
    const int cpus = libbpf_num_possible_cpus();
    if (cpus <= 0) return sums;
    std::vector<std::uint64_t> values(static_cast<std::size_t>(cpus) * GOTLS_COUNTER_COUNT);
    const std::uint32_t zero = 0;
    if (bpf_map_lookup_elem(bpf_map__fd(skeleton_->maps.counter_values), &zero, values.data()) != 0)
      return sums;
    for (std::size_t i = 0; i < values.size(); i++) sums[i % GOTLS_COUNTER_COUNT] += values[i];
    return sums;
  }

  int ring_fd() const override { return wake_ups_.get(); }

  void Consume(const std::function<bool(Bytes)>& on_event) override {
    epoll_event taken{};
    (void)epoll_wait(wake_ups_.get(), &taken, 1, 0);
    on_event_ = &on_event;
    ring_buffer__consume(ring_.get());
    on_event_ = nullptr;
    *static_cast<volatile bool*>(&skeleton_->data->reader_waits) = true;
  }

 private:
  // libbpf's own descriptor is readable as long as anything waits, once the reader has been woken:
  // it would go round for every single event.
  Result<void> WatchRing(int ring) {
    wake_ups_.Reset(epoll_create1(EPOLL_CLOEXEC));
    epoll_event wanted{};
    wanted.events = EPOLLIN | EPOLLET;
    if (!wake_ups_.valid() || epoll_ctl(wake_ups_.get(), EPOLL_CTL_ADD, ring, &wanted) != 0)
      return std::unexpected(LoadError(errno));
    return {};
  }

  static int OnSample(void* self, void* data, std::size_t size) {
    const auto* kernel = static_cast<BpfKernel*>(self);
    return (*kernel->on_event_)({static_cast<const std::byte*>(data), size}) ? 0 : -ECANCELED;
  }

  static Result<void> Update(const bpf_map* map, const void* key, const void* value) {
    if (bpf_map_update_elem(bpf_map__fd(map), key, value, BPF_ANY) == 0) return {};
    return Fail(ErrorKind::kHost, fmt::format("can't update: {}", std::strerror(errno)),
                fmt::format("BPF map {}", bpf_map__name(map)));
  }

  Programs programs_;
  gotls_bpf* skeleton_;  // of programs_
  std::unique_ptr<ring_buffer, RingDeleter> ring_;
  UniqueFd wake_ups_;  // an epoll instance
  const std::function<bool(Bytes)>* on_event_ = nullptr;
};

int QuietLibbpf(libbpf_print_level /*level*/, const char* /*format*/, va_list /*arguments*/) {
  return 0;
}

}  // namespace

Result<std::unique_ptr<Kernel>> Kernel::Load(const KernelOptions& options) {
  libbpf_set_print(&QuietLibbpf);
  auto programs = Programs::Load(options);
  if (!programs) return std::unexpected(programs.error());
  auto kernel = std::make_unique<BpfKernel>(std::move(*programs));
  if (auto started = kernel->Start(options); !started) return std::unexpected(started.error());
  return kernel;
}

}  // namespace gotls
