#include "sink/container_text.h"

#include <gtest/gtest.h>

#include "sink/json_fields.h"

// Cases name what is there.
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

namespace gotls {
namespace {

const std::string kId = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

TEST(ContainerText, SaysWhatIsKnown) {
  const struct {
    std::uint32_t namespace_pid;
    Container container;
    std::string text;
  } cases[] = {
      {0, {}, ""},
      {4711, {}, ""},
      {7, {}, "pid 7 inside"},
      {1, {kId, "podman", "web"}, "container web (podman 0123456789ab), pid 1 inside"},
      {0, {kId, "", ""}, "container (0123456789ab)"},
      {0,
       {kId, "cri-o", "app", "web-7f9", "shop"},
       "pod shop/web-7f9 container app (cri-o 0123456789ab)"},
      {9,
       {kId, "", "", "web-7f9", "shop"},
       "pod shop/web-7f9 container (0123456789ab), pid 9 inside"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(ContainerText({4711, "x", "/x", one.namespace_pid, one.container}), one.text);
  }
}

TEST(ContainerText, AsJson) {
  std::string out;
  json::ContainerFields(out, {});
  EXPECT_EQ(out, ",\"container\":null");
  out.clear();
  json::ContainerFields(out, {"01ab", "cri-o", "a\"b\xff", "web-7f9", "shop", ""});
  EXPECT_EQ(out, R"(,"container":{"id":"01ab","runtime":"cri-o","name":"a\"b�",)"
                 R"("pod":"web-7f9","namespace":"shop","pod_uid":null})");
}

}  // namespace
}  // namespace gotls
