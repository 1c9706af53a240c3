// What a Go binary says of its own making: toolchain version, main package, build id.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "binary/image.h"

namespace gotls {

struct BuildInfo {
  std::string go_version;      // "go1.26.1"; empty: unknown
  std::string version_source;  // ".go.buildinfo", "runtime.buildVersion"
  std::string main_package;    // may be empty
};

// From the build info that the linker leaves, or else from the runtime's own version string.
// `minimum` and `maximum` bound the minor version (as the pclntab's form tells), to choose among
// several strings that look like one.
BuildInfo ReadBuildInfo(const Image& image, std::uint32_t minimum, std::uint32_t maximum);

// 26 of "go1.26.1", "go1.26rc2", "devel go1.26-0123abc"; 0 when there is none.
std::uint32_t MinorVersion(std::string_view version);

// GNU build id in hex, or Go's; empty without a note.
std::string ReadBuildId(int fd, const ElfHeaders& headers);

}  // namespace gotls
