#include "probe/library_watch.h"

#include <gtest/gtest.h>
#include <linux/perf_event.h>
#include <sys/sysmacros.h>

#include <cstring>
#include <string>

namespace gotls {
namespace {

std::string Record(std::uint32_t type, std::uint64_t inode, const std::string& path) {
  std::string body(64, '\0');
  const auto put = [&](std::size_t at, auto value) {
    std::memcpy(body.data() + at, &value, sizeof(value));
  };
  put(0, std::uint32_t{4711});
  put(4, std::uint32_t{4712});
  put(8, std::uint64_t{0x7f0000001000});
  put(16, std::uint64_t{0x2000});
  put(32, std::uint32_t{8});
  put(36, std::uint32_t{1});
  put(40, inode);
  body += path;
  perf_event_header header{};
  header.type = type;
  header.size = static_cast<std::uint16_t>(sizeof(header) + body.size());
  return std::string(reinterpret_cast<const char*>(&header), sizeof(header)) + body;
}

TEST(LibraryWatchTest, MappingOfAFile) {
  const std::string record = Record(PERF_RECORD_MMAP2, 99, std::string("/lib/libx.so\0\0\0\0", 16));
  const auto mapping = ParseMapping(AsBytes(record));
  ASSERT_TRUE(mapping);
  EXPECT_EQ(mapping->pid, 4711U);
  EXPECT_EQ(mapping->file.dev, makedev(8, 1));
  EXPECT_EQ(mapping->file.ino, 99U);
  EXPECT_EQ(mapping->file.path, "/lib/libx.so");
  EXPECT_EQ(mapping->file.range, "7f0000001000-7f0000003000");
}

TEST(LibraryWatchTest, OtherRecords) {
  EXPECT_FALSE(ParseMapping(AsBytes(Record(PERF_RECORD_MMAP2, 0, "//anon"))));
  EXPECT_FALSE(ParseMapping(AsBytes(Record(PERF_RECORD_LOST, 99, "x"))));
}

TEST(LibraryWatchTest, AtEveryLength) {
  const std::string record = Record(PERF_RECORD_MMAP2, 99, "/a");
  for (std::size_t size = 0; size < record.size(); ++size) {
    const bool whole = size >= sizeof(perf_event_header) + 64;
    EXPECT_EQ(ParseMapping(AsBytes(record).first(size)).has_value(), whole) << size;
  }
}

}  // namespace
}  // namespace gotls
