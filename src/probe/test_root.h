// For tests: a folder with files, as if it were the root of a host.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace gotls {

class TestRoot {
 public:
  TestRoot() {
    std::string pattern = ::testing::TempDir() + "gotls_root_XXXXXX";
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
  }
  ~TestRoot() { std::filesystem::remove_all(path_); }
  TestRoot(const TestRoot&) = delete;
  TestRoot& operator=(const TestRoot&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

  // `name` begins with '/'.
  void Add(const std::string& name, std::string_view content) const {
    std::filesystem::create_directories(std::filesystem::path(path_ + name).parent_path());
    std::ofstream(path_ + name, std::ios::binary) << content;
  }

 private:
  std::string path_;
};

}  // namespace gotls
