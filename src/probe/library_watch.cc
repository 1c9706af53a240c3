#include "probe/library_watch.h"

#include <fmt/format.h>
#include <linux/perf_event.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace gotls {
namespace {

constexpr std::size_t kRingBytes = 64 << 10;  // some hundred records
const std::size_t kPage = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));

// struct of a PERF_RECORD_MMAP2 behind its header, up to the path.
struct MmapRecord {
  std::uint32_t pid, tid;
  std::uint64_t address, length, offset;
  std::uint32_t major, minor;
  std::uint64_t inode, inode_generation;
  std::uint32_t protection, flags;
};

int OpenEvent(int cpu) {
  perf_event_attr attr{};
  attr.size = sizeof(attr);
  attr.type = PERF_TYPE_SOFTWARE;
  attr.config = PERF_COUNT_SW_DUMMY;
  attr.mmap = 1;   // of code
  attr.mmap2 = 1;  // with device and inode
  attr.exclude_kernel = 1;
  attr.watermark = 1;
  attr.wakeup_watermark = 1;  // each record wakes the reader
  return static_cast<int>(syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC));
}

}  // namespace

std::optional<NewMapping> ParseMapping(Bytes record) {
  const auto header = ReadAt<perf_event_header>(record, 0);
  const auto body = ReadAt<MmapRecord>(record, sizeof(perf_event_header));
  if (!header || !body || header->type != PERF_RECORD_MMAP2 || body->inode == 0) return {};
  const std::string_view path = AsText(record.subspan(sizeof(perf_event_header) + sizeof(*body)));
  NewMapping found;
  found.pid = body->pid;
  found.file = {makedev(body->major, body->minor), body->inode,
                std::string(path.substr(0, path.find('\0'))),
                fmt::format("{:x}-{:x}", body->address, body->address + body->length)};
  found.generation = body->inode_generation;
  return found;
}

void LibraryWatch::Unmap::operator()(void* ring) const { munmap(ring, kPage + kRingBytes); }

Result<LibraryWatch> LibraryWatch::Start() {
  LibraryWatch watch(UniqueFd(epoll_create1(EPOLL_CLOEXEC)));
  const long cpus = sysconf(_SC_NPROCESSORS_CONF);
  for (int cpu = 0; cpu < cpus; ++cpu) {
    if (auto opened = watch.Open(cpu); !opened) return std::unexpected(opened.error());
  }
  return watch;
}

Result<void> LibraryWatch::Open(int cpu) {
  const auto fail = [&] {
    return Fail(ErrorKind::kHost, fmt::format("no word of libraries: {}", std::strerror(errno)),
                "perf_event_open", "libraries that are loaded late may be found late");
  };
  Ring ring;
  ring.fd = UniqueFd(OpenEvent(cpu));
  if (!ring.fd.valid() && errno == ENODEV) return {};  // the CPU is offline
  if (!ring.fd.valid()) return fail();
  void* memory =
      mmap(nullptr, kPage + kRingBytes, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd.get(), 0);
  if (memory == MAP_FAILED) return fail();
  ring.memory.reset(memory);
  epoll_event interest{.events = EPOLLIN, .data = {}};
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, ring.fd.get(), &interest) != 0) return fail();
  rings_.push_back(std::move(ring));
  return {};
}

bool LibraryWatch::Drain(const std::function<void(const NewMapping&)>& found) {
  bool complete = true;
  for (Ring& ring : rings_) {
    auto* page = static_cast<perf_event_mmap_page*>(ring.memory.get());
    const auto* data = static_cast<const std::byte*>(ring.memory.get()) + kPage;
    const std::uint64_t head = __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE);
    std::uint64_t tail = page->data_tail;
    while (head - tail >= sizeof(perf_event_header)) {
      const auto copy = [&](void* to, std::size_t size) {
        const std::size_t at = tail % kRingBytes, first = std::min(size, kRingBytes - at);
        std::memcpy(to, data + at, first);
        std::memcpy(static_cast<std::byte*>(to) + first, data, size - first);
      };
      perf_event_header header{};
      copy(&header, sizeof(header));
      if (header.size < sizeof(header)) break;
      record_.resize(header.size);
      copy(record_.data(), header.size);
      tail += header.size;
      if (header.type == PERF_RECORD_LOST) complete = false;
      if (const auto mapping = ParseMapping(record_)) found(*mapping);
    }
    __atomic_store_n(&page->data_tail, head, __ATOMIC_RELEASE);
  }
  return complete;
}

}  // namespace gotls
