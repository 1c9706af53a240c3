#include "probe/kernel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cerrno>
#include <cstring>

#include "probe/pid_namespace.h"
#include "probe/privilege.h"

// The generated skeleton is C-style.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include "gotls.skel.h"
#pragma GCC diagnostic pop

namespace gotls {
namespace {

// Newer than some kernel headers.
constexpr auto kUprobeMulti = static_cast<bpf_attach_type>(48);
constexpr std::uint64_t kMinRingBytes = 4096;
constexpr std::uint64_t kMaxRingBytes = 1ULL << 30;

struct SkeletonDeleter {
  void operator()(gotls_bpf* skeleton) const { gotls_bpf__destroy(skeleton); }
};
using Skeleton = std::unique_ptr<gotls_bpf, SkeletonDeleter>;

struct RingDeleter {
  void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
};

class BpfLink : public Link {
 public:
  explicit BpfLink(bpf_link* link) : link_(link) {}
  ~BpfLink() override { bpf_link__destroy(link_); }
  BpfLink(const BpfLink&) = delete;
  BpfLink& operator=(const BpfLink&) = delete;

 private:
  bpf_link* link_;
};

std::string FdPath(int fd) { return fmt::format("/proc/self/fd/{}", fd); }

Result<std::unique_ptr<Link>> Wrap(bpf_link* link, const std::string& what) {
  if (link == nullptr) {
    return Fail(ErrorKind::kHost, fmt::format("can't attach a uprobe: {}", std::strerror(errno)),
                what, "run gotls doctor");
  }
  return std::make_unique<BpfLink>(link);
}

Error LoadError(int error) {
  const auto missing = MissingCapabilities();
  if ((error == EPERM || error == EACCES) && !missing.empty()) {
    return {ErrorKind::kHost, fmt::format("not permitted: missing {}", fmt::join(missing, ", ")),
            "loading the BPF programs", "run as root"};
  }
  return {ErrorKind::kHost, fmt::format("the kernel refused them: {}", std::strerror(error)),
          "loading the BPF programs", "gotls needs Linux 6.1 or newer with BTF; run gotls doctor"};
}

// The programs with the options set, not loaded yet.
Result<Skeleton> OpenSkeleton(const KernelOptions& options, bool multi) {
  Skeleton skeleton(gotls_bpf__open());
  if (!skeleton) return std::unexpected(LoadError(errno));
  const std::uint64_t ring =
      std::bit_ceil(std::clamp(options.ring_bytes, kMinRingBytes, kMaxRingBytes));
  bpf_map__set_max_entries(skeleton->maps.events, static_cast<std::uint32_t>(ring));
  skeleton->rodata->max_op = options.max_op;
  skeleton->rodata->wakeup_bytes = ring / 4;
  skeleton->rodata->watch_execs = options.watch_execs;
  skeleton->rodata->follow_children = options.follow_children;
  skeleton->rodata->match_comms = !options.comms.empty();
  skeleton->rodata->use_skips = options.skips;
  if (!options.skips) bpf_map__set_max_entries(skeleton->maps.skips, 1);
  const int cpus = libbpf_num_possible_cpus();
  const std::uint32_t a_cpu = bpf_map__max_entries(skeleton->maps.works);
  bpf_map__set_max_entries(skeleton->maps.works, a_cpu * static_cast<unsigned>(std::max(cpus, 1)));
  if (const auto ns = OwnPidNamespace(); ns && !ns->initial) {
    skeleton->rodata->pidns_dev = ns->dev;
    skeleton->rodata->pidns_ino = ns->ino;
  }
  if (multi) bpf_program__set_expected_attach_type(skeleton->progs.gotls_site, kUprobeMulti);
  return skeleton;
}

bpf_link* AttachMulti(const gotls_bpf& skeleton, const std::string& path,
                      std::span<const AttachPoint> points) {
  std::vector<unsigned long> offsets;
  std::vector<__u64> cookies;
  for (const AttachPoint& point : points) {
    offsets.push_back(point.offset.value);
    cookies.push_back(point.site);
  }
  LIBBPF_OPTS(bpf_uprobe_multi_opts, opts, .offsets = offsets.data(), .cookies = cookies.data(),
              .cnt = offsets.size());
  return bpf_program__attach_uprobe_multi(skeleton.progs.gotls_site, -1, path.c_str(), nullptr,
                                          &opts);
}

bpf_link* AttachPerf(const gotls_bpf& skeleton, const std::string& path, const AttachPoint& point) {
  LIBBPF_OPTS(bpf_uprobe_opts, opts, .bpf_cookie = point.site);
  return bpf_program__attach_uprobe_opts(skeleton.progs.gotls_site, -1, path.c_str(),
                                         point.offset.value, &opts);
}

// Loading succeeds on kernels that then refuse to attach (before 6.6), so the test is an attach: to
// our own file's header, which no process executes.
bool CanAttachMulti(const gotls_bpf& skeleton) {
  const AttachPoint header{FileOffset{0}, GOTLS_MAX_SITES};
  bpf_link* link = AttachMulti(skeleton, "/proc/self/exe", {&header, 1});
  if (link == nullptr) return false;
  bpf_link__destroy(link);
  return true;
}

Result<Skeleton> LoadSkeleton(const KernelOptions& options, bool* multi) {
  for (const bool try_multi : {true, false}) {
    auto skeleton = OpenSkeleton(options, try_multi);
    if (!skeleton) return skeleton;
    if (const int error = gotls_bpf__load(skeleton->get()); error != 0) {
      if (try_multi && error != -EPERM) continue;
      return std::unexpected(LoadError(-error));
    }
    *multi = try_multi;
    if (!try_multi || CanAttachMulti(**skeleton)) return skeleton;
  }
  return std::unexpected(LoadError(ENOSYS));
}

class BpfKernel : public Kernel {
 public:
  BpfKernel(Skeleton skeleton, bool multi) : skeleton_(std::move(skeleton)), multi_(multi) {}

  Result<void> Start(const KernelOptions& options) {
    const auto& maps = skeleton_->maps;
    for (const std::string& comm : options.comms) {
      char key[GOTLS_COMM_BYTES] = {};
      comm.copy(key, sizeof(key) - 1);
      const std::uint32_t one = 1;
      if (auto done = Update(maps.comms, &key, &one); !done) return done;
    }
    if (const int error = gotls_bpf__attach(skeleton_.get()); error != 0)
      return std::unexpected(LoadError(-error));
    ring_.reset(ring_buffer__new(bpf_map__fd(maps.events), &BpfKernel::OnSample, this, nullptr));
    if (!ring_) return std::unexpected(LoadError(errno));
    return {};
  }

  std::string attach_kind() const override { return multi_ ? "uprobe_multi" : "perf event"; }

  Result<std::vector<std::unique_ptr<Link>>> Attach(int fd,
                                                    std::span<const AttachPoint> points) override {
    std::vector<std::unique_ptr<Link>> links;
    const std::string path = FdPath(fd);
    if (multi_) {
      auto link = Wrap(AttachMulti(*skeleton_, path, points), path);
      if (!link) return std::unexpected(link.error());
      links.push_back(std::move(*link));
      return links;
    }
    for (const AttachPoint& point : points) {
      auto link = Wrap(AttachPerf(*skeleton_, path, point), path);
      if (!link) return std::unexpected(link.error());
      links.push_back(std::move(*link));
    }
    return links;
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

  int ring_fd() const override { return ring_buffer__epoll_fd(ring_.get()); }

  void Consume(const std::function<bool(Bytes)>& on_event) override {
    on_event_ = &on_event;
    ring_buffer__consume(ring_.get());
    on_event_ = nullptr;
  }

 private:
  static int OnSample(void* self, void* data, std::size_t size) {
    const auto* kernel = static_cast<BpfKernel*>(self);
    return (*kernel->on_event_)({static_cast<const std::byte*>(data), size}) ? 0 : -ECANCELED;
  }

  static Result<void> Update(const bpf_map* map, const void* key, const void* value) {
    if (bpf_map_update_elem(bpf_map__fd(map), key, value, BPF_ANY) == 0) return {};
    return Fail(ErrorKind::kHost, fmt::format("can't update: {}", std::strerror(errno)),
                fmt::format("BPF map {}", bpf_map__name(map)));
  }

  Skeleton skeleton_;
  bool multi_;
  std::unique_ptr<ring_buffer, RingDeleter> ring_;
  const std::function<bool(Bytes)>* on_event_ = nullptr;
};

int QuietLibbpf(libbpf_print_level /*level*/, const char* /*format*/, va_list /*arguments*/) {
  return 0;
}

}  // namespace

Result<std::unique_ptr<Kernel>> Kernel::Load(const KernelOptions& options) {
  libbpf_set_print(&QuietLibbpf);
  bool multi = false;
  auto skeleton = LoadSkeleton(options, &multi);
  if (!skeleton) return std::unexpected(skeleton.error());
  auto kernel = std::make_unique<BpfKernel>(std::move(*skeleton), multi);
  if (auto started = kernel->Start(options); !started) return std::unexpected(started.error());
  return kernel;
}

}  // namespace gotls
