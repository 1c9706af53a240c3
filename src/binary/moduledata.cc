#include "binary/moduledata.h"

#include <algorithm>

namespace gotls {
namespace {

// Go 1.15 has 56 words in all, Go 1.27 76; what we want is in the first half.
constexpr std::uint64_t kWords = 80;

// The first word points to the pclntab. The next that must hold: from Go 1.16 on a slice of the
// names' table, before that the slice of functions behind the slice of the whole table.
bool IsModuleData(const Image& image, const Pclntab& pclntab, VirtualAddress at) {
  if (pclntab.has_name_table()) return image.Pointer(at + 8) == pclntab.second_table();
  return image.Pointer(at + 24) == pclntab.second_table() &&
         image.Read<std::uint64_t>(at + 32) == std::uint64_t{pclntab.function_count()} + 1;
}

// minpc and maxpc, two neighbouring words, lie as far from runtime.text as the pclntab's first and
// last entry: that gives text without knowing where it stands. Up to Go 1.17 entries are addresses,
// and text follows maxpc.
bool FindText(const Image& image, const Pclntab& pclntab, ModuleData& module,
              const std::vector<std::uint64_t>& words) {
  const std::uint64_t first = pclntab.first_start();
  const std::uint64_t length = pclntab.last_end() - first;
  for (std::size_t i = 1; i + 3 < words.size(); ++i) {
    if (words[i + 1] - words[i] != length || !image.IsCode({words[i]})) continue;
    if (pclntab.entries_are_relative()) {
      module.text = {words[i] - first};
    } else if (words[i] == first) {
      const VirtualAddress next{words[i + 2]};
      module.text = image.IsCode(next) && next.value <= first ? next : VirtualAddress{first};
    } else {
      continue;
    }
    module.words.assign(words.begin() + static_cast<std::ptrdiff_t>(i) + 2, words.end());
    return true;
  }
  return false;
}

std::vector<std::uint64_t> ReadWords(const Image& image, VirtualAddress at) {
  std::vector<std::uint64_t> words;
  const Bytes bytes = image.From(at);
  for (std::uint64_t i = 0; i < kWords; ++i) {
    const auto word = ReadAt<std::uint64_t>(bytes, i * 8);
    if (!word) break;
    words.push_back(*word);
  }
  return words;
}

std::optional<ModuleData> FindIn(const Image& image, const Pclntab& pclntab,
                                 const Image::Segment& segment) {
  const std::uint64_t wanted = pclntab.address().value;
  for (std::uint64_t at = -segment.address.value & 7; at + 8 <= segment.bytes.size(); at += 8) {
    if (*ReadAt<std::uint64_t>(segment.bytes, at) != wanted) continue;
    ModuleData module{.address = segment.address + at, .text = {}, .words = {}};
    if (!IsModuleData(image, pclntab, module.address)) continue;
    if (FindText(image, pclntab, module, ReadWords(image, module.address))) return module;
  }
  return std::nullopt;
}

}  // namespace

std::optional<ModuleData> FindModuleData(const Image& image, const Pclntab& pclntab) {
  // Written at run time, so it is in writable data; the other segments are a last resort.
  for (const bool writable : {true, false}) {
    for (const Image::Segment& segment : image.segments()) {
      if (segment.writable != writable) continue;
      if (auto module = FindIn(image, pclntab, segment)) return module;
    }
  }
  return std::nullopt;
}

}  // namespace gotls
