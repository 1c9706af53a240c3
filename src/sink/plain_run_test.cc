#include "sink/plain_run.h"

#include <gtest/gtest.h>

#include <string>

namespace gotls {
namespace {

// Byte by byte.
std::size_t Expected(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && text[at] >= 0x20 && text[at] < 0x7f && text[at] != '"' &&
         text[at] != '\\') {
    ++at;
  }
  return at;
}

// Every byte at every place of texts that are searched in steps of 16, of 8 and of 1.
TEST(PlainRun, EndsAtTheFirstOtherByte) {
  for (const std::size_t size : {1, 7, 8, 15, 16, 17, 31, 32, 33, 47}) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(size, 'x');
        text[at] = static_cast<char>(byte);
        const std::size_t run = PlainRun<'"', '\\'>(text);
        ASSERT_EQ(run, Expected(text)) << size << ' ' << at << ' ' << byte;
        std::string copy(size, '?');
        ASSERT_EQ((CopyPlainRun<'"', '\\'>(copy.data(), text)), run);
        ASSERT_EQ(copy.substr(0, run), text.substr(0, run));
      }
    }
  }
}

TEST(PlainRun, TheFirstOfSeveral) {
  const std::string text = std::string(20, 'a') + "\x01\xff\"\\" + std::string(20, '\x7f');
  for (std::size_t from = 0; from < text.size(); ++from) {
    const auto rest = std::string_view(text).substr(from);
    EXPECT_EQ((PlainRun<'"', '\\'>(rest)), Expected(rest)) << from;
  }
}

}  // namespace
}  // namespace gotls
