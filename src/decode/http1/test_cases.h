// Checks a script against the expected text, whole and in pieces.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>

#include "decode/http1/test_http1.h"

namespace gotls::testing {

struct TestCase {
  std::string_view name;
  Script script;
  std::string_view expected;
  bool joined = false;
};

// Once for each place inside a step: that step in two pieces.
inline void CheckEverySplit(const TestCase& test) {
  for (std::size_t i = 0; i < test.script.size(); ++i) {
    for (std::size_t at = 1; at < test.script[i].bytes.size(); ++at) {
      Script pieces = test.script;
      for (std::size_t n = 0; n < pieces.size(); ++n) pieces[n].number = static_cast<int>(n);
      Step tail = pieces[i];
      tail.bytes.erase(0, at);
      pieces[i].bytes.resize(at);
      pieces.insert(pieces.begin() + static_cast<std::ptrdiff_t>(i) + 1, tail);
      ASSERT_EQ(RunScript(pieces, test.joined).text, test.expected)
          << test.name << ": step " << i << " split at " << at;
    }
  }
}

inline void CheckCase(const TestCase& test) {
  ASSERT_EQ(RunScript(test.script, test.joined).text, test.expected) << test.name;
  CheckEverySplit(test);
  for (std::size_t size = 1; size < 10; ++size) {
    const auto fixed = [size](std::size_t left) { return std::min(size, left); };
    ASSERT_EQ(RunScript(Split(test.script, fixed), test.joined).text, test.expected)
        << test.name << " in pieces of " << size;
  }
  std::minstd_rand random(1);
  for (int i = 0; i < 100; ++i) {
    const auto any = [&random](std::size_t left) { return 1 + random() % left; };
    ASSERT_EQ(RunScript(Split(test.script, any), test.joined).text, test.expected)
        << test.name << " in random pieces, round " << i;
  }
}

}  // namespace gotls::testing
