#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <random>

#include "flow/flow.h"
#include "flow/test_observer.h"
#include "sink/recorder.h"
#include "sink/recording_reader.h"
#include "sink/test_exchange.h"
#include "sink/test_file.h"

namespace gotls {
namespace {

using testing::Checker;
using testing::ExchangeEvents;
using testing::ReadFile;
using testing::TemporaryDirectory;

class RecordingTest : public ::testing::Test {
 protected:
  // The events as a recording.
  std::string Record(const std::vector<EventBytes>& events) {
    auto file = OutputFile::Open(path_);
    RecordingInfo info;
    info.wall_offset_ns = -5;
    info.started_ns = 77;
    info.gotls_version = "1.2.3-a-version-longer-than-its-field-in-the-header";
    auto recorder = MakeRecorder(**file, info);
    EXPECT_TRUE(recorder);
    for (const EventBytes& event : events) EXPECT_TRUE((*recorder)->Write(event));
    EXPECT_TRUE((*recorder)->Finish());
    return ReadFile(path_);
  }

  Result<RecordingReader> Open(std::string_view bytes) {
    UniqueFd fd(
        ::memfd_create("recording", MFD_CLOEXEC));  // a file would make thousands of cases slow
    EXPECT_EQ(::write(fd.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    ::lseek(fd.get(), 0, SEEK_SET);
    return RecordingReader::FromFd(std::move(fd), "recording");
  }

  std::string OpenError(std::string_view bytes) {
    const auto reader = Open(bytes);
    if (reader) return "";
    EXPECT_EQ(reader.error().kind, ErrorKind::kTarget);
    return reader.error().what;
  }

  TemporaryDirectory folder_;
  std::string path_ = folder_.File("rec");
};

TEST_F(RecordingTest, GivesBackWhatWasWritten) {
  std::vector<EventBytes> events = ExchangeEvents();
  const std::string bytes = Record(events);
  EventBytes longer = events[0];
  longer.resize(longer.size() + 100);  // as from the ring buffer
  events[0] = longer;
  EXPECT_EQ(Record(events), bytes);

  auto reader = Open(bytes);
  ASSERT_TRUE(reader) << reader.error().Message();
  EXPECT_EQ(reader->info().wall_offset_ns, -5);
  EXPECT_EQ(reader->info().started_ns, 77);
  EXPECT_EQ(reader->info().gotls_version, "1.2.3-a-version-longer-than-its-field-i");
  for (const EventBytes& event : ExchangeEvents()) {
    const auto next = reader->Next();
    ASSERT_TRUE(next && *next);
    EXPECT_TRUE(std::ranges::equal(**next, event));
  }
  EXPECT_FALSE(*reader->Next());
  EXPECT_FALSE(*reader->Next());
  EXPECT_FALSE(reader->truncated());
}

TEST_F(RecordingTest, LargerThanTheBuffer) {
  std::vector<EventBytes> events;
  const testing::TestConn conn;
  for (unsigned i = 0; i < 300; ++i) {
    events.push_back(conn.Data(i, GOTLS_READ, i, std::string(1 + i * 54, static_cast<char>(i))));
  }
  auto reader = Open(Record(events));
  for (const EventBytes& event : events) {
    const auto next = reader->Next();
    ASSERT_TRUE(next && *next);
    ASSERT_TRUE(std::ranges::equal(**next, event));
  }
  EXPECT_FALSE(*reader->Next());
}

TEST_F(RecordingTest, OddEventsAreKeptAsTheyCame) {
  EventBytes liar = MakeTick({5});
  liar[4] = std::byte{200};
  auto reader = Open(Record({EventBytes(7), liar, EventBytes(100'000)}));
  EXPECT_TRUE(std::ranges::equal(**reader->Next(), liar));
  EXPECT_EQ((*reader->Next())->size(), kMaxEventBytes);
  EXPECT_FALSE(*reader->Next());
}

TEST_F(RecordingTest, WhatIsNoRecording) {
  const std::string good = Record({});
  const auto changed = [&good](std::size_t at, int value) {
    std::string bytes = good;
    bytes.at(at) = static_cast<char>(value);
    return bytes;
  };
  EXPECT_EQ(OpenError(""), "not a recording: too short");
  EXPECT_EQ(OpenError(std::string(500, 'x')), "not a recording of gotls");
  EXPECT_EQ(OpenError(changed(8, 1)), "recorded on a machine with another byte order");
  EXPECT_EQ(OpenError(changed(12, 9)), "recording format 9; this gotls reads format 1");
  EXPECT_EQ(OpenError(changed(14, 9)), "events of version 9; this gotls reads version 1");
  EXPECT_EQ(OpenError(changed(17, 0x40)), "damaged header: it says that it has 16464 bytes");
  EXPECT_EQ(OpenError(changed(16, 81)), "the recording ends inside its header");
  EXPECT_EQ(OpenError(good), "");
  EXPECT_EQ(RecordingReader::Open(folder_.File("none")).error().kind, ErrorKind::kUsage);
  EXPECT_FALSE(RecordingReader::Open("/"));  // opens, but can't be read
}

TEST_F(RecordingTest, ALongerHeaderIsSkipped) {
  std::string bytes = Record({MakeTick({5})});
  bytes[16] = 84;
  bytes.insert(80, "new!");
  auto reader = Open(bytes);
  ASSERT_TRUE(reader);
  EXPECT_TRUE(std::ranges::equal(**reader->Next(), MakeTick({5})));
}

TEST_F(RecordingTest, ImpossibleLengthsEndIt) {
  for (const std::uint32_t length : {0U, 23U, kMaxEventBytes + 1, ~0U}) {
    std::string bytes = Record({MakeTick({5})});
    bytes.append(reinterpret_cast<const char*>(&length), sizeof(length));
    bytes.append(100, 'x');
    auto reader = Open(bytes);
    EXPECT_TRUE(reader->Next());
    const auto damage = reader->Next();
    ASSERT_FALSE(damage);
    EXPECT_EQ(damage.error().kind, ErrorKind::kTarget);
    EXPECT_NE(damage.error().what.find("damaged at byte 108"), std::string::npos);
  }
}

// How many events are in it, until its end or an error; everything goes through Flow too.
std::size_t ReplayAll(RecordingReader& reader) {
  Checker checker;
  checker.keep_bytes = false;
  Flow flow(checker, reader.info().wall_offset_ns);
  std::size_t events = 0;
  for (;;) {
    const auto event = reader.Next();
    if (!event || !*event) break;
    flow.Push(**event);
    ++events;
  }
  flow.End();
  EXPECT_TRUE(checker.all_closed());
  return events;
}

TEST_F(RecordingTest, CutAtEveryByte) {
  const std::vector<EventBytes> events = ExchangeEvents();
  const std::string bytes = Record(events);
  std::vector<std::size_t> ends = {sizeof(RecordingHeader)};
  for (const EventBytes& event : events) ends.push_back(ends.back() + 4 + event.size());
  ASSERT_EQ(ends.back(), bytes.size());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    auto reader = Open(bytes.substr(0, size));
    ASSERT_EQ(reader.has_value(), size >= sizeof(RecordingHeader));
    if (!reader) continue;
    const auto whole = std::upper_bound(ends.begin(), ends.end(), size) - ends.begin() - 1;
    ASSERT_EQ(ReplayAll(*reader), static_cast<std::size_t>(whole)) << size;
    ASSERT_EQ(reader->truncated(), !std::binary_search(ends.begin(), ends.end(), size)) << size;
  }
}

TEST_F(RecordingTest, RandomDamage) {
  const std::string good = Record(ExchangeEvents());
  for (unsigned seed = 0; seed < 500; ++seed) {
    std::mt19937 random(seed);
    std::string bytes = good;
    for (auto i = 1 + random() % 20; i > 0; --i) {
      bytes[sizeof(RecordingHeader) + random() % (bytes.size() - sizeof(RecordingHeader))] =
          static_cast<char>(random());
    }
    auto reader = Open(bytes);
    ASSERT_TRUE(reader);
    ReplayAll(*reader);
  }
}

}  // namespace
}  // namespace gotls
