#include "plan/planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "plan/analysis.h"
#include "plan/classic.h"
#include "plan/decoder.h"
#include "plan/g_source.h"
#include "plan/lean.h"
#include "plan/lifecycle.h"
#include "plan/secrets.h"
#include "plan/wrapped.h"

namespace gotls {
namespace {

constexpr std::string_view kRead = "(*Conn).Read";
constexpr std::string_view kWrite = "(*Conn).Write";
constexpr std::string_view kWriteRecord = "(*Conn).writeRecordLocked";

// The name of a direction's function in the package; that of crypto/tls when there is none.
std::string_view FunctionOf(const TlsPackage& package, Direction direction) {
  const bool read = direction == Direction::kRead;
  if (package.kind == PackageKind::kTls) return read ? kRead : kWrite;
  const std::string_view hidden = read ? "(*receiveStream).Read" : "(*sendStream).Write";
  const std::string_view exported = read ? "(*ReceiveStream).Read" : "(*SendStream).Write";
  return package.Find(exported) != nullptr ? exported : hidden;
}

class Planner {
 public:
  Planner(const Decoder& decoder, const TlsPackage& package, Abi abi, PlanChoice choice)
      : decoder_(decoder), package_(package), abi_(abi), choice_(choice) {}

  Result<DirectionPlan> Plan(Direction direction) {
    const std::string_view name = FunctionOf(package_, direction);
    const Function* function = package_.Find(name);
    if (function == nullptr) {
      return Fail(ErrorKind::kTarget, fmt::format("no {} in the program", name), package_.path);
    }
    std::vector<PlannedFunction> functions = {{function}};
    const Function* write_record = package_.Find(kWriteRecord);
    if (direction == Direction::kWrite && write_record != nullptr) {
      std::ranges::copy(WritesOfWrappers(decoder_, package_, *write_record),
                        std::back_inserter(functions));
    }
    std::string why = "as asked for";
    if (choice_ != PlanChoice::kClassic) {
      auto lean =
          PlanEach(functions, [&](const PlannedFunction& one) { return PlanLean(direction, one); });
      if (lean) return lean;
      why = "no lean plan: " + lean.error().what;
      if (choice_ == PlanChoice::kLean) return Fail(ErrorKind::kTarget, why, function->name);
    }
    return PlanEach(functions, [&](const PlannedFunction& one) {
      return PlanClassic(decoder_, one, abi_, direction, "entry and all returns; " + why);
    });
  }

  LifecyclePlan Lifecycle(PlanKind write) {
    LifecyclePlan plan = PlanLifecycle(decoder_, package_, abi_);
    const Function* write_record = package_.Find(kWriteRecord);
    // The classic Write plan takes the number of accepted bytes from the result.
    if (write == PlanKind::kLean && write_record != nullptr) {
      PlanNotSent(decoder_, *write_record, abi_, budget_, plan);
    }
    return plan;
  }

 private:
  // One plan out of those of all functions, or why there is none for one of them.
  template <typename Make>
  static Result<DirectionPlan> PlanEach(const std::vector<PlannedFunction>& functions,
                                        Make&& make) {
    std::optional<DirectionPlan> all;
    for (const PlannedFunction& one : functions) {
      Result<DirectionPlan> plan = make(one);
      if (!plan) return plan;
      if (!all) {
        all = std::move(*plan);
        continue;
      }
      std::ranges::move(plan->sites, std::back_inserter(all->sites));
      all->reason += fmt::format("; {}: {}", one.function->name, plan->reason);
    }
    return std::move(*all);
  }

  Result<DirectionPlan> PlanLean(Direction direction, const PlannedFunction& planned) {
    auto analysis = Analysis::Of(decoder_, *planned.function, abi_, budget_);
    if (!analysis) return std::unexpected(std::move(analysis.error()));
    if (package_.kind == PackageKind::kQuic) return PlanLeanStream(direction, *analysis);
    if (direction == Direction::kRead) {
      return PlanLeanRead(*analysis, package_.offsets.conn_input, budget_);
    }
    const Function* write_record = package_.Find(kWriteRecord);
    if (write_record == nullptr) {
      return Fail(ErrorKind::kTarget, fmt::format("no {} in the program", kWriteRecord));
    }
    const WriteOf of = planned.conn_offset ? WriteOf::kWrapper : WriteOf::kConn;
    return PlanLeanWrite(*analysis, *write_record, of, budget_);
  }

  // Both functions copy between the caller's buffer and frames in a callee, so that n, the stream
  // and the buffer are looked for behind it; the locks that it takes are released there.
  Result<DirectionPlan> PlanLeanStream(Direction direction, const Analysis& analysis) {
    auto plan = PlanLeanRead(analysis, std::nullopt, budget_);
    if (!plan) return plan;
    plan->direction = direction;
    plan->locked = false;
    return plan;
  }

  const Decoder& decoder_;
  const TlsPackage& package_;
  const Abi abi_;
  const PlanChoice choice_;
  WorkBudget budget_;
};

}  // namespace

Result<ProbePlan> MakePlan(const GoFacts& facts, const TlsPackage& package, PlanChoice choice) {
  const auto decoder = MakeDecoder(facts.arch);
  if (!decoder) return std::unexpected(decoder.error());
  const auto convention = FindConvention(**decoder, facts, package);
  if (!convention) return std::unexpected(convention.error());

  Planner planner(**decoder, package, convention->abi, choice);
  auto read = planner.Plan(Direction::kRead);
  if (!read) return std::unexpected(std::move(read.error()));
  auto write = planner.Plan(Direction::kWrite);
  if (!write) return std::unexpected(std::move(write.error()));
  LifecyclePlan lifecycle = planner.Lifecycle(write->kind);

  ProbePlan plan;
  plan.package = package.path;
  plan.arch = facts.arch;
  plan.abi = convention->abi;
  plan.g = convention->g;
  plan.read = std::move(*read);
  plan.write = std::move(*write);
  plan.lifecycle = std::move(lifecycle.sites);
  plan.lifecycle_reason = std::move(lifecycle.reason);
  plan.every_handshake = lifecycle.every_handshake;
  if (package.kind == PackageKind::kQuic) {
    plan.secrets.reason = "those of QUIC pass through the copy of crypto/tls that it uses";
  } else {
    plan.secrets = PlanSecrets(**decoder, package, convention->abi);
  }
  return plan;
}

}  // namespace gotls
