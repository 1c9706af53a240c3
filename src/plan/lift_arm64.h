// What an A64 instruction word does, read off its bits: Capstone 4 has no aliases that can be
// trusted on arm64, and doesn't know the atomic instructions of Armv8.1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plan/decoder.h"

namespace gotls {

// Appends the effects of the word at `address` to `code`, one Instruction each, at least one. What
// isn't known by its bits makes everything unknown. Text is left empty.
void LiftArm64(std::uint32_t word, std::uint64_t address, std::uint32_t offset,
               std::vector<Instruction>& code);

// "casal w27, w6, [x4]": the atomic instructions of Armv8.1, which Go's mutexes are made of;
// nullopt for all others.
std::optional<std::string> AtomicText(std::uint32_t word);

// Whether a word takes (or gives up) the exclusive monitor, which a probe in between would lose.
bool IsLoadExclusive(std::uint32_t word);
bool IsStoreExclusive(std::uint32_t word);

}  // namespace gotls
