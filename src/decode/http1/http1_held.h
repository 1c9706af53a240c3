// Bytes that wait until it is known what they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decode/decoder.h"

namespace gotls {

// Runs of bytes, each with its origin, and gaps between them. Bounded.
class Http1HeldRuns {
 public:
  static constexpr std::size_t kMaxRuns = 1024;

  explicit Http1HeldRuns(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  [[nodiscard]] bool Fits(std::size_t size) const {
    return size <= max_bytes_ - text_.size() && runs_.size() < kMaxRuns;
  }
  // Only what fits.
  void Add(Bytes bytes, const ByteOrigin& origin);
  void AddGap(std::uint64_t length, const ByteOrigin& origin);
  // The runs' bytes in a row, gaps left out.
  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] bool empty() const { return runs_.empty(); }
  [[nodiscard]] std::size_t first_size() const { return runs_.front().size; }
  void DropFirst();
  void Clear();

  // Empties it first: what is called may hold anew.
  template <typename OnRun, typename OnGap>
  void Replay(OnRun on_run, OnGap on_gap) {
    const std::string text = std::move(text_);
    const std::vector<Run> runs = std::move(runs_);
    Clear();
    std::size_t at = 0;
    for (const Run& run : runs) {
      if (run.gap > 0) {
        on_gap(run.gap, run.origin);
        continue;
      }
      on_run(AsBytes(std::string_view(text).substr(at, run.size)), run.origin);
      at += run.size;
    }
  }

 private:
  struct Run {
    ByteOrigin origin;
    std::size_t size = 0;
    std::uint64_t gap = 0;  // > 0: so many bytes are missing here
  };

  std::size_t max_bytes_;
  std::string text_;
  std::vector<Run> runs_;
};

}  // namespace gotls
