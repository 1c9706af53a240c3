#include "probe/containers.h"

#include <gtest/gtest.h>

#include <string>

#include "probe/test_root.h"

// Cases name what is there.
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

namespace gotls {
namespace {

using namespace std::string_literals;

const std::string kId = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const std::string kOther = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";
constexpr std::uint64_t kSecond = 1'000'000'000;

class ContainersTest : public ::testing::Test {
 protected:
  void AddProcess(std::uint32_t pid, const std::string& status, const std::string& cgroup,
                  const std::string& comm = "x", const std::string& command_line = {}) {
    const std::string folder = "/proc/" + std::to_string(pid);
    root_.Add(folder + "/status", status);
    root_.Add(folder + "/cgroup", cgroup);
    root_.Add(folder + "/comm", comm + "\n");
    root_.Add(folder + "/cmdline", command_line);
  }
  void AddName(const std::string& name) {
    root_.Add("/var/lib/docker/containers/" + kId + "/config.v2.json",
              R"({"Name":"/)" + name + "\"}");
  }

  TestRoot root_;
  Containers containers_{root_.path(), root_.path() + "/proc"};
  const std::string docker_ = "0::/docker/" + kId + "\n";
  const std::string podman_ = "0::/libpod_parent/libpod-" + kId + "\n";
};

TEST_F(ContainersTest, TellsContainerAndPidInside) {
  AddName("web");
  AddProcess(4711, "Name:\tx\nPPid:\t1\nNSpid:\t4711\t812\t7\n", docker_);
  const ProcessHome home = containers_.Of(4711, 0);
  EXPECT_EQ(home.namespace_pid, 7U);
  EXPECT_EQ(home.container, (Container{kId, "docker", "web"}));
}

TEST_F(ContainersTest, OfProcessesOfTheHostAndOfNone) {
  AddProcess(4711, "Name:\tx\nNSpid:\t4711\n", "0::/user.slice\n");
  AddProcess(4712, "\nNSpid:\tx\t\xff 99999999999999999999\n", "\xff");
  AddProcess(4713, "\nNSpid:", "");
  for (const std::uint32_t pid : {4711, 4712, 4713, 4714}) {
    const ProcessHome home = containers_.Of(pid, 0);
    EXPECT_EQ(home.namespace_pid, 0U) << pid;
    EXPECT_EQ(home.container, Container()) << pid;
  }
}

TEST_F(ContainersTest, LooksAgainForANameThatWasNotThere) {
  AddProcess(4711, "", docker_);
  EXPECT_EQ(containers_.Of(4711, 0).container.name, "");
  AddName("web");
  EXPECT_EQ(containers_.Of(4711, kSecond).container.name, "");  // not each time
  EXPECT_EQ(containers_.Of(4711, 3 * kSecond).container.name, "web");
  AddName("renamed");
  EXPECT_EQ(containers_.Of(4711, 9 * kSecond).container.name, "web");  // found once is enough
}

TEST_F(ContainersTest, AsksTheMonitorAmongTheAncestors) {
  AddProcess(20, "\nPPid:\t1\n", "0::/\n", "conmon", "conmon\0-c\0"s + kId + "\0-u\0x\0-n\0web\0"s);
  AddProcess(21, "\nPPid:\t20\n", podman_);
  AddProcess(22, "\nPPid:\t21\n", podman_);
  EXPECT_EQ(containers_.Of(22, 0).container.name, "web");
}

TEST_F(ContainersTest, DoesNotBelieveOtherMonitors) {
  // Of another container; one that runs inside; one without arguments. Ancestors in a circle.
  AddProcess(20, "\nPPid:\t21\n", "0::/\n", "conmon", "conmon\0-c\0"s + kOther + "\0-n\0web\0"s);
  AddProcess(21, "\nPPid:\t22\n", podman_, "conmon", "conmon\0-c\0"s + kId + "\0-n\0web\0"s);
  AddProcess(22, "\nPPid:\t20\n", "0::/\n", "conmon", "-c\0-n"s);
  EXPECT_EQ(containers_.Of(21, 0).container, (Container{kId, "podman"}));
}

TEST_F(ContainersTest, ManyContainersDoNotFillMemory) {
  for (std::uint32_t i = 0; i < 5000; i++) {
    std::string id = kId;
    for (std::uint32_t n = i, digit = 0; digit < 4; digit++, n /= 10)
      id[digit] = static_cast<char>('0' + n % 10);
    root_.Add("/proc/7/cgroup", "0::/docker/" + id + "\n");
    EXPECT_EQ(containers_.Of(7, 0).container.id, id);
  }
}

}  // namespace
}  // namespace gotls
