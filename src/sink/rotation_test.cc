#include "sink/rotation.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "sink/output_file.h"
#include "sink/test_file.h"

namespace gotls {
namespace {

using namespace std::chrono_literals;
using testing::ReadFile;
using testing::TemporaryDirectory;
using testing::WriteFile;

TEST(ParseRotate, SizesTimesAndParts) {
  struct Case {
    const char* text;
    std::uint64_t bytes;
    std::chrono::seconds age;
    std::uint32_t keep;
  };
  for (const auto& [text, bytes, age, keep] :
       {Case{"100MB", 100 << 20, 0s, 0}, Case{"4K", 4096, 0s, 0}, Case{"1GiB", 1 << 30, 0s, 0},
        Case{"1h", 0, 1h, 0}, Case{"30m", 0, 1800s, 0}, Case{"2d", 0, 48h, 0},
        Case{"100M,1h,keep=10", 100 << 20, 1h, 10}, Case{"keep=1,90s", 0, 90s, 1}}) {
    const auto options = ParseRotate(text);
    ASSERT_TRUE(options) << options.error().Message();
    EXPECT_EQ(options->max_bytes, bytes) << text;
    EXPECT_EQ(options->max_age, age) << text;
    EXPECT_EQ(options->keep, keep) << text;
  }
}

TEST(ParseRotate, ErrorsSayWhatAndHow) {
  for (const char* text : {"",
                           "100",
                           "MB",
                           "1x",
                           "0s",
                           "1K",
                           "100MB,",
                           "100MB,1GB",
                           "1h,2h",
                           "keep=3",
                           "1h,keep=0",
                           "1h,keep=x",
                           "1h,keep=1,keep=2",
                           "1h,keep=4294967296",
                           "-1h",
                           "1 h",
                           "99999999999999999999B",
                           "9000000000G",
                           "300000000000h",
                           "100mb"}) {
    const auto options = ParseRotate(text);
    ASSERT_FALSE(options) << text;
    EXPECT_EQ(options.error().kind, ErrorKind::kUsage);
    EXPECT_NE(options.error().Message().find("--rotate: "), std::string::npos);
    EXPECT_NE(options.error().Message().find("like 100MB"), std::string::npos);
  }
  EXPECT_EQ(ParseRotate("100").error().Message(),
            "--rotate: '100' has no unit; like 100MB, 1h, or 100MB,1h,keep=10");
}

TEST(PartNames, TheNumberComesBeforeTheExtension) {
  const TemporaryDirectory folder;
  EXPECT_EQ(PartNames(folder.File("a.b.json"), 0).Next(), folder.File("a.b.00001.json"));
  EXPECT_EQ(PartNames(folder.File("plain"), 0).Next(), folder.File("plain.00001"));
  PartNames names("/no/such/dir/x.y", 0);
  EXPECT_EQ(names.Next(), "/no/such/dir/x.00001.y");
  EXPECT_EQ(names.Next(), "/no/such/dir/x.00002.y");
}

TEST(PartNames, GoOnBehindAnEarlierRun) {
  const TemporaryDirectory folder;
  for (const char* name : {"x.00003.log", "x.100007.log", "x.00009.txt", "x.9.log", "xx.00010.log",
                           "x.0000a.log", "x.log"}) {
    WriteFile(folder.File(name), "");
  }
  PartNames names(folder.File("x.log"), 2);
  EXPECT_EQ(names.Next(), folder.File("x.100008.log"));
  names.Prune();
  EXPECT_TRUE(std::filesystem::exists(folder.File("x.100007.log")));
  EXPECT_TRUE(std::filesystem::exists(folder.File("x.9.log")));
}

TEST(PartNames, OldPartsAreRemoved) {
  const TemporaryDirectory folder;
  PartNames names(folder.File("x.log"), 2);
  for (int i = 0; i < 5; ++i) {
    WriteFile(names.Next(), "");
    names.Prune();
  }
  EXPECT_FALSE(std::filesystem::exists(folder.File("x.00003.log")));
  EXPECT_TRUE(std::filesystem::exists(folder.File("x.00004.log")));
  EXPECT_TRUE(std::filesystem::exists(folder.File("x.00005.log")));
}

WallTime At(int seconds) { return WallTime(std::chrono::seconds(seconds)); }

TEST(OutputParts, BySize) {
  const TemporaryDirectory folder;
  auto file = OutputFile::OpenParts(folder.File("x.log"), {.max_bytes = 10});
  ASSERT_TRUE(file) << file.error().Message();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE((*file)->Write("12345\n"));
    if (!(*file)->PartIsOver(At(i))) continue;
    ASSERT_TRUE((*file)->NextPart());
  }
  ASSERT_TRUE((*file)->Finish());
  EXPECT_FALSE(std::filesystem::exists(folder.File("x.log")));
  EXPECT_EQ(ReadFile(folder.File("x.00001.log")), "12345\n12345\n");
  EXPECT_EQ(ReadFile(folder.File("x.00002.log")), "12345\n12345\n");
  EXPECT_EQ(ReadFile(folder.File("x.00003.log")), "12345\n");
  struct stat status {};
  ASSERT_EQ(::stat(folder.File("x.00002.log").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
}

TEST(OutputParts, ByTime) {
  const TemporaryDirectory folder;
  auto file = OutputFile::OpenParts(folder.File("x.log"), {.max_age = 10s});
  ASSERT_TRUE(file);
  EXPECT_FALSE((*file)->PartIsOver(At(100)));
  EXPECT_FALSE((*file)->PartIsOver(At(109)));
  EXPECT_FALSE((*file)->PartIsOver(At(50))) << "a step back in time";
  EXPECT_TRUE((*file)->PartIsOver(At(110)));
  ASSERT_TRUE((*file)->NextPart());
  EXPECT_FALSE((*file)->PartIsOver(At(111))) << "the next part has begun";
  EXPECT_TRUE((*file)->PartIsOver(WallTime::max()));
}

TEST(OutputParts, WithoutRotationThereIsOneFile) {
  const TemporaryDirectory folder;
  auto file = OutputFile::Open(folder.File("x.log"));
  ASSERT_TRUE((*file)->Write(std::string(100'000, 'x')));
  EXPECT_FALSE((*file)->PartIsOver(At(0)));
  EXPECT_FALSE((*file)->PartIsOver(At(1'000'000)));
}

TEST(OutputParts, WhatIsThereIsNeverOverwritten) {
  const TemporaryDirectory folder;
  auto file = OutputFile::OpenParts(folder.File("x.log"), {.max_bytes = 1});
  WriteFile(folder.File("x.00002.log"), "not ours");
  const auto turned = (*file)->NextPart();
  ASSERT_FALSE(turned);
  EXPECT_EQ(turned.error().kind, ErrorKind::kRuntime);
  EXPECT_EQ(ReadFile(folder.File("x.00002.log")), "not ours");
  EXPECT_FALSE(OutputFile::OpenParts("/no/such/dir/x", {.max_bytes = 1}));
  EXPECT_FALSE(OutputFile::OpenParts("/dev/null", {.max_bytes = 1}));
}

}  // namespace
}  // namespace gotls
