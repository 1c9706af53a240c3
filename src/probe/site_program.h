// Probes on kernels without attach cookies (before 5.15).
//
// A program can't be told there which probe it was called for. So each site has a tiny program of
// its own, which leaves the site's index in a map and goes on with the common one. Looking the site
// up by instruction pointer instead would have to find out first which file is mapped there.
#pragma once

#include <cstdint>
#include <string>

#include "base/unique_fd.h"
#include "base/units.h"
#include "gotls/error.h"

namespace gotls {

// The maps `current_site` and `site_program` of the kernel half.
struct SiteProgramMaps {
  int current_site = -1;
  int site_program = -1;
};

// Loads the program for one site.
Result<UniqueFd> LoadSiteProgram(const SiteProgramMaps& maps, std::uint32_t site);

// Runs `program` whenever any process executes the instruction at `offset` of the file at `path`,
// for as long as the descriptor is open.
Result<UniqueFd> OpenProbeEvent(const UniqueFd& program, const std::string& path,
                                FileOffset offset);

}  // namespace gotls
