// HTTP Archive 1.2: what the developer tools of browsers import.
#pragma once

#include <memory>
#include <string>

#include "gotls/sink.h"
#include "sink/output_file.h"

namespace gotls {

// One entry for each exchange when it has ended, with its messages. In a file, all that was handed
// to the system is a whole archive at any time, so that one that is interrupted can be imported;
// to a pipe the end is written at the end. `version` is the one of gotls. `out` must outlive the
// sink, which implements ExchangeSink too.
Result<std::unique_ptr<Sink>> MakeHarSink(OutputFile& out, const std::string& version);

}  // namespace gotls
