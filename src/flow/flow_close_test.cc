// Ends: of connections and of processes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flow/flow.h"
#include "flow/test_events.h"
#include "flow/test_observer.h"

namespace gotls {
namespace {

using testing::CounterValue;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::kMs;
using testing::MakeProcessEvent;
using testing::Script;
using testing::TestConn;

class FlowCloseTest : public ::testing::Test {
 protected:
  FlowCloseTest() {
    flow_.Push(conn_.Conn(0));
    flow_.Push(conn_.Data(0, GOTLS_READ, 0, "abc"));
    seen_.Take();
  }
  Script seen_;
  Flow flow_{seen_, 0};
  TestConn conn_;
};

TEST_F(FlowCloseTest, PositionsTellWhatIsMissingAtTheEnd) {
  flow_.Push(conn_.Close(1 * kMs, 10, 7, GOTLS_CLOSE_CALLED, GOTLS_LOSS_CAPPED));
  EXPECT_TRUE(flow_.HasPending());
  EXPECT_THAT(seen_.Take(), IsEmpty());
  flow_.Push(MakeTick({101 * kMs}));
  EXPECT_FALSE(flow_.HasPending());
  EXPECT_THAT(seen_.Take(),
              ElementsAre("gap 1 < 3 +7 why 4", "gap 1 > 0 +7 why 0", "close 1 closed 3+7 0+7"));
  EXPECT_EQ(seen_.closes[0].time.time_since_epoch().count(), std::int64_t{1 * kMs});
}

TEST_F(FlowCloseTest, DataAfterCloseComesBeforeItsReport) {
  flow_.Push(conn_.Close(1 * kMs, 3, 0));
  flow_.Push(conn_.Data(50 * kMs, GOTLS_READ, 3, "late"));
  flow_.Push(MakeTick({120 * kMs}));  // the data began the wait anew
  EXPECT_THAT(seen_.Take(), ElementsAre("chunk 1 < 3 late"));
  flow_.Push(MakeTick({150 * kMs}));
  EXPECT_THAT(seen_.Take(), ElementsAre("close 1 closed 7+0 0+0"));
}

TEST_F(FlowCloseTest, DataAfterTheReportGoesOnAsANewConnection) {
  flow_.Push(conn_.Close(1 * kMs, 3, 0));
  flow_.Push(MakeTick({200 * kMs}));
  flow_.Push(conn_.Data(300 * kMs, GOTLS_READ, 3, "late"));
  flow_.Push(conn_.Data(301 * kMs, GOTLS_READ, 7, "r"));
  flow_.Push(MakeTick({500 * kMs}));
  EXPECT_THAT(seen_.Take(), ElementsAre("close 1 closed 3+0 0+0", "open 2", "chunk 2 < 3 late",
                                        "chunk 2 < 7 r", "close 2 closed 5+0 0+0"));
  EXPECT_EQ(seen_.connections[1].server_name, "example.com");
  EXPECT_EQ(CounterValue(flow_.End(), "flow_reopened"), 1U);
}

TEST_F(FlowCloseTest, ASecondCloseOnlyAddsPositions) {
  flow_.Push(conn_.Close(1 * kMs, 3, 0));
  flow_.Push(conn_.Close(2 * kMs, 5, 0, GOTLS_CLOSE_PROCESS_EXIT));
  flow_.Push(MakeTick({200 * kMs}));
  EXPECT_THAT(seen_.Take(), ElementsAre("gap 1 < 3 +2 why 0", "close 1 closed 3+2 0+0"));
  flow_.Push(conn_.Close(300 * kMs, 5, 0));
  EXPECT_THAT(seen_.Take(), IsEmpty());
  flow_.Push(conn_.Close(301 * kMs, 6, 0));
  flow_.Push(MakeTick({500 * kMs}));
  EXPECT_THAT(seen_.Take(), ElementsAre("open 2", "gap 2 < 5 +1 why 0", "close 2 closed 0+1 0+0"));
}

TEST_F(FlowCloseTest, CloseOfAnUnknownConnection) {
  conn_.generation = 5;
  flow_.Push(conn_.Close(1, 0, 0));
  EXPECT_THAT(seen_.Take(), IsEmpty());
  conn_.conn = 7;
  flow_.Push(conn_.Close(2, 0, 9, GOTLS_CLOSE_DETACHED));
  EXPECT_THAT(seen_.Take(),
              ElementsAre("open 2", "gap 2 > 0 +9 why 0", "close 2 detached 0+0 0+9"));
  EXPECT_EQ(CounterValue(flow_.End(), "flow_closes_unknown"), 1U);
}

TEST_F(FlowCloseTest, CloseBehindTheData) {
  flow_.Push(conn_.Close(1, 1, 0, GOTLS_CLOSE_DETACHED));
  EXPECT_THAT(seen_.Take(), ElementsAre("close 1 detached 3+0 0+0"));
  EXPECT_EQ(CounterValue(flow_.End(), "flow_closes_behind"), 1U);
}

TEST_F(FlowCloseTest, ReusedMemoryClosesAtOnce) {
  flow_.Push(conn_.Close(1, 4, 0, GOTLS_CLOSE_REUSED, GOTLS_LOSS_RING_FULL));
  conn_.generation = 2;
  flow_.Push(conn_.Conn(2));
  EXPECT_THAT(seen_.Take(), ElementsAre("gap 1 < 3 +1 why 1", "close 1 reused 3+1 0+0", "open 2"));
}

TEST_F(FlowCloseTest, ANewGenerationEndsTheOldWhenItsCloseWasLost) {
  conn_.generation = 2;
  flow_.Push(conn_.Conn(2));
  flow_.Push(conn_.Data(3, GOTLS_READ, 0, "new"));
  EXPECT_THAT(seen_.Take(), ElementsAre("close 1 reused 3+0 0+0", "open 2", "chunk 2 < 0 new"));
  conn_.generation = 1;  // data of the old one, very late
  flow_.Push(conn_.Data(4, GOTLS_READ, 3, "old"));
  EXPECT_THAT(seen_.Take(), ElementsAre("open 3", "chunk 3 < 3 old"));
}

TEST_F(FlowCloseTest, ExitClosesAll) {
  TestConn other = conn_;
  other.conn = 1;
  flow_.Push(other.Conn(1 * kMs));
  flow_.Push(MakeProcessEvent(GOTLS_EVENT_EXIT, 2 * kMs, 4711, 1, "fetch"));
  flow_.Push(conn_.Close(3 * kMs, 5, 0, GOTLS_CLOSE_PROCESS_EXIT, GOTLS_LOSS_RING_FULL));
  EXPECT_THAT(seen_.Take(), ElementsAre("open 2"));
  flow_.Push(MakeTick({200 * kMs}));
  EXPECT_THAT(seen_.Take(),
              ElementsAre("close 2 exit 0+0 0+0", "gap 1 < 3 +2 why 1", "close 1 exit 3+2 0+0"));
}

TEST_F(FlowCloseTest, EventsAfterExitStillCount) {
  flow_.Push(MakeProcessEvent(GOTLS_EVENT_EXIT, 2 * kMs, 4711, 1, "fetch"));
  conn_.conn = 1;
  flow_.Push(conn_.Data(1 * kMs, GOTLS_READ, 0, "x"));  // made before the exit
  flow_.Push(MakeTick({200 * kMs}));
  EXPECT_THAT(seen_.Take(), ElementsAre("open 2", "chunk 2 < 0 x", "close 1 exit 3+0 0+0",
                                        "close 2 exit 1+0 0+0"));
}

TEST_F(FlowCloseTest, ExecAndForkEndWhatThePidHadBefore) {
  flow_.Push(MakeProcessEvent(GOTLS_EVENT_EXEC, 1 * kMs, 4711, 1, "new"));
  flow_.Push(MakeTick({200 * kMs}));
  EXPECT_THAT(seen_.Take(), ElementsAre("close 1 exit 3+0 0+0"));
  conn_.generation = 2;
  flow_.Push(conn_.Conn(201 * kMs));
  flow_.Push(MakeProcessEvent(GOTLS_EVENT_FORK, 202 * kMs, 4711, 1, "newer"));
  flow_.Push(MakeTick({400 * kMs}));
  EXPECT_THAT(seen_.Take(), ElementsAre("open 2", "close 2 exit 0+0 0+0"));
}

TEST_F(FlowCloseTest, NamesAreForgottenAfterExit) {
  flow_.Push(MakeProcessInfo({1}, 4711, "old", "/old"));
  flow_.Push(MakeProcessEvent(GOTLS_EVENT_EXIT, 2, 4711, 1, "old"));
  flow_.Push(MakeTick({2000 * kMs}));
  conn_.generation = 2;
  flow_.Push(conn_.Conn(2001 * kMs));
  EXPECT_EQ(seen_.connections[1].process.comm, "");
}

TEST_F(FlowCloseTest, AReusedPidKeepsItsNewName) {
  flow_.Push(MakeProcessInfo({1}, 4711, "old", "/old"));
  flow_.Push(MakeProcessEvent(GOTLS_EVENT_EXIT, 2, 4711, 1, "old"));
  flow_.Push(MakeProcessEvent(GOTLS_EVENT_FORK, 3, 4711, 1, "new"));
  flow_.Push(MakeTick({2000 * kMs}));
  conn_.generation = 2;
  flow_.Push(conn_.Conn(2001 * kMs));
  EXPECT_EQ(seen_.connections[1].process.comm, "new");
  EXPECT_EQ(flow_.End().processes, 2U);
}

TEST_F(FlowCloseTest, AnUnannouncedProcessWithAnOldPidIsANewOne) {
  flow_.Push(MakeProcessInfo({1}, 4711, "old", "/old"));
  flow_.Push(MakeProcessEvent(GOTLS_EVENT_EXIT, 2, 4711, 1, "old"));
  conn_.generation = 2;
  flow_.Push(conn_.Conn(3));
  flow_.Push(MakeTick({2000 * kMs}));  // must not be forgotten with the old one
  flow_.Push(conn_.Data(2001 * kMs, GOTLS_READ, 0, "x"));
  EXPECT_THAT(seen_.Take(), ElementsAre("open 2", "close 1 exit 3+0 0+0", "chunk 2 < 0 x"));
}

TEST(FlowLimitsTest, ConnectionsBeyondTheLimitAreRefused) {
  FlowLimits limits;
  limits.connections = 2;
  Script seen;
  Flow flow(seen, 0, limits);
  TestConn conn;
  for (conn.conn = 1; conn.conn <= 4; ++conn.conn) {
    flow.Push(conn.Conn(1));
    flow.Push(conn.Data(2, GOTLS_READ, 0, "four"));
  }
  EXPECT_EQ(seen.connections.size(), 2U);
  const Summary summary = flow.End();
  EXPECT_EQ(CounterValue(summary, "flow_bytes_refused"), 8U);
}

TEST(FlowLimitsTest, ClosedConnectionsAreForgotten) {
  FlowLimits limits;
  limits.closed_connections = 2;
  Script seen;
  Flow flow(seen, 0, limits);
  TestConn conn;
  for (conn.conn = 1; conn.conn <= 3; ++conn.conn) {
    flow.Push(conn.Data(2, GOTLS_READ, 0, "abc"));
    flow.Push(conn.Close(3, 3, 0, GOTLS_CLOSE_DETACHED));
  }
  seen.Take();
  conn.conn = 1;
  flow.Push(conn.Data(4, GOTLS_READ, 3, "x"));  // seems to be the first of it
  conn.conn = 3;
  flow.Push(conn.Data(4, GOTLS_READ, 3, "x"));
  EXPECT_THAT(seen.Take(), ElementsAre("open 4", "gap 4 < 0 +3 why 0", "chunk 4 < 3 x", "open 5",
                                       "chunk 5 < 3 x"));
}

TEST(FlowLimitsTest, ProcessesAreForgotten) {
  FlowLimits limits;
  limits.processes = 10;
  Script seen;
  Flow flow(seen, 0, limits);
  TestConn conn;
  flow.Push(MakeProcessInfo({1}, 1, "first", ""));
  conn.pid = 1;
  flow.Push(conn.Conn(1));
  for (std::uint32_t pid = 2; pid < 1000; ++pid) {
    flow.Push(MakeProcessInfo({1}, pid, "p" + std::to_string(pid), ""));
  }
  conn.generation = 2;
  flow.Push(conn.Conn(2));
  EXPECT_EQ(seen.connections.back().process.comm, "first");  // it has a connection
  conn.pid = 999;
  flow.Push(conn.Conn(2));
  EXPECT_EQ(seen.connections.back().process.comm, "p999");
  conn.pid = 3;
  flow.Push(conn.Conn(2));
  EXPECT_EQ(seen.connections.back().process.comm, "");
}

}  // namespace
}  // namespace gotls
