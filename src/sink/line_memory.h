// What was written lately, so that it is not written twice.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_set>

namespace gotls {

// The last `limit` different lines, in the order in which they came.
class LineMemory {
 public:
  explicit LineMemory(std::size_t limit) : limit_(limit) {}
  LineMemory(const LineMemory&) = delete;
  LineMemory& operator=(const LineMemory&) = delete;

  // False: it is there already.
  bool Add(std::string line) {
    if (known_.contains(line)) return false;
    lines_.push_back(std::move(line));
    known_.insert(lines_.back());
    if (lines_.size() <= limit_) return true;
    known_.erase(lines_.front());
    lines_.pop_front();
    return true;
  }

  [[nodiscard]] const std::deque<std::string>& lines() const { return lines_; }

 private:
  std::size_t limit_;
  std::deque<std::string> lines_;  // its elements never move
  std::unordered_set<std::string_view> known_;
};

}  // namespace gotls
