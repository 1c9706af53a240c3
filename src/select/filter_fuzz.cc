// Any text as an expression: it is parsed or refused, and what it says of an exchange does not
// change when more becomes known.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "select/filter.h"
#include "select/test_subject.h"

namespace {

using gotls::Filter;
using gotls::Tri;

void Check(bool holds) {
  if (!holds) std::abort();
}

// Once true or false, always true or false.
void CheckGrows(Tri before, Tri after) { Check(before == Tri::kUnknown || before == after); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view expression(reinterpret_cast<const char*>(data), size);
  const auto filter = Filter::Parse(expression);
  if (!filter) {
    Check(filter.error().kind == gotls::ErrorKind::kUsage && !filter.error().what.empty());
    return 0;
  }
  const gotls::Connection connection = gotls::testing::MakeConnection();
  const gotls::Exchange ended = gotls::testing::MakeExchange();
  gotls::Exchange open = ended;
  open.state = gotls::ExchangeState::kOpen;
  open.status = 0;
  open.response = {};
  gotls::Exchange hardly = open;
  hardly.host.clear();
  hardly.path.clear();
  hardly.request.head_complete = false;
  hardly.request.headers.clear();
  const Tri first = filter->MatchConnection(connection);
  const Tri second = filter->Match(connection, hardly);
  const Tri third = filter->Match(connection, open);
  const Tri last = filter->Match(connection, ended);
  CheckGrows(first, second);
  CheckGrows(second, third);
  CheckGrows(third, last);
  Check(filter->Accepts(connection, open) == (third != Tri::kFalse));
  Check(filter->Accepts(connection, ended) == (last == Tri::kTrue));
  return 0;
}
