#include "probe/programs.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "probe/kernel_release.h"
#include "probe/pid_namespace.h"
#include "probe/privilege.h"
#include "probe/site_program.h"
#include "probe/skeleton.h"
// Only for its bytes: the maps and programs are the same.
#include "probe/skeleton_before_6_0.h"

namespace gotls {
namespace {

// Newer than some kernel headers.
constexpr auto kUprobeMulti = static_cast<bpf_attach_type>(48);
constexpr std::uint64_t kMinRingBytes = 4096;
constexpr std::uint64_t kMaxRingBytes = 1ULL << 30;

static_assert(sizeof(*gotls_bpf::rodata) == sizeof(*gotls_before_6_0_bpf::rodata),
              "both forms have the same configuration");

class BpfLink : public Link {
 public:
  explicit BpfLink(bpf_link* link) : link_(link) {}
  ~BpfLink() override { bpf_link__destroy(link_); }
  BpfLink(const BpfLink&) = delete;
  BpfLink& operator=(const BpfLink&) = delete;

 private:
  bpf_link* link_;
};

class EventLink : public Link {
 public:
  explicit EventLink(UniqueFd event) : event_(std::move(event)) {}

 private:
  UniqueFd event_;
};

constexpr const char* kMoreFiles = "raise the limit of open files (ulimit -n)";

bool IsOutOfFiles(int error) { return error == EMFILE || error == ENFILE; }

Result<std::unique_ptr<Link>> Wrap(bpf_link* link, const std::string& what) {
  if (link == nullptr) {
    const int error = errno;
    return Fail(ErrorKind::kHost, fmt::format("can't attach a uprobe: {}", std::strerror(error)),
                what, IsOutOfFiles(error) ? kMoreFiles : "run gotls doctor");
  }
  return std::make_unique<BpfLink>(link);
}

int MapFd(const gotls_bpf& skeleton, const char* name) {
  return bpf_object__find_map_fd_by_name(skeleton.obj, name);
}

// What the options, and this host, decide about the programs and maps.
void Configure(gotls_bpf& skeleton, const KernelFeatures& features, const KernelOptions& options) {
  const std::uint64_t ring =
      std::bit_ceil(std::clamp(options.ring_bytes, kMinRingBytes, kMaxRingBytes));
  bpf_map__set_max_entries(skeleton.maps.events, static_cast<std::uint32_t>(ring));
  constexpr auto kMaxOpBefore6 = std::uint64_t{GOTLS_OP_CHUNKS_BEFORE_6_0} * GOTLS_CHUNK_BYTES;
  skeleton.rodata->max_op =
      features.sleepable ? options.max_op : std::min(options.max_op, kMaxOpBefore6);
  skeleton.rodata->wakeup_bytes = ring / 8;
  skeleton.rodata->watch_execs = options.watch_execs;
  skeleton.rodata->follow_children = options.follow_children;
  skeleton.rodata->match_comms = !options.comms.empty();
  skeleton.rodata->only_process = options.only_process;
  skeleton.rodata->use_skips = options.skips;
  skeleton.rodata->use_cookies = features.cookies;
  if (!options.skips) bpf_map__set_max_entries(skeleton.maps.skips, 1);
  const int cpus = libbpf_num_possible_cpus();
  const std::uint32_t a_cpu = bpf_map__max_entries(skeleton.maps.works);
  bpf_map__set_max_entries(skeleton.maps.works, a_cpu * static_cast<unsigned>(std::max(cpus, 1)));
  if (const auto ns = OwnPidNamespace(); ns && !ns->initial) {
    skeleton.rodata->pidns_dev = ns->dev;
    skeleton.rodata->pidns_ino = ns->ino;
  }
  if (features.multi)
    bpf_program__set_expected_attach_type(skeleton.progs.gotls_site, kUprobeMulti);
}

bool HasCookies() {
  return libbpf_probe_bpf_helper(BPF_PROG_TYPE_KPROBE, BPF_FUNC_get_attach_cookie, nullptr) == 1;
}

}  // namespace

Error LoadError(int error) {
  constexpr const char* kWhere = "loading the BPF programs";
  const auto missing = MissingCapabilities();
  if ((error == EPERM || error == EACCES) && !missing.empty()) {
    return {ErrorKind::kHost, fmt::format("not permitted: missing {}", fmt::join(missing, ", ")),
            kWhere, "run as root"};
  }
  if (IsOutOfFiles(error)) {
    return {ErrorKind::kHost, std::strerror(error), kWhere, kMoreFiles};
  }
  if (const std::string release = KernelRelease(); !IsSupported(release)) {
    return {ErrorKind::kHost, fmt::format("Linux {} is too old", release), kWhere,
            "gotls needs Linux 5.10 or newer"};
  }
  if (access("/sys/kernel/btf/vmlinux", R_OK) != 0) {
    return {
        ErrorKind::kHost,
        "no /sys/kernel/btf/vmlinux: without it nobody knows where this kernel keeps a process's "
        "parent, threads and thread pointer",
        kWhere, "use a kernel with CONFIG_DEBUG_INFO_BTF=y, with /sys mounted"};
  }
  return {ErrorKind::kHost, fmt::format("the kernel refused them: {}", std::strerror(error)),
          kWhere, "gotls needs Linux 5.10 or newer with BTF; run gotls doctor"};
}

void Programs::Destroy::operator()(gotls_bpf* skeleton) const { gotls_bpf__destroy(skeleton); }

// Not loaded yet. Both forms have the same maps and programs, so that one skeleton opens both.
Programs::Skeleton Programs::OpenFor(const KernelFeatures& features) {
  Skeleton skeleton(static_cast<gotls_bpf*>(std::calloc(1, sizeof(gotls_bpf))));
  if (!skeleton || gotls_bpf__create_skeleton(skeleton.get()) != 0) return {};
  bpf_object_skeleton& parts = *skeleton->skeleton;
  if (!features.sleepable) parts.data = gotls_before_6_0_bpf__elf_bytes(&parts.data_sz);
  if (bpf_object__open_skeleton(&parts, nullptr) != 0) return {};
  return skeleton;
}

Result<Programs> Programs::LoadAs(const KernelFeatures& features, const KernelOptions& options,
                                  int* error) {
  Programs programs(OpenFor(features), features);
  *error = errno;
  if (!programs.skeleton_) return std::unexpected(LoadError(*error));
  Configure(*programs.skeleton_, features, options);
  *error = -gotls_bpf__load(programs.skeleton_.get());
  if (*error != 0) return std::unexpected(LoadError(*error));
  if (!features.cookies) {
    const std::uint32_t zero = 0;
    const int program = bpf_program__fd(programs.skeleton_->progs.gotls_site);
    if (bpf_map_update_elem(MapFd(*programs.skeleton_, "site_program"), &zero, &program, BPF_ANY) !=
        0)
      return std::unexpected(LoadError(errno));
  }
  return programs;
}

// Loading succeeds on kernels that then refuse to attach (uprobe_multi before 6.6), so the test is
// an attach, to a folder: bpf_uprobe_multi_link_attach() in kernel/trace/bpf_trace.c says EBADF of
// what is no regular file. To attach to a file and let it go again would take a good part of the
// time that starting takes.
bool Programs::KnowsMulti() const {
  const unsigned long offset = 0;
  LIBBPF_OPTS(bpf_link_create_opts, opts);
  opts.uprobe_multi.path = "/";
  opts.uprobe_multi.offsets = &offset;
  opts.uprobe_multi.cnt = 1;
  const UniqueFd link(
      bpf_link_create(bpf_program__fd(skeleton_->progs.gotls_site), -1, kUprobeMulti, &opts));
  return !link.valid() && errno == EBADF;
}

Result<Programs> Programs::Load(const KernelOptions& options) {
  int error = 0;
  for (const KernelFeatures& features :
       {KernelFeatures{.multi = true, .sleepable = true, .cookies = true},
        KernelFeatures{.multi = false, .sleepable = true, .cookies = true},
        KernelFeatures{.multi = false, .sleepable = false, .cookies = HasCookies()}}) {
    auto programs = LoadAs(features, options, &error);
    if (programs && (!features.multi || programs->KnowsMulti())) return programs;
    if (!programs && error == EPERM) return programs;
  }
  return std::unexpected(LoadError(error != 0 ? error : ENOSYS));
}

Result<std::vector<std::unique_ptr<Link>>> Programs::Attach(
    const std::string& path, std::span<const AttachPoint> points) const {
  std::vector<std::unique_ptr<Link>> links;
  if (features_.multi) {
    auto link = AttachMulti(path, points);
    if (!link) return std::unexpected(link.error());
    links.push_back(std::move(*link));
    return links;
  }
  for (const AttachPoint& point : points) {
    auto link = AttachOne(path, point);
    if (!link) return std::unexpected(link.error());
    links.push_back(std::move(*link));
  }
  return links;
}

Result<std::unique_ptr<Link>> Programs::AttachMulti(const std::string& path,
                                                    std::span<const AttachPoint> points) const {
  std::vector<unsigned long> offsets;
  std::vector<__u64> cookies;
  for (const AttachPoint& point : points) {
    offsets.push_back(point.offset.value);
    cookies.push_back(point.site);
  }
  LIBBPF_OPTS(bpf_uprobe_multi_opts, opts, .offsets = offsets.data(), .cookies = cookies.data(),
              .cnt = offsets.size());
  return Wrap(bpf_program__attach_uprobe_multi(skeleton_->progs.gotls_site, -1, path.c_str(),
                                               nullptr, &opts),
              path);
}

Result<std::unique_ptr<Link>> Programs::AttachOne(const std::string& path,
                                                  const AttachPoint& point) const {
  if (features_.cookies) {
    LIBBPF_OPTS(bpf_uprobe_opts, opts, .bpf_cookie = point.site);
    return Wrap(bpf_program__attach_uprobe_opts(skeleton_->progs.gotls_site, -1, path.c_str(),
                                                point.offset.value, &opts),
                path);
  }
  auto program = LoadSiteProgram(
      {MapFd(*skeleton_, "current_site"), MapFd(*skeleton_, "site_program")}, point.site);
  if (!program) return std::unexpected(program.error());
  auto event = OpenProbeEvent(*program, path, point.offset);
  if (!event) return std::unexpected(event.error());
  return std::make_unique<EventLink>(std::move(*event));
}

}  // namespace gotls
