#include "probe/attachment.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <system_error>
#include <thread>

namespace gotls {
namespace {

// The file may have changed since the plan was made; a probe amid another instruction would crash
// the target.
Result<void> CheckBytes(int fd, const Site& site) {
  std::vector<std::byte> now(site.bytes.size());
  const ssize_t got = pread(fd, now.data(), now.size(), static_cast<off_t>(site.file_offset.value));
  if (got == static_cast<ssize_t>(now.size()) && now == site.bytes && !now.empty()) return {};
  return Fail(ErrorKind::kTarget, "the file changed while it was being read",
              fmt::format("{}+{:#x}", site.function, site.function_offset), "try again");
}

gotls_place ToKernel(const Place& place) {
  return {static_cast<gotls_u8>(place.kind), place.reg, 0, place.offset};
}

gotls_site ToKernel(const Site& site, const DirectionPlan& direction, std::uint32_t module) {
  gotls_site result{};
  result.address = site.address.value;
  result.module = module;
  result.kind = static_cast<gotls_u8>(site.kind);
  result.direction = static_cast<gotls_u8>(direction.direction);
  // The returns of Write, and of Read, come after the connection's lock was given back.
  const bool locked = direction.locked && site.kind != SiteKind::kReturn;
  result.flags = locked ? 0 : GOTLS_DATA_UNORDERED;
  result.branch = static_cast<gotls_u8>(site.branch);
  result.conn = ToKernel(site.conn);
  result.data = ToKernel(site.data);
  result.data_fallback = ToKernel(site.data_fallback);
  result.length = ToKernel(site.length);
  return result;
}

gotls_slice_place ToKernel(const SlicePlace& place) {
  return {ToKernel(place.data), ToKernel(place.length)};
}

std::uint32_t OffsetOrNone(StructOffsets::Offset offset) {
  return offset.value_or(GOTLS_NO_OFFSET);
}

gotls_module ToKernel(const ProbePlan& plan, const TlsPackage& package, bool all_processes) {
  const StructOffsets& offsets = package.offsets;
  gotls_module module{};
  module.g = {static_cast<gotls_u8>(plan.g.kind), plan.g.reg, 0, plan.g.offset,
              plan.g.address.value};
  module.g_goid = OffsetOrNone(offsets.g_goid);
  // g begins with its stack {lo, hi} in every Go version; the descriptor may be missing.
  module.g_stack_hi = offsets.g_stack_hi.value_or(8);
  module.conn_conn = OffsetOrNone(offsets.conn_conn);
  module.conn_is_client = OffsetOrNone(offsets.conn_is_client);
  module.conn_handshakes = OffsetOrNone(offsets.conn_handshakes);
  module.conn_version = OffsetOrNone(offsets.conn_version);
  module.conn_cipher_suite = OffsetOrNone(offsets.conn_cipher_suite);
  module.conn_server_name = OffsetOrNone(offsets.conn_server_name);
  module.conn_alpn = OffsetOrNone(offsets.conn_alpn);
  module.conn_did_resume = OffsetOrNone(offsets.conn_did_resume);
  module.fd_sysfd = OffsetOrNone(offsets.fd_sysfd);
  module.fd_laddr = OffsetOrNone(offsets.fd_laddr);
  module.fd_raddr = OffsetOrNone(offsets.fd_raddr);
  module.tcp_addr_ip = offsets.tcp_addr_ip.value_or(0);
  module.tcp_addr_port = offsets.tcp_addr_port.value_or(24);
  module.unix_addr_name = offsets.unix_addr_name.value_or(0);
  module.stream_id[GOTLS_READ] = OffsetOrNone(offsets.receive_stream_id);
  module.stream_id[GOTLS_WRITE] = OffsetOrNone(offsets.send_stream_id);
  module.receive_ended = OffsetOrNone(offsets.receive_ended);
  if (package.kind == PackageKind::kQuic) module.flags |= GOTLS_MODULE_QUIC;
  if (all_processes) module.flags |= GOTLS_MODULE_ALL_PROCESSES;
  if (plan.every_handshake) module.flags |= GOTLS_MODULE_HANDSHAKE;
  std::size_t calls = 0;
  for (const Site& site : plan.write.sites) {
    if (site.kind == SiteKind::kData && calls < std::size(module.write_return)) {
      module.write_return[calls++] = site.address.value + site.bytes.size();
    }
  }
  module.secret = {ToKernel(plan.secrets.label), ToKernel(plan.secrets.client_random),
                   ToKernel(plan.secrets.secret)};
  return module;
}

}  // namespace

Result<std::uint32_t> SlotPool::Take() {
  if (!free_.empty()) {
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    return slot;
  }
  if (next_ == size_) {
    return Fail(ErrorKind::kHost, fmt::format("all {} slots for probes are in use", size_), {},
                "trace fewer programs at once");
  }
  return next_++;
}

template <typename Function>
void Attacher::ForEachSite(const ProbePlan& plan, Function&& function) const {
  for (const DirectionPlan* direction : {&plan.read, &plan.write}) {
    for (const Site& site : direction->sites) function(site, *direction);
  }
  for (const Site& site : plan.lifecycle) function(site, plan.write);
  if (secrets_ && plan.secrets.site) function(*plan.secrets.site, plan.write);
}

Result<Attachment> Attacher::Attach(int fd, const GoFacts& facts, const TlsPackage& package,
                                    const ProbePlan& plan, bool all_processes) {
  Result<void> checked;
  ForEachSite(plan, [&](const Site& site, const DirectionPlan&) {
    if (checked) checked = CheckBytes(fd, site);
  });
  if (!checked) return std::unexpected(checked.error());

  auto module = modules_.Take();
  if (!module) return std::unexpected(module.error());
  Attachment attachment;
  attachment.module = *module;
  attachment.descriptor = ToKernel(plan, package, all_processes);
  if (auto done = FillAndLink(fd, attachment, facts, plan); !done) {
    Release(attachment);
    return std::unexpected(done.error());
  }
  return attachment;
}

Result<void> Attacher::FillAndLink(int fd, Attachment& attachment, const GoFacts& facts,
                                   const ProbePlan& plan) {
  if (auto done = Fill(attachment, facts); !done) return done;
  auto points = AddSites(attachment, plan);
  if (!points) return std::unexpected(points.error());
  auto links = kernel_.Attach(fd, *points);
  if (!links) return std::unexpected(links.error());
  attachment.links = std::move(*links);
  return {};
}

Result<void> Attacher::Fill(Attachment& attachment, const GoFacts& facts) {
  if (auto done = kernel_.SetModule(attachment.module, attachment.descriptor); !done) return done;
  for (const TypeStep& step : facts.type_steps) {
    const gotls_type_key key{step.type.value, attachment.module, 0};
    const gotls_type type{step.step, step.offset, step.next_type.value};
    if (auto done = kernel_.SetType(key, type); !done) return done;
    attachment.types.push_back(key);
  }
  return {};
}

Result<std::vector<AttachPoint>> Attacher::AddSites(Attachment& attachment, const ProbePlan& plan) {
  std::vector<AttachPoint> points;
  Result<void> added;
  ForEachSite(plan, [&](const Site& site, const DirectionPlan& direction) {
    if (!added) return;
    auto slot = sites_.Take();
    if (!slot) {
      added = std::unexpected(slot.error());
      return;
    }
    attachment.sites.push_back(*slot);
    added = kernel_.SetSite(*slot, ToKernel(site, direction, attachment.module));
    points.push_back({site.file_offset, *slot});
  });
  if (!added) return std::unexpected(added.error());
  return points;
}

void DetachTogether(std::vector<std::unique_ptr<Link>> links) {
  constexpr std::size_t kThreads = 16;
  std::atomic<std::size_t> next = 0;
  const auto detach = [&] {
    for (std::size_t i = next++; i < links.size(); i = next++) links[i].reset();
  };
  std::vector<std::jthread> threads;
  try {
    while (threads.size() + 1 < std::min(kThreads, links.size())) threads.emplace_back(detach);
  } catch (const std::system_error&) {  // then with those that there are
  }
  detach();
}

void Attacher::Release(Attachment& attachment) {
  attachment.links.clear();
  for (const std::uint32_t site : attachment.sites) {
    (void)kernel_.SetSite(site, gotls_site{});
    sites_.Give(site);
  }
  for (const gotls_type_key& key : attachment.types) kernel_.RemoveType(key);
  modules_.Give(attachment.module);
  attachment.sites.clear();
  attachment.types.clear();
}

Result<void> Attacher::TraceAllProcesses(Attachment& attachment) {
  attachment.descriptor.flags |= GOTLS_MODULE_ALL_PROCESSES;
  return kernel_.SetModule(attachment.module, attachment.descriptor);
}

}  // namespace gotls
