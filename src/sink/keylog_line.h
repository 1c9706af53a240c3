// One line of an NSS key log.
#pragma once

#include <string>

#include "gotls/records.h"

namespace gotls {

// "LABEL CLIENT_RANDOM SECRET\n" to the end of `out`, the last two in hex. A secret that can't be
// one (it comes from another program's memory) appends nothing and returns false.
bool AppendKeyLogLine(std::string& out, const TlsSecret& secret);

}  // namespace gotls
