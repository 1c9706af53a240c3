// The format for eyes: a line an exchange, messages below theirs, bytes that nobody decodes as the
// raw view (text.h) shows them.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "gotls/sink.h"
#include "sink/exchange_style.h"
#include "sink/output_file.h"

namespace gotls {

// An exchange is shown when it has ended. One that has messages is shown sooner: a line when it
// turns out to be more than one call (a second message of one side, or 300 ms passed), its messages
// as they come, and a line with its totals at the end. Of a connection whose bytes nobody decodes,
// opening, bytes and close are shown; of one that carried nothing, nothing.
//
// `width` is asked now and then for style.width, since screens change; empty: style.width stays.
// `out` must outlive the sink, which implements ExchangeSink too.
std::unique_ptr<Sink> MakeExchangeTextSink(OutputFile& out, const ExchangeStyle& style,
                                           std::function<std::size_t()> width);

}  // namespace gotls
