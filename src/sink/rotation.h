// Output files in parts: when a file is full or old, the output goes on in the next one.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "gotls/error.h"

namespace gotls {

struct RotateOptions {
  std::uint64_t max_bytes = 0;          // begin the next part at so many bytes of records; 0: any
  std::chrono::nanoseconds max_age{0};  // or when the part spans so much time; 0: any
  std::uint32_t keep = 0;               // remove all but so many parts; 0: none is removed

  [[nodiscard]] bool enabled() const { return max_bytes != 0 || max_age.count() != 0; }
};

// "100MB", "1h", "100MB,1h,keep=10": a size, a time, or both, and how many parts to keep. Units are
// B, K, M, G (with or without B or iB; powers of 1024) and s, m, h, d. Since M and m differ, case
// matters for them. kUsage otherwise.
Result<RotateOptions> ParseRotate(std::string_view text);

// The files of one rotated output: "trace.00001.pcapng", "trace.00002.pcapng" for
// "trace.pcapng". Numbers go on where an earlier run has stopped.
class PartNames {
 public:
  // Looks at what is there. A folder that can't be read is taken as empty.
  PartNames(std::string path, std::uint32_t keep);

  // The next part's path.
  std::string Next();

  // Removes the parts that are too many, those of earlier runs too, once the part that Next() gave
  // last is there. What can't be removed stays.
  void Prune();

 private:
  [[nodiscard]] std::string PathOf(std::uint64_t number) const;

  std::string stem_;       // "/tmp/trace"
  std::string extension_;  // ".pcapng"
  std::uint32_t keep_;
  std::uint64_t oldest_ = 1;  // number of the first part that may be there
  std::uint64_t last_ = 0;    // 0: none
};

}  // namespace gotls
