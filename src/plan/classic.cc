#include "plan/classic.h"

#include "plan/site.h"

namespace gotls {
Result<DirectionPlan> PlanClassic(const Decoder& decoder, const PlannedFunction& planned, Abi abi,
                                  Direction direction, std::string reason) {
  const Function& function = *planned.function;
  const auto code = decoder.Decode(function, kMaxFunctionBytes);
  if (!code) return std::unexpected(code.error());
  if (code->empty()) return Fail(ErrorKind::kTarget, "no code", function.name);
  const CallConvention convention{&MachineOf(decoder.arch()), abi};
  DirectionPlan plan{
      .direction = direction, .kind = PlanKind::kClassic, .sites = {}, .reason = std::move(reason)};
  Site entry = MakeSite(SiteKind::kEntry, function, code->front());
  entry.conn = ConnPlace(planned, convention.Incoming(0));
  if (entry.conn.kind == PlaceKind::kNone) {
    return Fail(ErrorKind::kTarget, "the connection isn't in a register", function.name);
  }
  entry.data = convention.Incoming(1);
  entry.length = convention.Incoming(2);
  plan.sites.push_back(std::move(entry));
  for (const Instruction& at : *code) {
    if (at.flow != FlowKind::kReturn) continue;
    Site site = MakeSite(SiteKind::kReturn, function, at);
    // The stack pointer is as at the entry there.
    site.length = convention.Result(0, kReadWriteArgumentWords);
    plan.sites.push_back(std::move(site));
  }
  if (plan.sites.size() == 1) return Fail(ErrorKind::kTarget, "no return", function.name);
  return plan;
}

}  // namespace gotls
