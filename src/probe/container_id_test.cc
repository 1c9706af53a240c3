#include "probe/container_id.h"

#include <gtest/gtest.h>

#include <string>

namespace gotls {
namespace {

const std::string kId = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const std::string kOther = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";
const std::string kUid = "1b4f9c2e-5d6a-4c1f-9b7e-0a1b2c3d4e5f";
const std::string kUidOfSystemd = "1b4f9c2e_5d6a_4c1f_9b7e_0a1b2c3d4e5f";

struct Case {
  std::string what;
  std::string cgroups;
  std::string id;
  std::string runtime{};
  std::string pod_uid{};
};

TEST(ContainerId, OfEachEngine) {
  const Case cases[] = {
      {"podman, cgroupfs, v1", "9:memory:/libpod_parent/libpod-" + kId + "\n", kId, "podman"},
      {"podman, both versions",
       "3:cpu:/libpod_parent/libpod-" + kId + "\n0::/libpod_parent/libpod-" + kId + "\n", kId,
       "podman"},
      {"podman, systemd", "0::/machine.slice/libpod-" + kId + ".scope/container\n", kId, "podman"},
      {"podman, rootless",
       "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + kId + ".scope\n",
       kId, "podman"},
      {"podman, split cgroups", "0::/system.slice/a.service/libpod-payload-" + kId + "\n", kId,
       "podman"},
      {"docker, cgroupfs", "12:pids:/docker/" + kId + "\n", kId, "docker"},
      {"docker, systemd", "0::/system.slice/docker-" + kId + ".scope\n", kId, "docker"},
      {"docker, seen from another container", "0::/../../docker-" + kId + ".scope\n", kId,
       "docker"},
      {"containerd, Kubernetes, systemd",
       "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + kUidOfSystemd +
           ".slice/cri-containerd-" + kId + ".scope\n",
       kId, "containerd", kUid},
      {"containerd, guaranteed pod",
       "0::/kubepods.slice/kubepods-pod" + kUidOfSystemd + ".slice/cri-containerd-" + kId +
           ".scope\n",
       kId, "containerd", kUid},
      {"containerd, Kubernetes, cgroupfs",
       "4:cpu:/kubepods/besteffort/pod" + kUid + "/" + kId + "\n", kId, "", kUid},
      {"containerd, systemd's names without systemd",
       "5:cpu:/system.slice/containerd.service/kubepods-besteffort-pod" + kUidOfSystemd +
           ".slice:cri-containerd:" + kId + "\n",
       kId, "containerd", kUid},
      {"CRI-O, systemd",
       "0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" + kUidOfSystemd +
           ".slice/crio-" + kId + ".scope\n",
       kId, "cri-o", kUid},
      {"CRI-O, cgroupfs", "2:cpu:/kubepods/burstable/pod" + kUid + "/crio-" + kId + "\n", kId,
       "cri-o", kUid},
      {"static pod", "0::/kubepods/burstable/pod" + std::string(32, 'a') + "/" + kId + "\n", kId,
       "", std::string(32, 'a')},
      {"nerdctl", "0::/system.slice/nerdctl-" + kId + ".scope\n", kId, "containerd"},
      {"an engine that we don't know", "0::/ecs/task/" + kId + "\n", kId, ""},
      {"a container in a container",
       "0::/docker/" + kOther + "/kubelet/kubepods/pod" + kUid + "/cri-containerd-" + kId + "\n",
       kId, "containerd", kUid},
      {"v1 shows it, v2 does not", "2:cpu:/docker/" + kId + "\n0::/system.slice/docker.service\n",
       kId, "docker"},
  };
  for (const Case& one : cases) {
    const auto found = FindContainer(one.cgroups);
    ASSERT_TRUE(found) << one.what;
    EXPECT_EQ(found->id, one.id) << one.what;
    EXPECT_EQ(found->runtime, one.runtime) << one.what;
    EXPECT_EQ(found->pod_uid, one.pod_uid) << one.what;
    EXPECT_TRUE(found->name.empty() && found->pod.empty()) << one.what;
  }
}

TEST(ContainerId, OfNoContainer) {
  const std::string cases[] = {
      "",
      "\n\n:::\n",
      "0::/\n",
      "0::/user.slice/user-0.slice/session-1.scope\n",
      "0::/machine.slice/libpod-conmon-" + kId + ".scope\n",
      "0::/kubepods.slice/crio-conmon-" + kId + ".scope\n",
      "0::/docker/" + kId.substr(1) + "\n",          // too short
      "0::/docker/0" + kId + "\n",                   // too long
      "0::/docker/" + kId.substr(0, 63) + "G\n",     // no digit
      "0::/docker/" + kId.substr(0, 60) + "/../\n",  // no id
      "0::/kubepods/burstable/pod" + kUid + "\n",    // a pod, no container
      "0::/system.slice/docker" + kId + ".scope\n",  // nothing between
      kId + "\n",                                    // no path
  };
  for (const std::string& cgroups : cases) EXPECT_FALSE(FindContainer(cgroups)) << cgroups;
}

// Whatever stands there: no crash, and an id is an id.
TEST(ContainerId, OfHostilePaths) {
  const std::string line =
      "7:cpu:/kubepods/pod" + kUid + "/a.slice:cri-containerd:" + kId + ".scope\n0::/\n";
  for (std::size_t end = 0; end <= line.size(); end++) {
    for (const char c : {'\0', '/', ':', '-', '\n', '\xff'}) {
      std::string text = line.substr(0, end) + c + line.substr(end);
      const auto found = FindContainer(text);
      EXPECT_TRUE(!found || IsContainerId(found->id)) << text;
      EXPECT_NO_FATAL_FAILURE(FindContainer(line.substr(0, end)));
    }
  }
  EXPECT_FALSE(FindContainer(std::string(1 << 20, '/')));
  EXPECT_FALSE(FindContainer(std::string(1 << 20, ':')));
}

}  // namespace
}  // namespace gotls
