// The proof behind PlaceKind::kInput. bytes.Reader.Read copies s[i:i+n] and then adds n to i, so
// behind that addition, and as long as nothing else touches the reader, the bytes are s[i-n:i].
#include <algorithm>

#include "plan/lean.h"

namespace gotls {
namespace {

constexpr std::int64_t kReaderPosition = 24;  // bytes.Reader: s at 0, i behind it
constexpr std::size_t kMaxDistance = 64;

// add [c + input + 24], reg
bool IsAdvance(const Analysis& read, std::uint32_t instruction, std::int64_t position) {
  const Instruction& at = read.model().code[instruction];
  const Operand& to = at.operands[0];
  const Operand& from = at.operands[1];
  if (at.operation != Operation::kAdd || to.kind != OperandKind::kMemory || to.width != 8 ||
      from.kind != OperandKind::kRegister || from.reg >= kGeneralRegisters ||
      to.memory.base >= kGeneralRegisters || to.memory.index != kNoRegister ||
      to.memory.displacement != position) {
    return false;
  }
  const auto state = read.from_entry().Before(instruction);
  return state && state->registers[to.memory.base].Is(kReceiver);
}

// Neither calls nor writes memory other than the stack.
bool LeavesInputAlone(const Instruction& at) {
  if (at.flow == FlowKind::kCall || at.flow == FlowKind::kCallIndirect) return false;
  switch (at.operation) {
    case Operation::kHavoc:
      return false;
    case Operation::kOther:
      return !at.writes_memory;
    case Operation::kNone:
      return true;
    default:
      return at.operands[0].kind != OperandKind::kMemory ||
             at.operands[0].memory.base == amd64::kRsp;
  }
}

// How many instructions lie on the ways from behind `from` to `site`; nullopt when one of them may
// touch the input.
std::optional<std::uint32_t> QuietDistance(const FunctionModel& model, std::uint32_t from,
                                           std::uint32_t site) {
  std::vector<std::uint32_t> seen, work = {from + 1};
  while (!work.empty()) {
    const std::uint32_t at = work.back();
    work.pop_back();
    if (at == site || std::ranges::find(seen, at) != seen.end()) continue;
    if (seen.size() == kMaxDistance || !LeavesInputAlone(model.code[at])) return std::nullopt;
    seen.push_back(at);
    const CodeBlock& block = model.cfg.blocks()[model.cfg.BlockOf(at)];
    if (at + 1 < block.end) {
      work.push_back(at + 1);
    } else {
      for (const std::uint32_t next : block.successors) {
        work.push_back(model.cfg.blocks()[next].first);
      }
    }
  }
  return static_cast<std::uint32_t>(seen.size());
}

}  // namespace

Result<std::optional<InputAdvance>> FindInputAdvance(const Analysis& read, std::uint32_t input,
                                                     std::uint32_t site, const Place& length,
                                                     WorkBudget& budget) {
  const FunctionModel& model = read.model();
  for (std::uint32_t i = 0; i + 1 < model.code.size(); ++i) {
    if (!IsAdvance(read, i, input + kReaderPosition)) continue;
    const auto distance = QuietDistance(model, i, site);
    if (!distance) continue;
    // What is added there is what the length's place holds at the site...
    auto behind = read.FreshFrom(i, {site}, budget);
    if (!behind) return std::unexpected(std::move(behind.error()));
    const auto at_site = behind->Before(site);
    const Symbol added = kFreshRegister + model.code[i].operands[1].reg;
    if (!at_site || !read.ValueAt(site, length, *at_site).Is(added)) continue;
    // ...and on the ways to the site that don't lead past it, that is 0.
    auto without = read.WithCuts({i}, budget);
    if (!without) return std::unexpected(std::move(without.error()));
    const auto skipped = without->Before(site);
    if (skipped && !read.ValueAt(site, length, *skipped).Is(kNumber)) continue;
    return InputAdvance{i, *distance};
  }
  return std::nullopt;
}

}  // namespace gotls
