// For tests: a real Go program.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace gotls {

// Content of some Go program (see tests/build-targets); empty when there is none.
inline std::string GoProgram(const std::string& flavour = "stripped") {
  std::filesystem::path root;
  if (const char* set = std::getenv("GOTLS_TARGETS")) {
    root = set;
  } else if (const char* home = std::getenv("HOME")) {
    root = std::filesystem::path(home) / ".cache/gotls/targets";
  }
  std::error_code error;
  for (const auto& version : std::filesystem::directory_iterator(root, error)) {
    std::ifstream file(version.path() / flavour / "target", std::ios::binary);
    if (file) return (std::ostringstream() << file.rdbuf()).str();
  }
  return {};
}

}  // namespace gotls
