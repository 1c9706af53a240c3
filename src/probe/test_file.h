// For tests: a file that goes away with the test.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace gotls {

class TestFile {
 public:
  explicit TestFile(std::string_view content) : path_(::testing::TempDir() + "gotls_probe_XXXXXX") {
    const UniqueFd fd(mkostemp(path_.data(), O_CLOEXEC));
    EXPECT_EQ(write(fd.get(), content.data(), content.size()),
              static_cast<ssize_t>(content.size()));
  }
  ~TestFile() { Remove(); }
  TestFile(const TestFile&) = delete;
  TestFile& operator=(const TestFile&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] UniqueFd Open() const {
    return UniqueFd(open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  }
  void Remove() const { unlink(path_.c_str()); }

 private:
  std::string path_;
};

}  // namespace gotls
