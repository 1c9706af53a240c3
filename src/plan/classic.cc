#include "plan/classic.h"

#include "plan/head.h"
#include "plan/site.h"

namespace gotls {
namespace {

// At a return the stack pointer points to the return address, as at the entry.
Place ResultPlace(const CallConvention& convention) {
  if (convention.abi == Abi::kRegister) {
    return {PlaceKind::kRegister, convention.ResultRegister(0), 0};
  }
  return {PlaceKind::kStack, 0, CallConvention::ResultDistance(0, kReadWriteArgumentWords)};
}

}  // namespace

Result<DirectionPlan> PlanClassic(const Decoder& decoder, const Function& function, Abi abi,
                                  Direction direction, std::string reason) {
  const auto code = decoder.Decode(function, kMaxFunctionBytes);
  if (!code) return std::unexpected(code.error());
  if (code->empty()) return Fail(ErrorKind::kTarget, "no code", function.name);
  const CallConvention convention{abi};
  DirectionPlan plan{
      .direction = direction, .kind = PlanKind::kClassic, .sites = {}, .reason = std::move(reason)};
  Site entry = MakeSite(SiteKind::kEntry, function, code->front());
  entry.conn = ArgumentPlace(abi, 0);
  entry.data = ArgumentPlace(abi, 1);
  entry.length = ArgumentPlace(abi, 2);
  plan.sites.push_back(std::move(entry));
  for (const Instruction& at : *code) {
    if (at.flow != FlowKind::kReturn) continue;
    Site site = MakeSite(SiteKind::kReturn, function, at);
    site.length = ResultPlace(convention);
    plan.sites.push_back(std::move(site));
  }
  if (plan.sites.size() == 1) return Fail(ErrorKind::kTarget, "no return", function.name);
  return plan;
}

}  // namespace gotls
