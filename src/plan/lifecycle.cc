#include "plan/lifecycle.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "plan/head.h"
#include "plan/site.h"
#include "plan/wrapped.h"

namespace gotls {
namespace {

void Append(std::string& reason, std::string_view text) {
  if (!reason.empty()) reason += "; ";
  reason += text;
}

struct WantedSite {
  std::string name;
  SiteKind kind;
  std::optional<std::uint32_t> conn_offset = std::nullopt;  // of a wrapper
};

// All that is known of a copy of quic-go, but for Read and Write.
std::vector<WantedSite> EndsOfStreams(const TlsPackage& package) {
  std::vector<WantedSite> wanted;
  for (const Function& function : package.functions) {
    std::string name = function.name.substr(function.name.rfind(".(*") + 1);
    if (name.ends_with(").Read") || name.ends_with(").Write")) continue;
    wanted.push_back({std::move(name), SiteKind::kClose});
  }
  return wanted;
}

std::vector<WantedSite> WantedSites(const TlsPackage& package) {
  if (package.kind == PackageKind::kQuic) return EndsOfStreams(package);
  std::vector<WantedSite> wanted = {{"(*Conn).clientHandshake", SiteKind::kHandshake},
                                    {"(*Conn).serverHandshake", SiteKind::kHandshake},
                                    {"(*Conn).Close", SiteKind::kClose}};
  for (const ConnWrapper& wrapper : package.wrappers) {
    wanted.push_back(
        {"(*" + wrapper.name + ").clientHandshake", SiteKind::kHandshake, wrapper.conn_offset});
  }
  return wanted;
}

}  // namespace

LifecyclePlan PlanLifecycle(const Decoder& decoder, const TlsPackage& package, Abi abi) {
  LifecyclePlan plan;
  const CallConvention convention{&MachineOf(decoder.arch()), abi};
  const Place receiver = convention.Incoming(0);
  std::array<std::vector<std::string>, 2> names;  // at a branch, at the entry
  bool blind = false;
  for (const auto& [name, kind, conn_offset] : WantedSites(package)) {
    const Function* function = package.Find(name);
    if (function == nullptr) {
      if (!conn_offset) Append(plan.reason, fmt::format("no {} in the program", name));
      continue;
    }
    const auto code = decoder.Decode(*function, kHeadInstructions);
    if (!code || code->empty()) {
      Append(plan.reason, fmt::format("{}: {}", name, code ? "no code" : code.error().what));
      blind |= kind == SiteKind::kHandshake;
      continue;
    }
    const Place conn = ConnPlace({function, conn_offset}, receiver);
    if (conn.kind == PlaceKind::kNone) {
      Append(plan.reason, fmt::format("{}: its connection isn't in a register", name));
      blind = true;
      continue;
    }
    const Instruction& at = HeadSite(*code, *convention.machine, {&receiver, 1});
    Site site = MakeSite(kind, *function, at);
    site.conn = conn;
    plan.every_handshake |= kind == SiteKind::kHandshake;
    names[at.emulated ? 0 : 1].push_back(name);
    plan.sites.push_back(std::move(site));
  }
  if (!names[0].empty()) {
    Append(plan.reason, fmt::format("{}: branch of the stack check, c in {}",
                                    fmt::join(names[0], ", "), ToString(receiver, decoder.arch())));
  }
  if (!names[1].empty()) {
    Append(plan.reason, fmt::format("{}: no stack check, so the entry (single-stepped), c in {}",
                                    fmt::join(names[1], ", "), ToString(receiver, decoder.arch())));
  }
  plan.every_handshake &= !blind;
  return plan;
}

void PlanNotSent(const Decoder& decoder, const Function& write_record, Abi abi, WorkBudget& budget,
                 LifecyclePlan& plan) {
  auto analysis = Analysis::Of(decoder, write_record, abi, budget);
  if (!analysis) {
    Append(plan.reason, "writes that fail aren't seen: " + analysis.error().what);
    return;
  }
  const AbstractRun& run = analysis->from_entry();
  const std::vector<Instruction>& code = analysis->model().code;
  std::size_t planned = 0, unproved = 0;
  for (const std::uint32_t at : run.Returns()) {
    const auto state = run.Before(at);
    const AbstractValue error = analysis->ResultAt(*state, 1, kWriteRecordArgumentWords);
    if (error.Is(kNumber)) continue;  // success
    const Place conn = analysis->FindPlace(at, *state, kReceiver);
    if (!error.IsNonZero() || conn.kind == PlaceKind::kNone) {
      ++unproved;
      continue;
    }
    Site site = MakeSite(SiteKind::kNotSent, write_record, code[at]);
    site.conn = conn;
    site.length = analysis->convention().Result(0, kWriteRecordArgumentWords);
    plan.sites.push_back(std::move(site));
    ++planned;
  }
  Append(plan.reason, fmt::format("(*Conn).writeRecordLocked: {} returns with an error", planned));
  if (unproved != 0) plan.reason += fmt::format(", {} left out (error or c not proved)", unproved);
}

}  // namespace gotls
