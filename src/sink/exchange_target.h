// Where an exchange goes to or comes from.
#pragma once

#include <string>

#include "gotls/exchange.h"
#include "gotls/records.h"

namespace gotls {

// Appends, harmless, whom the program speaks with, to `peer`: for a client the host as it was sent,
// else the name of the handshake, else the address; for a server the address without its port. And
// what is asked for to `path`, begun by a space when it doesn't join on to `peer`. "?" for what is
// not known.
void AppendTargetParts(std::string& peer, std::string& path, const Connection& connection,
                       const Exchange& exchange);

}  // namespace gotls
