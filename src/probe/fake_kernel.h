// For tests: a kernel half of plain containers, which can be told to refuse.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "probe/kernel.h"

namespace gotls {

class FakeKernel : public Kernel {
 public:
  using ConnAddress = std::pair<std::uint32_t, std::uint64_t>;  // pid, address
  using TypeAddress = std::pair<std::uint32_t, std::uint64_t>;  // module, type

  [[nodiscard]] std::string attach_kind() const override { return "fake"; }
  [[nodiscard]] KernelFeatures features() const override { return {}; }

  Result<std::vector<std::unique_ptr<Link>>> Attach(int fd,
                                                    std::span<const AttachPoint> wanted) override {
    if (refuse_attach || attaches_left == 0) return Fail(ErrorKind::kHost, "refused by the test");
    attaches_left--;
    attached_fds.push_back(fd);
    std::vector<std::unique_ptr<Link>> links;
    links.push_back(
        std::make_unique<FakeLink>(*this, std::vector<AttachPoint>(wanted.begin(), wanted.end())));
    return links;
  }

  Result<void> SetSite(std::uint32_t index, const gotls_site& site) override {
    if (site.kind != 0 && sites_left == 0)
      return Fail(ErrorKind::kHost, "no more sites in this test");
    if (site.kind == 0) {
      if (AttachedTo(index)) cleared_while_attached = true;
      sites.erase(index);
      return {};
    }
    sites_left--;
    sites[index] = site;
    return {};
  }
  Result<void> SetModule(std::uint32_t index, const gotls_module& module) override {
    modules[index] = module;
    return {};
  }
  Result<void> SetType(const gotls_type_key& key, const gotls_type& type) override {
    types[{key.module, key.type}] = type;
    return {};
  }
  void RemoveType(const gotls_type_key& key) override { types.erase({key.module, key.type}); }
  Result<void> TraceProcess(std::uint32_t pid) override {
    traced.insert(pid);
    return {};
  }
  bool Traces(std::uint32_t pid) override { return traced.contains(pid); }

  bool GetConn(const gotls_conn_key& key, gotls_conn_state* state) override {
    const auto found = conns.find({key.pid, key.conn});
    if (found != conns.end()) *state = found->second;
    return found != conns.end();
  }
  void RemoveConn(const gotls_conn_key& key) override { conns.erase({key.pid, key.conn}); }
  void SetSkip(const gotls_skip_key& key, const gotls_skip& skip) override {
    skips[{key.pid, key.conn, key.direction}] = {skip.generation, skip.until};
  }
  std::vector<std::pair<gotls_conn_key, gotls_conn_state>> AllConns() override {
    std::vector<std::pair<gotls_conn_key, gotls_conn_state>> all;
    for (const auto& [key, state] : conns) all.push_back({{key.second, key.first, 0}, state});
    return all;
  }
  std::vector<std::uint64_t> Counters() override {
    return std::vector<std::uint64_t>(GOTLS_COUNTER_COUNT);
  }

  [[nodiscard]] int ring_fd() const override { return -1; }
  void Consume(const std::function<bool(Bytes)>& /*on_event*/) override {}

  [[nodiscard]] bool AttachedTo(std::uint32_t site) const {
    return std::ranges::any_of(points,
                               [&](const AttachPoint& point) { return point.site == site; });
  }

  // What the test sets.
  bool refuse_attach = false;
  std::size_t attaches_left = SIZE_MAX;
  std::size_t sites_left = 1000;
  std::map<ConnAddress, gotls_conn_state> conns;

  // What happened.
  std::map<std::uint32_t, gotls_site> sites;
  std::map<std::uint32_t, gotls_module> modules;
  std::map<TypeAddress, gotls_type> types;
  std::set<std::uint32_t> traced;
  // By pid, address, direction: generation, position.
  std::map<std::tuple<std::uint32_t, std::uint64_t, std::uint32_t>,
           std::pair<std::uint64_t, std::uint64_t>>
      skips;
  std::vector<AttachPoint> points;  // attached now
  std::vector<int> attached_fds;    // of all attaches so far
  bool cleared_while_attached = false;

 private:
  std::mutex links_end_;

  class FakeLink : public Link {
   public:
    FakeLink(FakeKernel& kernel, std::vector<AttachPoint> points)
        : kernel_(kernel), points_(std::move(points)) {
      kernel_.points.insert(kernel_.points.end(), points_.begin(), points_.end());
    }
    ~FakeLink() override {
      const std::lock_guard alone(kernel_.links_end_);
      std::erase_if(kernel_.points, [this](const AttachPoint& attached) {
        return std::ranges::any_of(
            points_, [&](const AttachPoint& own) { return own.site == attached.site; });
      });
    }
    FakeLink(const FakeLink&) = delete;
    FakeLink& operator=(const FakeLink&) = delete;

   private:
    FakeKernel& kernel_;
    std::vector<AttachPoint> points_;
  };
};

}  // namespace gotls
