#include "plan/secrets.h"

#include <fmt/format.h>

#include <array>

#include "plan/analysis.h"
#include "plan/head.h"
#include "plan/site.h"

namespace gotls {
namespace {

constexpr const char* kWriteKeyLog = "(*Config).writeKeyLog";

// c, a string of two words, two slices of three.
constexpr unsigned kLabelWord = 1, kRandomWord = 3, kSecretWord = 6;

SlicePlace SliceArgument(const CallConvention& convention, unsigned word) {
  return {convention.Incoming(word), convention.Incoming(word + 1)};
}

}  // namespace

SecretsPlan PlanSecrets(const Decoder& decoder, const TlsPackage& package, Abi abi) {
  SecretsPlan plan;
  const Function* function = package.Find(kWriteKeyLog);
  if (function == nullptr) {
    plan.reason = fmt::format("no {} in the program", kWriteKeyLog);
    return plan;
  }
  const auto code = decoder.Decode(*function, kHeadInstructions);
  if (!code || code->empty()) {
    plan.reason = fmt::format("{}: {}", kWriteKeyLog, code ? "no code" : code.error().what);
    return plan;
  }
  const CallConvention convention{&MachineOf(decoder.arch()), abi};
  plan.label = SliceArgument(convention, kLabelWord);
  plan.client_random = SliceArgument(convention, kRandomWord);
  plan.secret = SliceArgument(convention, kSecretWord);
  const std::array<Place, 6> places = {plan.label.data,         plan.label.length,
                                       plan.client_random.data, plan.client_random.length,
                                       plan.secret.data,        plan.secret.length};
  const Instruction& at = HeadSite(*code, *convention.machine, places);
  plan.site = MakeSite(SiteKind::kSecret, *function, at);
  if (at.condition == Condition::kBelowOrEqual) {
    plan.site->branch = CountedBranch::kNotBelowOrEqual;
    plan.reason = fmt::format("{}: branch of the stack check, when it isn't taken", kWriteKeyLog);
  } else {
    plan.reason = fmt::format("{}: no stack check, so {} ({})", kWriteKeyLog,
                              at.offset == 0 ? "the entry" : "the head",
                              at.emulated ? "emulated" : "single-stepped");
  }
  return plan;
}

}  // namespace gotls
