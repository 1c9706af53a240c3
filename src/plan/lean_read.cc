#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "plan/lean.h"
#include "plan/site.h"

namespace gotls {
namespace {

// A site that passed every proof.
struct ReadSite {
  std::uint32_t instruction = 0;
  std::size_t returns = 0;  // that follow it
  Place conn;
  Place data;
  Place length;
  std::optional<InputAdvance> advance;
  bool buffer_final = false;
};

std::string_view NameOf(const Instruction& at) {
  switch (at.flow) {
    case FlowKind::kBranch:
      return "conditional branch";
    case FlowKind::kJump:
      return "jump";
    case FlowKind::kCall:
      return "call";
    case FlowKind::kReturn:
      return "return";
    default:
      return "instruction";
  }
}

class ReadPlanner {
 public:
  ReadPlanner(const Analysis& read, std::optional<std::uint32_t> input, WorkBudget& budget)
      : read_(read), input_(input), budget_(budget) {}

  Result<DirectionPlan> Plan() {
    for (std::uint32_t i = 0; i < read_.model().code.size(); ++i) {
      if (!read_.model().code[i].emulated) continue;
      auto site = Examine(i);
      if (!site) return std::unexpected(std::move(site.error()));
      if (*site && (!best_ || Rank(**site) < Rank(*best_))) best_ = **site;
    }
    if (best_) return Describe(*best_);
    return Fail(ErrorKind::kTarget, refusal_.empty() ? "no emulated instruction behind which the "
                                                       "result can be followed to the returns"
                                                     : refusal_);
  }

 private:
  std::string Print(const Place& place) const {
    return ToString(place, read_.convention().machine->arch);
  }

  // An error only when the budget is used up; nullopt when something can't be proved for this
  // instruction.
  Result<std::optional<ReadSite>> Examine(std::uint32_t instruction) {
    const FunctionModel& model = read_.model();
    const auto state = read_.from_entry().Before(instruction);
    if (!state) return std::nullopt;
    ReadSite site;
    site.instruction = instruction;
    site.conn = read_.FindPlace(instruction, *state, kReceiver);
    site.data = read_.FindPlace(instruction, *state, kPointer);
    if (site.conn.kind == PlaceKind::kNone || site.data.kind == PlaceKind::kNone) {
      return std::nullopt;
    }
    // On a loop of its own it would be hit several times for one result.
    const std::uint32_t block = model.cfg.BlockOf(instruction);
    if (model.cfg.ReachableAfter(block)[block]) return std::nullopt;
    auto found = FindLength(site);
    if (!found) return std::unexpected(std::move(found.error()));
    if (!*found) return std::nullopt;
    if (auto covered = CheckCoverage(read_, {instruction}, budget_); !covered) {
      if (budget_.blocks_left == 0) return std::unexpected(covered.error());
      refusal_ = fmt::format("the {} at +{:#x} has the result in {}, but {}",
                             NameOf(model.code[instruction]), model.code[instruction].offset,
                             Print(site.length), covered.error().what);
      return std::nullopt;
    }
    if (input_) {
      auto advance = FindInputAdvance(read_, *input_, instruction, site.length, budget_);
      if (!advance) return std::unexpected(std::move(advance.error()));
      site.advance = *advance;
    }
    site.buffer_final = BufferIsFinal(read_, instruction);
    if (!site.advance && !site.buffer_final) {
      refusal_ = fmt::format(
          "the {} at +{:#x} has the result in {}, but b is still written to later",
          NameOf(model.code[instruction]), model.code[instruction].offset, Print(site.length));
      return std::nullopt;
    }
    return site;
  }

  // The place whose content, and nothing else, is the result at every return behind the site.
  Result<bool> FindLength(ReadSite& site) {
    auto behind = read_.FreshFrom(site.instruction, {}, budget_);
    if (!behind) return std::unexpected(std::move(behind.error()));
    Symbol result = kAnyValue;
    for (const std::uint32_t at : behind->Returns()) {
      const auto state = behind->Before(at);
      const AbstractValue value = read_.ResultAt(*state, 0, kReadWriteArgumentWords);
      if (value.symbol < kFreshRegister || !value.Is(value.symbol)) return false;
      if (site.returns != 0 && value.symbol != result) return false;
      result = value.symbol;
      ++site.returns;
    }
    site.length = read_.PlaceOfFresh(site.instruction, result);
    return site.returns != 0 && site.length.kind != PlaceKind::kNone;
  }

  // Lower is better.
  using Order = std::tuple<bool, bool, bool, bool, std::uint32_t, std::uint32_t>;
  Order Rank(const ReadSite& site) const {
    const Instruction& at = read_.model().code[site.instruction];
    return {!site.advance.has_value(),
            at.flow != FlowKind::kBranch,
            site.length.kind != PlaceKind::kRegister,
            site.conn.kind != PlaceKind::kRegister,
            site.advance ? site.advance->distance : 0,
            at.offset};
  }

  DirectionPlan Describe(const ReadSite& found) const {
    const Instruction& at = read_.model().code[found.instruction];
    Site site = MakeSite(SiteKind::kData, read_.function(), at);
    site.conn = found.conn;
    site.length = found.length;
    site.data = found.data;
    std::string where = "behind which lies every result but 0";
    if (found.advance) {
      site.data = {PlaceKind::kInput, 0, static_cast<std::int32_t>(*input_)};
      if (found.buffer_final) site.data_fallback = found.data;
      where = "behind the copy out of c.input";
    }
    DirectionPlan plan{
        .direction = Direction::kRead, .kind = PlanKind::kLean, .sites = {}, .reason = {}};
    plan.reason = fmt::format(
        "{} {}: n in {} reaches {} that follow{}; without it every return gives 0; c in {}, b in "
        "{}",
        NameOf(at), where, Print(found.length),
        found.returns == 1 ? std::string("the return")
                           : fmt::format("all {} returns", found.returns),
        found.returns == 1 ? "s" : "", Print(found.conn), Print(found.data));
    plan.sites.push_back(std::move(site));
    return plan;
  }

  const Analysis& read_;
  const std::optional<std::uint32_t> input_;
  WorkBudget& budget_;
  std::optional<ReadSite> best_;
  std::string refusal_;  // of the instruction that came farthest
};

}  // namespace

Result<DirectionPlan> PlanLeanRead(const Analysis& read, std::optional<std::uint32_t> input,
                                   WorkBudget& budget) {
  return ReadPlanner(read, input, budget).Plan();
}

}  // namespace gotls
