// Any file as a recording, through all stages to all outputs: replayed, or an error that says what
// is wrong with it.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/unique_fd.h"
#include "gotls/session.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const gotls::UniqueFd file(::memfd_create("recording", MFD_CLOEXEC));
  if (::write(file.get(), data, size) != static_cast<ssize_t>(size)) std::abort();
  const std::string path = "/proc/self/fd/" + std::to_string(file.get());
  // One and the same file by several names: no two outputs may have the same.
  const auto summary =
      gotls::Replay(path,
                    {"text:/dev/null", "json:/dev/./null,what=all", "har:/dev/././null",
                     "pcapng://dev/null", "hex://dev/./null", "keylog://dev/././null"},
                    nullptr, {}, {.redact_rules = {"json:list"}, .detail = 2, .pretty = true});
  if (!summary &&
      (summary.error().kind == gotls::ErrorKind::kUsage || summary.error().what.empty()))
    std::abort();
  return 0;
}
