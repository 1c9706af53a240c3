// Go's moduledata: the runtime's own table of contents of a program. Its layout changes with most
// versions, so its parts are recognised by what they must agree with, never by their place.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/units.h"
#include "binary/image.h"
#include "binary/pclntab.h"

namespace gotls {

struct ModuleData {
  VirtualAddress address;
  VirtualAddress text;               // runtime.text
  std::vector<std::uint64_t> words;  // those after `text`: one of them is the base of the types
};

// Nothing when no word of the image is a moduledata for this table.
std::optional<ModuleData> FindModuleData(const Image& image, const Pclntab& pclntab);

}  // namespace gotls
