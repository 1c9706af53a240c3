#include "probe/own_events.h"

#include <gtest/gtest.h>

#include <array>

#include "base/bytes.h"

namespace gotls {
namespace {

TEST(OwnEvents, TellWhatAProcessIs) {
  const gotls_event_header cause{GOTLS_EVENT_CONN, GOTLS_EVENT_VERSION, 99, 7, 8, 1000};
  const auto bytes = MakeProcessInfo(cause, "a-name-of-20-letters", "/bin/x");
  const auto event = ReadAt<gotls_process_info_event>(bytes, 0);
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->header.type, GOTLS_EVENT_PROCESS);
  EXPECT_EQ(event->header.size, bytes.size());
  EXPECT_EQ(event->header.pid, 7U);
  EXPECT_EQ(event->header.time, 1000U);
  EXPECT_STREQ(event->comm, "a-name-of-20-le");
  ASSERT_EQ(event->exe_length, 6U);
  EXPECT_EQ(AsText(Bytes(bytes).subspan(sizeof(*event))), "/bin/x");
}

TEST(OwnEvents, TellOfAProcessWithoutAProgram) {
  const auto bytes = MakeProcessInfo({}, "x", "");
  EXPECT_EQ(bytes.size(), sizeof(gotls_process_info_event));
}

TEST(OwnEvents, TellWhereAProcessLives) {
  const gotls_event_header cause{GOTLS_EVENT_CONN, GOTLS_EVENT_VERSION, 99, 4711, 8, 1000};
  const std::string name(300, 'n');
  const auto bytes = MakeContainer(cause, 7, {"01ab", "podman", name, "web-7f9", "shop", "1-2"});
  const auto event = ReadAt<gotls_container_event>(bytes, 0);
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->header.type, GOTLS_EVENT_CONTAINER);
  EXPECT_EQ(event->header.size, bytes.size());
  EXPECT_EQ(event->header.pid, 4711U);
  EXPECT_EQ(event->namespace_pid, 7U);
  EXPECT_EQ(AsText(Bytes(bytes).subspan(sizeof(*event))),
            "01abpodman" + name.substr(0, 256) + "web-7f9shop1-2");
  EXPECT_EQ(event->length[GOTLS_CONTAINER_NAME], 256U);
  EXPECT_EQ(event->length[GOTLS_CONTAINER_POD_UID], 3U);
}

TEST(OwnEvents, TellOfAnExit) {
  const gotls_process_event event = MakeExit(7, 1000);
  EXPECT_EQ(event.header.type, GOTLS_EVENT_EXIT);
  EXPECT_EQ(event.header.size, sizeof(event));
  EXPECT_EQ(event.header.pid, 7U);
  EXPECT_EQ(event.header.time, 1000U);
}

TEST(OwnEvents, TellTheCounters) {
  const auto bytes = MakeCounters(std::array<std::uint64_t, 2>{3, 4}, 1000);
  const auto event = ReadAt<gotls_counters_event>(bytes, 0);
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->header.type, GOTLS_EVENT_COUNTERS);
  EXPECT_EQ(event->header.size, bytes.size());
  EXPECT_EQ(event->count, 2U);
  EXPECT_EQ(ReadAt<std::uint64_t>(bytes, sizeof(*event)), 3U);
  EXPECT_EQ(ReadAt<std::uint64_t>(bytes, sizeof(*event) + 8), 4U);
  EXPECT_EQ(bytes.size(), sizeof(*event) + 16);
}

}  // namespace
}  // namespace gotls
