#include "flow/flow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

class FlowTest : public ::testing::Test {
 protected:
  Script seen_;
  Flow flow_{seen_, 1'000'000'000'000};
  TestConn conn_;
};

TEST_F(FlowTest, OpensDeliversCloses) {
  flow_.Push(conn_.Conn(1 * kMs));
  flow_.Push(conn_.Data(2 * kMs, GOTLS_WRITE, 0, "ping"));
  flow_.Push(conn_.Data(3 * kMs, GOTLS_READ, 0, "pong!"));
  flow_.Push(conn_.Data(4 * kMs, GOTLS_WRITE, 4, "more"));
  flow_.Push(conn_.Close(5 * kMs, 5, 8));
  flow_.Push(MakeTick({105 * kMs}));
  EXPECT_THAT(seen_.Take(), ElementsAre("open 1", "chunk 1 > 0 ping", "chunk 1 < 0 pong!",
                                        "chunk 1 > 4 more", "close 1 closed 5+0 8+0"));
  const Summary summary = flow_.End();
  EXPECT_EQ(summary.connections, 1U);
  EXPECT_EQ(summary.processes, 1U);
  EXPECT_EQ(summary.read.captured, 5U);
  EXPECT_EQ(summary.write.captured, 8U);
  EXPECT_EQ(summary.write.chunks, 2U);
  EXPECT_THAT(seen_.Take(), IsEmpty());
}

TEST_F(FlowTest, TimesAreWallTimes) {
  flow_.Push(conn_.Conn(1));
  flow_.Push(conn_.Data(2, GOTLS_WRITE, 0, "x"));
  flow_.Push(conn_.Data(3, GOTLS_WRITE, 2, "x"));
  flow_.Push(MakeTick({9}));
  const Summary summary = flow_.End();
  const auto at = [](std::int64_t ns) {
    return WallTime{std::chrono::nanoseconds{1'000'000'000'000 + ns}};
  };
  EXPECT_EQ(seen_.connections[0].opened, at(1));
  EXPECT_EQ(seen_.chunks[0].time, at(2));
  EXPECT_EQ(seen_.gaps[0].time, at(3));
  EXPECT_EQ(seen_.closes[0].time, at(9));
  EXPECT_EQ(summary.time, at(9));
}

TEST_F(FlowTest, ConnectionCarriesWhatTheEventSays) {
  flow_.Push(MakeProcessInfo({1}, 4711, "fetch", "/usr/bin/fetch"));
  flow_.Push(conn_.Conn(2));
  flow_.Push(conn_.Data(3, GOTLS_READ, 0, "x"));
  const Connection& connection = seen_.connections.at(0);
  EXPECT_EQ(connection.process.pid, 4711U);
  EXPECT_EQ(connection.process.comm, "fetch");
  EXPECT_EQ(connection.process.exe, "/usr/bin/fetch");
  EXPECT_EQ(connection.tls_conn, 0xc000123000U);
  EXPECT_EQ(connection.role, Role::kClient);
  EXPECT_EQ(connection.remote.port, 443);
  EXPECT_EQ(connection.goroutine, 18U);
  EXPECT_EQ(seen_.chunks[0].goroutine, 18U);
  EXPECT_EQ(seen_.chunks[0].thread, 4715U);
}

TEST_F(FlowTest, ConnectionsAreApart) {
  TestConn other = conn_;
  other.conn = 0xc000999000;
  TestConn elsewhere = conn_;
  elsewhere.pid = 5;
  flow_.Push(conn_.Conn(1));
  flow_.Push(other.Conn(2));
  flow_.Push(elsewhere.Conn(3));
  flow_.Push(elsewhere.Data(4, GOTLS_READ, 0, "c"));
  flow_.Push(conn_.Data(5, GOTLS_READ, 0, "a"));
  flow_.Push(other.Data(6, GOTLS_READ, 0, "b"));
  flow_.Push(conn_.Data(7, GOTLS_READ, 1, "A"));
  EXPECT_THAT(seen_.Take(), ElementsAre("open 1", "open 2", "open 3", "chunk 3 < 0 c",
                                        "chunk 1 < 0 a", "chunk 2 < 0 b", "chunk 1 < 1 A"));
  const Summary summary = flow_.End();
  EXPECT_EQ(summary.processes, 2U);
  EXPECT_THAT(seen_.Take(), ElementsAre("close 1 detached 2+0 0+0", "close 2 detached 1+0 0+0",
                                        "close 3 detached 1+0 0+0"));
}

TEST_F(FlowTest, DataOpensWhenTheAnnouncementWasLost) {
  flow_.Push(MakeProcessInfo({1}, 4711, "fetch", ""));
  flow_.Push(conn_.Data(3, GOTLS_WRITE, 10, "x", GOTLS_LOSS_RING_FULL));
  flow_.Push(conn_.Conn(4));  // too late
  flow_.Push(conn_.Data(5, GOTLS_WRITE, 11, "y"));
  EXPECT_THAT(seen_.Take(),
              ElementsAre("open 1", "gap 1 > 0 +10 why 1", "chunk 1 > 10 x", "chunk 1 > 11 y"));
  EXPECT_EQ(seen_.connections[0].process.comm, "fetch");
  EXPECT_EQ(seen_.connections[0].tls_conn, conn_.conn);
  EXPECT_EQ(seen_.connections[0].role, Role::kUnknown);
  const Summary summary = flow_.End();
  EXPECT_EQ(CounterValue(summary, "flow_opens_lost"), 1U);
  EXPECT_EQ(CounterValue(summary, "flow_opens_repeated"), 1U);
}

TEST_F(FlowTest, NotSentIsACorrection) {
  flow_.Push(conn_.Conn(1));
  flow_.Push(conn_.Data(2, GOTLS_WRITE, 0, "0123456789"));
  flow_.Push(conn_.NotSent(3, 6, 4));
  flow_.Push(conn_.Data(4, GOTLS_WRITE, 10, "x"));
  EXPECT_THAT(seen_.Take(), ElementsAre("open 1", "chunk 1 > 0 0123456789", "gap 1 > 6 +4 why 8",
                                        "chunk 1 > 10 x"));
  const Summary summary = flow_.End();
  EXPECT_EQ(seen_.closes[0].write.captured, 11U);
  EXPECT_EQ(seen_.closes[0].write.missing, 0U);
  EXPECT_EQ(seen_.closes[0].write.not_sent, 4U);
  EXPECT_EQ(summary.write.not_sent, 4U);
}

TEST_F(FlowTest, ForkAndExecNameProcesses) {
  flow_.Push(MakeProcessInfo({1}, 10, "parent", "/bin/parent"));
  flow_.Push(MakeProcessEvent(GOTLS_EVENT_FORK, 2, 11, 10, "parent"));
  conn_.pid = 11;
  flow_.Push(conn_.Conn(3));
  EXPECT_EQ(seen_.connections[0].process.exe, "/bin/parent");
  flow_.Push(MakeProcessEvent(GOTLS_EVENT_EXEC, 4, 11, 10, "sixteen-letters!"));
  conn_.generation = 2;
  flow_.Push(conn_.Conn(5));
  EXPECT_EQ(seen_.connections[1].process.comm, "sixteen-letters!");
  EXPECT_EQ(seen_.connections[1].process.exe, "");
}

TEST_F(FlowTest, TellsContainers) {
  using testing::MakeContainerEvent;
  flow_.Push(MakeProcessInfo({1}, 10, "parent", "/bin/parent"));
  flow_.Push(MakeContainerEvent(1, 10, 7, "01ab", "web"));
  conn_.pid = 10;
  flow_.Push(conn_.Conn(2));
  const Container web{"01ab", "", "web", {}, {}, {}};
  EXPECT_EQ(seen_.connections[0].process.container, web);
  EXPECT_EQ(seen_.connections[0].process.namespace_pid, 7U);
  // A child is in its parent's container, with a pid there that nobody has told.
  flow_.Push(MakeProcessEvent(GOTLS_EVENT_FORK, 3, 11, 10, "parent"));
  conn_.pid = 11;
  flow_.Push(conn_.Conn(4));
  EXPECT_EQ(seen_.connections[1].process.container, web);
  EXPECT_EQ(seen_.connections[1].process.namespace_pid, 0U);
  // What is said of a process stands for all; without a word of a container there is none.
  flow_.Push(MakeProcessInfo({5}, 11, "child", "/bin/child"));
  conn_.generation = 2;
  flow_.Push(conn_.Conn(6));
  EXPECT_EQ(seen_.connections[2].process.container, Container());
}

TEST_F(FlowTest, AThreadIsNoNewProcess) {
  flow_.Push(conn_.Conn(1));
  flow_.Push(MakeProcessEvent(GOTLS_EVENT_FORK, 2, 4711, 4711, "thread"));
  flow_.Push(MakeTick({1000 * kMs}));
  EXPECT_THAT(seen_.Take(), ElementsAre("open 1"));
}

TEST_F(FlowTest, KernelCountersReachTheSummary) {
  std::vector<std::uint64_t> counters(GOTLS_COUNTER_COUNT);
  counters[GOTLS_COUNTER_bytes_captured] = 77;
  flow_.Push(MakeCounters({1}, counters));
  const Summary summary = flow_.End();
  EXPECT_EQ(CounterValue(summary, "bytes_captured"), 77U);
  EXPECT_EQ(CounterValue(summary, "hits"), 0U);
}

TEST_F(FlowTest, MalformedEventsAreCounted) {
  const auto push = [this](EventBytes event, auto change) {
    change(event);
    flow_.Push(event);
  };
  const auto poke = [](EventBytes& event, std::size_t at, int value) {
    event.at(at) = static_cast<std::byte>(value);
  };
  const EventBytes data = conn_.Data(1, GOTLS_READ, 0, "payload");
  push(data, [](auto& e) { e.resize(10); });
  push(data, [](auto& e) { e.pop_back(); });
  push(data, [&](auto& e) { poke(e, 4, 3); });   // size below the header's
  push(data, [&](auto& e) { poke(e, 2, 99); });  // version
  push(data, [&](auto& e) { poke(e, 0, 40); });  // type
  push(data, [&](auto& e) { poke(e, 72, 8); });  // length beyond the event
  push(data, [&](auto& e) { poke(e, 72, 0); });  // no payload
  push(data, [&](auto& e) { poke(e, 76, 2); });  // direction
  push(data, [&](auto& e) { std::fill_n(e.begin() + 48, 8, std::byte{0xff}); });  // position
  push(conn_.Close(1, 5, 5), [&](auto& e) { poke(e, 58, 9); });                   // reason
  flow_.Push(conn_.NotSent(1, 6, 0));
  const Summary summary = flow_.End();
  EXPECT_THAT(seen_.Take(), IsEmpty());
  EXPECT_EQ(CounterValue(summary, "flow_events_short"), 3U);
  EXPECT_EQ(CounterValue(summary, "flow_events_version"), 1U);
  EXPECT_EQ(CounterValue(summary, "flow_events_unknown"), 1U);
  EXPECT_EQ(CounterValue(summary, "flow_events_bad"), 6U);
}

TEST_F(FlowTest, TheRingRecordMayBeLonger) {
  EventBytes event = conn_.Data(1, GOTLS_READ, 0, "payload");
  event.resize(256);
  flow_.Push(event);
  EXPECT_THAT(seen_.Take(), ElementsAre("open 1", "chunk 1 < 0 payload"));
}

}  // namespace
}  // namespace gotls
