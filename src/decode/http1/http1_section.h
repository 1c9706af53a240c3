// Finds the end of a head or of trailers: lines up to the first empty one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace gotls {

// A section that lies in one run of bytes is never copied.
class SectionReader {
 public:
  struct Taken {
    std::size_t size = 0;   // bytes from the front of what was given
    bool complete = false;  // then text() is all of it, valid as long as the bytes given are
    bool too_long = false;
  };
  Taken Take(Bytes bytes);

  [[nodiscard]] std::string_view text() const { return text_; }
  void Reset();

 private:
  // Sees whether a line of `text` is empty, from where it stopped before; the section's size, or 0.
  std::size_t FindEnd(std::string_view text);

  std::string held_;       // of a section in several runs
  std::string_view text_;  // all that was taken
  std::size_t seen_ = 0;   // no line ends before this one that FindEnd has not seen
  std::size_t line_ = 0;   // where the last line starts
};

}  // namespace gotls
