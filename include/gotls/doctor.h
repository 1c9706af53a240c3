// Can this host be traced?
#pragma once

#include <string>
#include <vector>

namespace gotls {

struct Requirement {
  std::string name;  // "kernel"
  bool met = false;
  bool needed = true;  // false: gotls works without, at the cost that `advice` names
  std::string found;   // "Linux 6.18.44"
  std::string advice;  // what to do when it is not met
};

// Examines kernel, privilege and surroundings; loads and attaches the kernel half for a moment to
// be sure.
std::vector<Requirement> ExamineHost();

}  // namespace gotls
