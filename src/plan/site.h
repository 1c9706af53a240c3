// Sites out of instructions.
#pragma once

#include "binary/facts.h"
#include "plan/decoder.h"
#include "plan/plan.h"

namespace gotls {

// A site at an instruction of a function, without its places.
inline Site MakeSite(SiteKind kind, const Function& function, const Instruction& at) {
  const Bytes bytes = function.code.subspan(at.offset, at.size);
  Site site;
  site.kind = kind;
  site.address = function.address + at.offset;
  site.file_offset = FileOffset{function.offset.value + at.offset};
  site.function = function.name;
  site.function_offset = at.offset;
  site.instruction = at.text;
  site.bytes.assign(bytes.begin(), bytes.end());
  site.cost = at.emulated ? SiteCost::kEmulated : SiteCost::kSingleStepped;
  return site;
}

}  // namespace gotls
