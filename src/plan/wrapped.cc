#include "plan/wrapped.h"

#include <algorithm>

#include "plan/analysis.h"

namespace gotls {
namespace {

bool Calls(const Decoder& decoder, const Function& caller, const Function& callee) {
  const auto code = decoder.Decode(caller, kMaxFunctionBytes);
  const auto target = static_cast<std::int64_t>(callee.address - caller.address);
  return code && std::ranges::any_of(*code, [&](const Instruction& at) {
           return at.flow == FlowKind::kCall && at.target == target;
         });
}

}  // namespace

std::vector<PlannedFunction> WritesOfWrappers(const Decoder& decoder, const TlsPackage& package,
                                              const Function& write_record) {
  std::vector<PlannedFunction> found;
  for (const ConnWrapper& wrapper : package.wrappers) {
    const Function* write = package.Find("(*" + wrapper.name + ").Write");
    if (write != nullptr && Calls(decoder, *write, write_record)) {
      found.push_back({write, wrapper.conn_offset});
    }
  }
  return found;
}

Place ConnPlace(const PlannedFunction& of, const Place& receiver) {
  if (!of.conn_offset) return receiver;
  if (receiver.kind != PlaceKind::kRegister) return {};
  return {PlaceKind::kMemory, receiver.reg, static_cast<std::int32_t>(*of.conn_offset)};
}

}  // namespace gotls
