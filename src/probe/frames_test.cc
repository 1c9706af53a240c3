// What bpf/work.h demands of our BPF functions' frames, asked of the verifier.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "probe/privilege.h"
#include "probe/skeleton.h"
#include "probe/skeleton_before_6_0.h"

namespace gotls {
namespace {

constexpr int kLargest =
    48;  // rounded up to 16, less than the 64 of which Linux 6.13 makes a stack of the CPU

struct Form {
  const char* name;
  const void* (*bytes)(std::size_t*);
};

// "stack depth 48+40+0": of the program and of each function that it calls.
std::vector<int> FramesIn(const std::string& log) {
  constexpr std::string_view kTitle = "stack depth ";
  std::vector<int> frames;
  const std::size_t at = log.find(kTitle);
  if (at == std::string::npos) return frames;
  const char* next = log.c_str() + at + kTitle.size();
  for (char* end = nullptr;; next = end + 1) {
    frames.push_back(static_cast<int>(std::strtol(next, &end, 10)));
    if (*end != '+') return frames;
  }
}

class Frames : public testing::TestWithParam<Form> {};

TEST_P(Frames, StayOnTheTasksStack) {
  if (!MissingCapabilities().empty())
    GTEST_SKIP() << "not root: only the kernel's verifier knows the frames";
  std::size_t size = 0;
  const void* bytes = GetParam().bytes(&size);
  bpf_object* object = bpf_object__open_mem(bytes, size, nullptr);
  ASSERT_NE(object, nullptr);
  constexpr int kStatistics = 4;
  std::vector<std::string> logs;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) logs.emplace_back(1 << 20, '\0');
  std::size_t index = 0;
  bpf_object__for_each_program(program, object) {
    bpf_program__set_log_level(program, kStatistics);
    bpf_program__set_log_buf(program, logs[index].data(), logs[index].size());
    index++;
  }
  const int error = bpf_object__load(object);
  bpf_object__close(object);
  if (error == -ESRCH) GTEST_SKIP() << "no BTF in this kernel";
  ASSERT_EQ(error, 0);
  for (const std::string& log : logs) {
    const std::vector<int> frames = FramesIn(log);
    EXPECT_FALSE(frames.empty()) << log.c_str();
    EXPECT_THAT(frames, testing::Each(testing::Le(kLargest))) << log.c_str();
  }
}

INSTANTIATE_TEST_SUITE_P(OfThePrograms, Frames,
                         testing::Values(Form{"current", &gotls_bpf__elf_bytes},
                                         Form{"before_6_0", &gotls_before_6_0_bpf__elf_bytes}),
                         [](const auto& form) { return form.param.name; });

TEST(FramesIn, ReadsTheVerifiersLine) {
  EXPECT_THAT(FramesIn("x\nstack depth 48+40+0\nprocessed 7"), testing::ElementsAre(48, 40, 0));
  EXPECT_THAT(FramesIn("stack depth 8"), testing::ElementsAre(8));
  EXPECT_THAT(FramesIn("processed 7"), testing::IsEmpty());
}

}  // namespace
}  // namespace gotls
