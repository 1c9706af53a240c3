#include "probe/kernel_release.h"

#include <gtest/gtest.h>

namespace gotls {
namespace {

TEST(KernelRelease, FromFiveTenOn) {
  for (const char* release : {"5.10.0-32-cloud-amd64", "5.10", "5.15.0", "6.1.0", "7.3.4+deb13"})
    EXPECT_TRUE(IsSupported(release)) << release;
  for (const char* release :
       {"5.9.16", "5.4.0-200-generic", "4.19.0", "2.6.78", "", "5", "5.", "x.10"})
    EXPECT_FALSE(IsSupported(release)) << release;
}

TEST(KernelRelease, TheOneThatRunsHasOne) { EXPECT_FALSE(KernelRelease().empty()); }

}  // namespace
}  // namespace gotls
