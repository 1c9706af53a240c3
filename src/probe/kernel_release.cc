#include "probe/kernel_release.h"

#include <sys/utsname.h>

#include <charconv>
#include <compare>
#include <utility>

namespace gotls {

std::string KernelRelease() {
  utsname host{};
  return uname(&host) == 0 ? host.release : "";
}

bool IsSupported(std::string_view release) {
  constexpr std::pair kFloor = {5, 10};
  std::pair version = {0, 0};
  const char* const end = release.data() + release.size();
  const auto major = std::from_chars(release.data(), end, version.first);
  if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') return false;
  const auto minor = std::from_chars(major.ptr + 1, end, version.second);
  return minor.ec == std::errc() && version >= kFloor;
}

}  // namespace gotls
