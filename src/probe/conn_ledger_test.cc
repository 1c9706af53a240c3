#include "probe/conn_ledger.h"

#include <gtest/gtest.h>

#include <tuple>

#include "probe/fake_kernel.h"

namespace gotls {
namespace {

constexpr std::uint32_t kPid = 7;
constexpr std::uint64_t kConn = 0xc000100000;
constexpr std::uint64_t kSecond = 1'000'000'000;

class ConnLedgerTest : public ::testing::Test {
 protected:
  using Position = std::pair<std::uint64_t, std::uint64_t>;

  // A connection that the kernel half has announced.
  void Open(std::uint64_t generation, std::uint64_t conn = kConn, std::uint32_t pid = kPid) {
    SetState(generation, conn, pid);
    gotls_conn_event event{};
    event.header.pid = pid;
    event.conn = conn;
    event.generation = generation;
    ledger_.OnConn(event);
  }

  void SetState(std::uint64_t generation, std::uint64_t conn = kConn, std::uint32_t pid = kPid) {
    gotls_conn_state state{};
    state.generation = generation;
    state.position[GOTLS_READ] = 10;
    state.position[GOTLS_WRITE] = 20;
    state.loss[GOTLS_WRITE] = GOTLS_LOSS_RING_FULL;
    kernel_.conns[{pid, conn}] = state;
  }

  // As Close() of the connection does.
  void CloseCalled(std::uint64_t generation, std::uint64_t time) {
    kernel_.conns[{kPid, kConn}].closed = 1;
    Closed(generation, time);
  }

  void Closed(std::uint64_t generation, std::uint64_t time) {
    gotls_close_event event{};
    event.header.pid = kPid;
    event.header.time = time;
    event.conn = kConn;
    event.generation = generation;
    ledger_.OnClose(event);
  }

  void EndAll(std::uint64_t time = kSecond) { ledger_.EndAll(time, Keep()); }
  void EndProcess(std::uint64_t time, std::uint32_t pid = kPid) {
    ledger_.EndProcess(pid, time, Keep());
  }

  ConnLedger::EventHandler Keep() {
    return [this](Bytes bytes) {
      const auto event = ReadAt<gotls_close_event>(bytes, 0);
      ASSERT_TRUE(event.has_value());
      ASSERT_EQ(event->header.type, GOTLS_EVENT_CLOSE);
      ASSERT_EQ(event->header.size, sizeof(*event));
      ends_.push_back(*event);
    };
  }

  FakeKernel kernel_;
  ConnLedger ledger_{kernel_};
  std::vector<gotls_close_event> ends_;
};

TEST_F(ConnLedgerTest, EndsTheConnectionsOfADeadProcess) {
  Open(100);
  Open(101, kConn + 64);
  Open(102, kConn, kPid + 1);
  EndProcess(500);
  ASSERT_EQ(ends_.size(), 2U);
  EXPECT_EQ(ends_[0].header.pid, kPid);
  EXPECT_EQ(ends_[0].header.time, 500U);
  EXPECT_EQ(ends_[0].conn, kConn);
  EXPECT_EQ(ends_[0].generation, 100U);
  EXPECT_EQ(ends_[0].position[GOTLS_READ], 10U);
  EXPECT_EQ(ends_[0].position[GOTLS_WRITE], 20U);
  EXPECT_EQ(ends_[0].loss[GOTLS_WRITE], GOTLS_LOSS_RING_FULL);
  EXPECT_EQ(ends_[0].reason, GOTLS_CLOSE_PROCESS_EXIT);
  EXPECT_EQ(ends_[1].generation, 101U);
  EXPECT_EQ(kernel_.conns.size(), 1U);  // those of the dead are gone from the table
}

TEST_F(ConnLedgerTest, EndsAProcessOnce) {
  Open(100);
  EndProcess(500);
  EndProcess(501);
  EndAll();
  EXPECT_EQ(ends_.size(), 1U);
}

// The kernel reuses the pid, or the process went on by exec: Go's heap begins at the same address,
// so the same key can serve a connection of the new program before we hear of the old one's end.
TEST_F(ConnLedgerTest, SparesConnectionsYoungerThanTheEnd) {
  Open(100);
  SetState(600);
  EndProcess(500);
  EXPECT_TRUE(ends_.empty());
  EXPECT_TRUE(kernel_.conns.contains({kPid, kConn}));
}

TEST_F(ConnLedgerTest, TellsNoSecondEndOfAClosedConnection) {
  Open(100);
  CloseCalled(100, 400);
  EndProcess(500);
  EndAll();
  EXPECT_TRUE(ends_.empty());
  EXPECT_TRUE(kernel_.conns.empty());
}

TEST_F(ConnLedgerTest, TakesARepeatedAnnouncementForNoNewConnection) {
  Open(100);
  CloseCalled(100, 400);
  gotls_conn_event again{};
  again.header.pid = kPid;
  again.conn = kConn;
  again.generation = 100;
  ledger_.OnConn(again);
  EndAll();
  EXPECT_TRUE(ends_.empty());
}

TEST_F(ConnLedgerTest, TellsTheCloseThatTheRingLost) {
  Open(100);
  kernel_.conns[{kPid, kConn}].closed = 1;
  EndProcess(500);
  ASSERT_EQ(ends_.size(), 1U);
  EXPECT_EQ(ends_[0].reason, GOTLS_CLOSE_CALLED);
}

TEST_F(ConnLedgerTest, EndsWhatWasNeverAnnounced) {
  SetState(100);
  EndAll(900);
  ASSERT_EQ(ends_.size(), 1U);
  EXPECT_EQ(ends_[0].reason, GOTLS_CLOSE_DETACHED);
  EXPECT_EQ(ends_[0].header.time, 900U);
}

TEST_F(ConnLedgerTest, SaysNothingOfAStateWithoutBytes) {
  kernel_.conns[{kPid, kConn}] = gotls_conn_state{};
  EndAll();
  EXPECT_TRUE(ends_.empty());
}

TEST_F(ConnLedgerTest, EndAllGivesEachConnectionOneEnd) {
  Open(100, kConn + 64);
  Open(101, kConn + 128, kPid + 1);
  Open(102);
  CloseCalled(102, 400);
  EndAll();
  ASSERT_EQ(ends_.size(), 2U);
  EXPECT_EQ(ends_[0].generation, 100U);
  EXPECT_EQ(ends_[1].generation, 101U);
}

TEST_F(ConnLedgerTest, RemovesAClosedConnectionAfterFiveSeconds) {
  Open(100);
  CloseCalled(100, kSecond);
  ledger_.RemoveClosed(6 * kSecond - 1);
  EXPECT_TRUE(kernel_.conns.contains({kPid, kConn}));
  ledger_.RemoveClosed(6 * kSecond);
  EXPECT_FALSE(kernel_.conns.contains({kPid, kConn}));
  EndProcess(7 * kSecond);
  EXPECT_TRUE(ends_.empty());
}

TEST_F(ConnLedgerTest, KeepsANewConnectionInTheSameMemory) {
  Open(100);
  CloseCalled(100, kSecond);
  Open(2 * kSecond);
  ledger_.RemoveClosed(60 * kSecond);
  ASSERT_TRUE(kernel_.conns.contains({kPid, kConn}));
  EndProcess(61 * kSecond);
  ASSERT_EQ(ends_.size(), 1U);
  EXPECT_EQ(ends_[0].generation, 2 * kSecond);
}

TEST_F(ConnLedgerTest, KeepsANewConnectionThatIsClosedToo) {
  Open(100);
  CloseCalled(100, kSecond);
  Open(2 * kSecond);
  CloseCalled(2 * kSecond, 4 * kSecond);
  ledger_.RemoveClosed(6 * kSecond);  // the first one's turn
  EXPECT_TRUE(kernel_.conns.contains({kPid, kConn}));
  ledger_.RemoveClosed(9 * kSecond);
  EXPECT_FALSE(kernel_.conns.contains({kPid, kConn}));
  EndAll();
  EXPECT_TRUE(ends_.empty());
}

// A handshake found the memory of a connection that went without Close.
TEST_F(ConnLedgerTest, FollowsReusedMemory) {
  Open(100);
  Closed(100, 200);  // GOTLS_CLOSE_REUSED: the state is the new connection's already
  SetState(200);
  Open(200);
  EndProcess(300);
  ASSERT_EQ(ends_.size(), 1U);
  EXPECT_EQ(ends_[0].generation, 200U);
}

TEST_F(ConnLedgerTest, IgnoresTheCloseOfAnOlderConnection) {
  Open(200);
  Closed(100, 300);
  EndProcess(400);
  EXPECT_EQ(ends_.size(), 1U);
}

}  // namespace
}  // namespace gotls
