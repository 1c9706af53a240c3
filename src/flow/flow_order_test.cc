// Positions: gaps, overlaps, chunks out of order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "flow/flow.h"
#include "flow/test_events.h"
#include "flow/test_observer.h"

namespace gotls {
namespace {

using testing::Checker;
using testing::CounterValue;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::kMs;
using testing::Script;
using testing::TestConn;

class FlowOrderTest : public ::testing::Test {
 protected:
  explicit FlowOrderTest(FlowLimits limits = {}) : flow_(seen_, 0, limits) {
    flow_.Push(conn_.Conn(0));
    seen_.Take();
  }
  Script seen_;
  TestConn conn_;
  Flow flow_;
};

TEST_F(FlowOrderTest, GapsSayWhatTheEventSays) {
  flow_.Push(conn_.Data(1, GOTLS_READ, 5, "a"));
  flow_.Push(conn_.Data(2, GOTLS_READ, 10, "b", GOTLS_LOSS_CAPPED | GOTLS_LOSS_RING_FULL));
  EXPECT_THAT(seen_.Take(), ElementsAre("gap 1 < 0 +5 why 0", "chunk 1 < 5 a", "gap 1 < 6 +4 why 5",
                                        "chunk 1 < 10 b"));
}

TEST_F(FlowOrderTest, AGapIsNeverMarkedNotSent) {
  flow_.Push(conn_.Data(1, GOTLS_WRITE, 5, "a", 0xe8));
  EXPECT_THAT(seen_.Take(), ElementsAre("gap 1 > 0 +5 why 0", "chunk 1 > 5 a"));
}

TEST_F(FlowOrderTest, OverlapsDeliverOnlyWhatIsNew) {
  flow_.Push(conn_.Data(1, GOTLS_READ, 0, "abcdef"));
  flow_.Push(conn_.Data(2, GOTLS_READ, 4, "efgh"));
  flow_.Push(conn_.Data(3, GOTLS_READ, 0, "abc"));
  flow_.Push(conn_.Data(4, GOTLS_READ, 8, "i"));
  EXPECT_THAT(seen_.Take(), ElementsAre("chunk 1 < 0 abcdef", "chunk 1 < 6 gh", "chunk 1 < 8 i"));
  EXPECT_EQ(CounterValue(flow_.End(), "flow_overlaps"), 2U);
}

TEST_F(FlowOrderTest, UnorderedChunksWaitForTheirPredecessors) {
  flow_.Push(conn_.Unordered(1, GOTLS_WRITE, 2, "c"));
  flow_.Push(conn_.Unordered(2, GOTLS_WRITE, 1, "b"));
  flow_.Push(conn_.Unordered(3, GOTLS_WRITE, 4, "e"));
  EXPECT_TRUE(flow_.HasPending());
  EXPECT_THAT(seen_.Take(), IsEmpty());
  flow_.Push(conn_.Unordered(4, GOTLS_WRITE, 0, "a"));
  EXPECT_THAT(seen_.Take(), ElementsAre("chunk 1 > 0 a", "chunk 1 > 1 b", "chunk 1 > 2 c"));
  flow_.Push(conn_.Unordered(5, GOTLS_WRITE, 3, "d"));
  EXPECT_THAT(seen_.Take(), ElementsAre("chunk 1 > 3 d", "chunk 1 > 4 e"));
  EXPECT_FALSE(flow_.HasPending());
}

TEST_F(FlowOrderTest, WhatIsCutOffWhereNobodyWantsItIsSkipped) {
  const ConnId connection{1};
  flow_.Push(conn_.Data(1, GOTLS_WRITE, 0, "head"));
  flow_.SkipUntil(connection, Direction::kWrite, {100});
  flow_.Push(conn_.Data(2, GOTLS_WRITE, 60, "a", GOTLS_LOSS_CAPPED));
  flow_.Push(conn_.Data(3, GOTLS_WRITE, 70, "b", GOTLS_LOSS_CAPPED | GOTLS_LOSS_RING_FULL));
  flow_.Push(conn_.Data(4, GOTLS_WRITE, 100, "c", GOTLS_LOSS_CAPPED));
  flow_.Push(conn_.Data(5, GOTLS_WRITE, 200, "d", GOTLS_LOSS_CAPPED));
  flow_.Push(conn_.Data(6, GOTLS_READ, 5, "e", GOTLS_LOSS_CAPPED));
  EXPECT_THAT(seen_.Take(),
              ElementsAre("chunk 1 > 0 head", "gap 1 > 4 +56 why 16", "chunk 1 > 60 a",
                          "gap 1 > 61 +9 why 5", "chunk 1 > 70 b", "gap 1 > 71 +29 why 16",
                          "chunk 1 > 100 c", "gap 1 > 101 +99 why 4", "chunk 1 > 200 d",
                          "gap 1 < 0 +5 why 4", "chunk 1 < 5 e"));
}

TEST_F(FlowOrderTest, ChunksSayHowTheyWereSeen) {
  flow_.Push(conn_.Data(1, GOTLS_READ, 0, "a", 0, GOTLS_DATA_BEFORE_FIRST_WRITE));
  flow_.Push(conn_.Data(2, GOTLS_READ, 1, "b"));
  flow_.Push(conn_.Unordered(3, GOTLS_WRITE, 1, "d"));
  flow_.Push(conn_.Unordered(4, GOTLS_WRITE, 0, "c"));
  ASSERT_EQ(seen_.chunks.size(), 4U);
  EXPECT_TRUE(seen_.chunks[0].before_first_write);
  EXPECT_FALSE(seen_.chunks[0].at_return);
  for (std::size_t i = 1; i < 4; ++i) EXPECT_FALSE(seen_.chunks[i].before_first_write) << i;
  EXPECT_FALSE(seen_.chunks[1].at_return);
  EXPECT_TRUE(seen_.chunks[2].at_return);
  EXPECT_TRUE(seen_.chunks[3].at_return);
}

TEST_F(FlowOrderTest, WaitingEndsAfterAWhile) {
  flow_.Push(conn_.Unordered(0, GOTLS_WRITE, 10, "x", GOTLS_LOSS_UNREADABLE));
  flow_.Push(conn_.Unordered(100 * kMs, GOTLS_WRITE, 5, "w"));
  flow_.Push(conn_.Unordered(200 * kMs, GOTLS_WRITE, 20, "y"));
  flow_.Push(MakeTick({249 * kMs}));
  EXPECT_THAT(seen_.Take(), IsEmpty());
  flow_.Push(MakeTick({250 * kMs}));
  EXPECT_THAT(seen_.Take(), ElementsAre("gap 1 > 0 +5 why 0", "chunk 1 > 5 w", "gap 1 > 6 +4 why 2",
                                        "chunk 1 > 10 x"));
  EXPECT_TRUE(flow_.HasPending());
  flow_.Push(MakeTick({450 * kMs}));
  EXPECT_THAT(seen_.Take(), ElementsAre("gap 1 > 11 +9 why 0", "chunk 1 > 20 y"));
  EXPECT_FALSE(flow_.HasPending());
  EXPECT_EQ(CounterValue(flow_.End(), "flow_waits_ended"), 2U);
}

TEST_F(FlowOrderTest, WhatComesTooLateIsAnOverlap) {
  flow_.Push(conn_.Unordered(0, GOTLS_WRITE, 1, "b"));
  flow_.Push(MakeTick({300 * kMs}));
  flow_.Push(conn_.Unordered(301 * kMs, GOTLS_WRITE, 0, "a"));
  EXPECT_THAT(seen_.Take(), ElementsAre("gap 1 > 0 +1 why 0", "chunk 1 > 1 b"));
  EXPECT_EQ(CounterValue(flow_.End(), "flow_overlaps"), 1U);
}

TEST_F(FlowOrderTest, AnOrderedChunkEndsTheWait) {
  flow_.Push(conn_.Unordered(1, GOTLS_READ, 2, "c"));
  flow_.Push(conn_.Unordered(1, GOTLS_READ, 5, "f"));
  flow_.Push(conn_.Data(2, GOTLS_READ, 4, "e"));
  EXPECT_THAT(seen_.Take(), ElementsAre("gap 1 < 0 +2 why 0", "chunk 1 < 2 c", "gap 1 < 3 +1 why 0",
                                        "chunk 1 < 4 e", "chunk 1 < 5 f"));
}

TEST_F(FlowOrderTest, TheEndReleasesWhatWaits) {
  flow_.Push(conn_.Unordered(1, GOTLS_READ, 2, "c"));
  flow_.End();
  EXPECT_THAT(seen_.Take(),
              ElementsAre("gap 1 < 0 +2 why 0", "chunk 1 < 2 c", "close 1 detached 1+2 0+0"));
}

FlowLimits SmallLimits() {
  FlowLimits limits;
  limits.hold.chunks = 2;
  limits.hold.bytes = 600;
  limits.hold.bytes_in_all = 800;
  return limits;
}

class FlowHoldLimitsTest : public FlowOrderTest {
 protected:
  FlowHoldLimitsTest() : FlowOrderTest(SmallLimits()) {}
};

TEST_F(FlowHoldLimitsTest, Chunks) {
  flow_.Push(conn_.Unordered(1, GOTLS_READ, 1, "b"));
  flow_.Push(conn_.Unordered(1, GOTLS_READ, 3, "d"));
  EXPECT_THAT(seen_.Take(), IsEmpty());
  flow_.Push(conn_.Unordered(1, GOTLS_READ, 5, "f"));
  EXPECT_THAT(seen_.Take(), ElementsAre("gap 1 < 0 +1 why 0", "chunk 1 < 1 b"));
}

TEST_F(FlowHoldLimitsTest, BytesOfOneStream) {
  flow_.Push(conn_.Unordered(1, GOTLS_READ, 1, std::string(200, 'x')));
  EXPECT_THAT(seen_.Take(), IsEmpty());
  flow_.Push(conn_.Unordered(1, GOTLS_READ, 300, std::string(200, 'x')));
  EXPECT_EQ(seen_.Take().size(), 2U);
}

TEST_F(FlowHoldLimitsTest, BytesOfAllStreams) {
  flow_.Push(conn_.Unordered(1, GOTLS_READ, 1, std::string(400, 'x')));
  EXPECT_THAT(seen_.Take(), IsEmpty());
  flow_.Push(conn_.Unordered(1, GOTLS_WRITE, 1, std::string(200, 'x')));
  const auto lines = seen_.Take();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], "gap 1 > 0 +1 why 0");
}

// ---- properties: whatever is dropped or delayed, received bytes and gaps make up the stream ----

struct Sent {
  EventBytes event;
  std::uint64_t position;
  std::string payload;
};

std::string RandomText(std::mt19937& random, std::size_t length) {
  std::string text(length, ' ');
  for (char& c : text) c = static_cast<char>('a' + random() % 26);
  return text;
}

void RunRandomStream(unsigned seed, bool unordered) {
  std::mt19937 random(seed);
  TestConn conn;
  Checker checker;
  Flow flow(checker, 0);
  std::vector<Sent> events;
  std::string truth;
  std::uint64_t time = 0;
  for (int i = 0; i < 300; ++i) {
    const std::string payload = RandomText(random, 1 + random() % 40);
    time += random() % (20 * kMs);
    if (random() % 8 != 0) {
      events.push_back({conn.Data(time, GOTLS_READ, truth.size(), payload, GOTLS_LOSS_RING_FULL,
                                  unordered ? GOTLS_DATA_UNORDERED : 0),
                        truth.size(), payload});
    }
    truth += payload;
  }
  if (unordered) {
    for (std::size_t i = 0; i + 5 < events.size(); ++i) {
      std::swap(events[i], events[i + random() % 5]);
    }
  }
  std::string expected(truth.size(), '?');
  flow.Push(conn.Conn(0));
  for (const Sent& sent : events) {
    flow.Push(sent.event);
    expected.replace(sent.position, sent.payload.size(), sent.payload);
  }
  flow.Push(conn.Close(time, truth.size(), 0));
  flow.End();
  const std::string& received = checker.Received(conn.conn, 0);
  ASSERT_EQ(received.size(), truth.size());
  if (!unordered) {
    EXPECT_EQ(received, expected);
    return;
  }
  // What came after its wait had ended is missing, but nothing is ever wrong.
  for (std::size_t i = 0; i < truth.size(); ++i) {
    ASSERT_TRUE(received[i] == expected[i] || received[i] == '?') << i;
  }
}

TEST(FlowProperties, OrderedWithLosses) {
  for (unsigned seed = 0; seed < 200; ++seed) RunRandomStream(seed, false);
}

TEST(FlowProperties, UnorderedWithLosses) {
  for (unsigned seed = 0; seed < 200; ++seed) RunRandomStream(seed, true);
}

TEST(FlowProperties, ReorderedWithoutLossIsComplete) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    TestConn conn;
    Script script;
    Checker checker;
    Flow flow(checker, 0);
    std::vector<EventBytes> events;
    std::string truth;
    for (int i = 0; i < 200; ++i) {
      const std::string payload = RandomText(random, 1 + random() % 40);
      events.push_back(conn.Unordered(i, GOTLS_WRITE, truth.size(), payload));
      truth += payload;
    }
    std::shuffle(events.begin(), events.end(), random);
    for (const EventBytes& event : events) flow.Push(event);
    EXPECT_EQ(checker.Received(conn.conn, 1), truth);
    EXPECT_FALSE(flow.HasPending());
    flow.End();
    EXPECT_TRUE(checker.all_closed());
  }
}

}  // namespace
}  // namespace gotls
