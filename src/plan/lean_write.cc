#include <fmt/format.h>

#include "plan/lean.h"
#include "plan/site.h"

namespace gotls {
namespace {

constexpr std::int64_t kApplicationData = 23;  // recordTypeApplicationData

// Argument words of (*Conn).writeRecordLocked(typ, data).
enum : unsigned { kConnWord = 0, kTypeWord = 1, kDataWord = 2, kLengthWord = 3 };

// The type is one byte; what stands in the rest of its register or slot doesn't matter.
AbstractValue RecordType(const Analysis& write, std::uint32_t call, const MachineState& state) {
  const Place place = write.convention().Outgoing(kTypeWord);
  if (place.kind == PlaceKind::kRegister) return Truncate(state.registers[place.reg], 1);
  const std::int32_t stack_pointer = write.model().layout.StackPointer(call).value_or(0);
  const auto slot = write.model().layout.SlotAt(std::int64_t{stack_pointer} + place.offset);
  return slot ? Truncate(state.slots[*slot].value, 1) : AbstractValue{};
}

bool Within(const AbstractValue& value, Symbol symbol, std::int64_t low, std::int64_t high) {
  return value.symbol == symbol && value.low >= low && value.high <= high;
}

// Why a call isn't a site, or nothing.
std::optional<std::string> Refusal(const Analysis& write, std::uint32_t call,
                                   const MachineState& state, WriteOf of) {
  const auto argument = [&](unsigned word) {
    return write.ValueAt(call, write.convention().Outgoing(word), state);
  };
  if (of == WriteOf::kConn && !argument(kConnWord).Is(kReceiver))
    return "its receiver isn't proved to be c";
  // b, or its parts b[:1] and b[1:]: TLS 1.0 with CBC sends the first byte in a record of its own.
  if (!Within(argument(kDataWord), kPointer, 0, 1)) return "its data isn't proved to be of b";
  const AbstractValue length = argument(kLengthWord);
  if (!Within(length, kLength, -1, 0) && !length.Is(kNumber, 1)) {
    return "its length isn't proved to be that of b";
  }
  return std::nullopt;
}

DirectionPlan Describe(const Analysis& write, const std::vector<std::uint32_t>& calls) {
  DirectionPlan plan{
      .direction = Direction::kWrite, .kind = PlanKind::kLean, .sites = {}, .reason = {}};
  const CallConvention& convention = write.convention();
  const Arch arch = convention.machine->arch;
  for (const std::uint32_t call : calls) {
    Site site = MakeSite(SiteKind::kData, write.function(), write.model().code[call]);
    site.conn = convention.Outgoing(kConnWord);
    site.data = convention.Outgoing(kDataWord);
    site.length = convention.Outgoing(kLengthWord);
    plan.sites.push_back(std::move(site));
  }
  plan.reason = fmt::format(
      "{} of writeRecordLocked with type 23, lock held: c in {}, bytes of b in {}, their number in "
      "{}; without {} every return gives 0{}",
      calls.size() == 1 ? std::string("the call") : fmt::format("the {} calls", calls.size()),
      ToString(plan.sites[0].conn, arch), ToString(plan.sites[0].data, arch),
      ToString(plan.sites[0].length, arch), calls.size() == 1 ? "it" : "them",
      calls.size() == 1 ? "" : "; each is handed other bytes (the split of TLS 1.0)");
  return plan;
}

}  // namespace

Result<DirectionPlan> PlanLeanWrite(const Analysis& write, const Function& write_record, WriteOf of,
                                    WorkBudget& budget) {
  const std::vector<Instruction>& code = write.model().code;
  const auto target = static_cast<std::int64_t>(write_record.address - write.function().address);
  std::vector<std::uint32_t> calls;
  for (std::uint32_t i = 0; i < code.size(); ++i) {
    if (code[i].flow != FlowKind::kCall || code[i].target != target) continue;
    const auto state = write.from_entry().Before(i);
    if (!state) continue;
    const auto refuse = [&](std::string_view why) {
      return Fail(ErrorKind::kTarget,
                  fmt::format("the call of writeRecordLocked at +{:#x}: {}", code[i].offset, why));
    };
    const AbstractValue type = RecordType(write, i, *state);
    if (!type.exact() || type.symbol != kNumber) return refuse("its record type isn't constant");
    if (type.low != kApplicationData) continue;  // an alert, sent from here
    if (const auto refusal = Refusal(write, i, *state, of)) return refuse(*refusal);
    if (!code[i].emulated) return refuse("the kernel would single-step it");
    calls.push_back(i);
  }
  if (calls.empty()) return Fail(ErrorKind::kTarget, "Write doesn't call writeRecordLocked");
  if (auto covered = CheckCoverage(write, calls, budget); !covered) {
    return Fail(ErrorKind::kTarget, "calls of writeRecordLocked: " + covered.error().what);
  }
  return Describe(write, calls);
}

}  // namespace gotls
