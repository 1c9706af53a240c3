#include "probe/container_names.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "probe/test_root.h"

// Cases name what is there.
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

namespace gotls {
namespace {

const std::string kId = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const std::string kUid = "1b4f9c2e-5d6a-4c1f-9b7e-0a1b2c3d4e5f";
const std::string kDocker = "/var/lib/docker/containers/" + kId + "/config.v2.json";
const std::string kStorage = "/var/lib/containers/storage/";
const std::string kPodman = kStorage + "overlay-containers/containers.json";
const std::string kCrio = kStorage + "overlay-containers/" + kId + "/userdata/config.json";
const std::string kTasks = "/run/containerd/io.containerd.runtime.v2.task/";

Container Complete(const TestRoot& root, Container container = {.id = kId}) {
  ContainerNames(root.path()).Complete(container);
  return container;
}

struct File {
  std::string path;
  std::string content;
};

struct Case {
  std::string what;
  std::vector<File> files;
  Container before;
  Container after;
};

TEST(ContainerNames, FromTheFilesOfEachEngine) {
  const Container whole{kId, "containerd", "app", "web-7f9", "shop", kUid};
  const Case cases[] = {
      {"nothing there", {}, {.id = kId}, {.id = kId}},
      {"podman",
       {{kPodman,
         R"([{"id":"00","names":["no"]},{"id":")" + kId + R"(","names":["web","w"],"x":[{}]}])"}},
       {kId, "podman"},
       {kId, "podman", "web"}},
      {"podman with the vfs driver",
       {{kStorage + "vfs-containers/containers.json",
         R"([{"id":")" + kId + R"(","names":["web"]}])"}},
       {kId, "podman"},
       {kId, "podman", "web"}},
      {"docker",
       {{kDocker, R"({"Name":"/web","Config":{"Labels":{}}})"}},
       {.id = kId},
       {kId, "docker", "web"}},
      {"docker in Kubernetes, by labels",
       {{kDocker, R"({"Name":"/k8s_x","Config":{"Labels":{"io.kubernetes.container.name":"app",)"
                  R"("io.kubernetes.pod.name":"web-7f9","io.kubernetes.pod.namespace":"shop"}}})"}},
       {.id = kId},
       {kId, "docker", "app", "web-7f9", "shop"}},
      {"docker in Kubernetes, by name",
       {{kDocker, R"({"Name":"/k8s_app_web-7f9_shop_)" + kUid + R"(_0"})"}},
       {.id = kId},
       {kId, "docker", "app", "web-7f9", "shop", kUid}},
      {"containerd in Kubernetes",
       {{kTasks + "k8s.io/" + kId + "/config.json",
         R"({"annotations":{"io.kubernetes.cri.container-name":"app","io.kubernetes.cri.sandbox-name":)"
         R"("web-7f9","io.kubernetes.cri.sandbox-namespace":"shop","io.kubernetes.cri.sandbox-uid":")" +
             kUid + R"("}})"}},
       {.id = kId},
       whole},
      {"nerdctl",
       {{kTasks + "default/" + kId + "/config.json", R"({"annotations":{"nerdctl/name":"web"}})"}},
       {.id = kId},
       {kId, "containerd", "web"}},
      {"docker's containerd",
       {{kTasks + "moby/" + kId + "/config.json", "{}"}},
       {.id = kId},
       {.id = kId}},
      {"CRI-O",
       {{kCrio, R"({"annotations":{"io.kubernetes.container.name":"app","io.kubernetes.pod.name":)"
                R"("web-7f9","io.kubernetes.pod.namespace":"shop"}})"}},
       {kId, "cri-o", "", "", "", kUid},
       {kId, "cri-o", "app", "web-7f9", "shop", kUid}},
      {"links to logs",
       {{"/var/log/containers/web-7f9_shop_app-" + kId + ".log", ""},
        {"/var/log/containers/x.log", ""}},
       {.id = kId},
       {kId, "", "app", "web-7f9", "shop"}},
      {"logs of the pod",
       {{"/var/log/pods/shop_web-7f9_" + kUid + "/app/0.log", ""},
        {"/var/log/pods/a_b_c/d/0.log", ""}},
       {.id = kId, .pod_uid = kUid},
       {kId, "", "app", "web-7f9", "shop", kUid}},
      {"logs of a pod of two containers",
       {{"/var/log/pods/shop_web-7f9_" + kUid + "/app/0.log", ""},
        {"/var/log/pods/shop_web-7f9_" + kUid + "/side/0.log", ""}},
       {.id = kId, .pod_uid = kUid},
       {kId, "", "", "web-7f9", "shop", kUid}},
  };
  for (const Case& one : cases) {
    const TestRoot root;
    for (const File& file : one.files) root.Add(file.path, file.content);
    EXPECT_EQ(Complete(root, one.before), one.after) << one.what;
  }
}

TEST(ContainerNames, ReadsAStorageAgainWhenItHasChanged) {
  const TestRoot root;
  ContainerNames names(root.path());
  Container container{.id = kId};
  root.Add(kPodman, "[]");
  names.Complete(container);
  EXPECT_EQ(container.name, "");
  root.Add(kPodman, R"([{"id":")" + kId + R"(","names":["late"]}])");
  names.Complete(container);
  EXPECT_EQ(container.name, "late");
}

// Nothing of this may crash, hang or be believed.
TEST(ContainerNames, OfNonsense) {
  const std::string nonsense[] = {
      "",
      "{",
      "null",
      "[]",
      "{}",
      "[[[[[[",
      std::string(1 << 20, '['),
      std::string("\0\xff\xfe", 3),
      R"({"Name":{"a":1},"Config":[1],"annotations":7})",
      R"({"annotations":{"io.kubernetes.pod.name":["x"],"nerdctl/name":null}})",
      R"([1,"x",null,{"id":7,"names":"x"},{"id":")" + kId + R"(","names":[7]}])",
      R"([{"id":")" + kId + R"("},{"id":")" + kId + R"(","names":[]}])",
      R"({"Name":"/)" + std::string(100000, 'x') + "\"",
  };
  for (const std::string& text : nonsense) {
    const TestRoot root;
    for (const std::string& path :
         {kDocker, kPodman, kCrio, kTasks + "k8s.io/" + kId + "/config.json"}) {
      root.Add(path, text);
    }
    const Container found = Complete(root);
    EXPECT_EQ(found.name, "") << text.substr(0, 80);
    EXPECT_EQ(found.pod, "") << text.substr(0, 80);
  }
}

TEST(ContainerNames, CutsWhatIsTooLong) {
  const TestRoot root;
  root.Add(kDocker, R"({"Name":"/)" + std::string(10000, 'x') + R"("})");
  EXPECT_LE(Complete(root).name.size(), 256U);
}

TEST(ContainerNames, ReadsFilesAlone) {
  const TestRoot root;
  std::filesystem::create_directories(root.path() + kDocker);  // a folder
  std::filesystem::create_directories(std::filesystem::path(root.path() + kPodman).parent_path());
  ASSERT_EQ(mkfifo((root.path() + kPodman).c_str(), 0600), 0);  // nobody writes to it
  EXPECT_EQ(Complete(root), Container{.id = kId});
  EXPECT_EQ(ReadBounded("/dev/zero", 10), "");
  root.Add("/ten", "0123456789");
  EXPECT_EQ(ReadBounded(root.path() + "/ten", 4), "0123");
}

TEST(ContainerNames, KeepsWhatIsNoIdOutOfPaths) {
  const TestRoot root;
  root.Add("/etc/config.v2.json", R"({"Name":"/web"})");
  EXPECT_EQ(Complete(root, {.id = "../../../../etc"}).name, "");
}

}  // namespace
}  // namespace gotls
