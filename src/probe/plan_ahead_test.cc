#include "probe/plan_ahead.h"

#include <gtest/gtest.h>

#include "probe/test_file.h"
#include "probe/test_go_program.h"

namespace gotls {
namespace {

TEST(PlanAhead, LeavesTheCacheAsItIsWhenNothingCanBePlanned) {
  const TestFile script("#!/bin/sh\n");
  PlanCache cache(PlanChoice::kAuto);
  PlanAhead ahead(cache, {"", "/no/such/file", "/dev", script.path()});
  ahead.Wait();
  EXPECT_EQ(cache.size(), 0U);
  EXPECT_FALSE(cache.Get(script.Open().get(), script.path()).has_value());
}

TEST(PlanAhead, PlansEachProgramOnce) {
  const std::string content = GoProgram();
  if (content.empty()) GTEST_SKIP() << "no Go programs: run tests/build-targets";
  const TestFile program(content);
  const TestFile copy(content);
  PlanCache cache(PlanChoice::kAuto);
  PlanAhead ahead(cache, {"/no/such/file", program.path(), program.path(), copy.path()});
  ahead.Wait();
  EXPECT_EQ(cache.size(), 1U);
  const auto planned = cache.Get(program.Open().get(), program.path());
  ASSERT_TRUE(planned.has_value());
  EXPECT_FALSE((*planned)->plans.empty());
  EXPECT_EQ(cache.size(), 1U);
  const auto of_copy = cache.Get(copy.Open().get(), copy.path());
  ASSERT_TRUE(of_copy.has_value());
  EXPECT_EQ(*planned, *of_copy);
}

TEST(PlanAhead, AFileThatWasReplacedSinceIsPlannedAnew) {
  const std::string content = GoProgram();
  if (content.empty()) GTEST_SKIP() << "no Go programs: run tests/build-targets";
  const TestFile program(content);
  PlanCache cache(PlanChoice::kAuto);
  PlanAhead ahead(cache, {program.path()});
  ahead.Wait();
  ASSERT_EQ(cache.size(), 1U);
  ASSERT_EQ(truncate(program.path().c_str(), 100), 0);
  EXPECT_FALSE(cache.Get(program.Open().get(), program.path()).has_value());
}

}  // namespace
}  // namespace gotls
