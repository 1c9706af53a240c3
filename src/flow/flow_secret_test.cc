// Secrets and ticks on their way through Flow, and gaps of what nobody wanted.
#include <gtest/gtest.h>

#include <tuple>

#include "flow/flow.h"
#include "flow/test_events.h"
#include "flow/test_observer.h"

namespace gotls {
namespace {

using testing::CounterValue;
using testing::kMs;
using testing::Script;
using testing::TestConn;

class SecretScript : public Script {
 public:
  void OnSecret(const Process& process, const TlsSecret& secret) override {
    lines.push_back("secret " + secret.label);
    processes.push_back(process);
    randoms.emplace_back(AsText(secret.client_random));
    secrets.emplace_back(AsText(secret.secret));
    last = secret;
  }
  void OnTick(WallTime now) override {
    lines.push_back("tick " + std::to_string(now.time_since_epoch().count()));
  }

  std::vector<Process> processes;
  std::vector<std::string> randoms;
  std::vector<std::string> secrets;
  TlsSecret last;  // without its spans' bytes
};

gotls_secret_event SecretFields(std::uint64_t time, std::string_view label,
                                std::string_view secret) {
  gotls_secret_event event{};
  event.header = MakeHeader(GOTLS_EVENT_SECRET, sizeof(event), {time}, 4711, 4715);
  event.goid = 18;
  std::memset(event.client_random, 'r', sizeof(event.client_random));
  std::memcpy(event.label, label.data(), std::min(label.size(), sizeof(event.label)));
  std::memcpy(event.secret, secret.data(), std::min(secret.size(), sizeof(event.secret)));
  event.label_length = static_cast<gotls_u8>(label.size());
  event.secret_length = static_cast<gotls_u8>(secret.size());
  return event;
}

EventBytes Secret(std::uint64_t time, std::string_view label, std::string_view secret) {
  return PackEvent(SecretFields(time, label, secret));
}

class FlowSecretTest : public ::testing::Test {
 protected:
  SecretScript script_;
  Flow flow_{script_, 1000};
};

TEST_F(FlowSecretTest, PassesOnWithWhatIsKnownOfTheProcess) {
  flow_.Push(MakeProcessInfo({1 * kMs}, 4711, "fetch", "/usr/bin/fetch"));
  flow_.Push(Secret(2 * kMs, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", std::string(48, 's')));
  EXPECT_EQ(script_.Take(), std::vector<std::string>{"secret CLIENT_HANDSHAKE_TRAFFIC_SECRET"});
  EXPECT_EQ(script_.processes[0].pid, 4711U);
  EXPECT_EQ(script_.processes[0].comm, "fetch");
  EXPECT_EQ(script_.processes[0].exe, "/usr/bin/fetch");
  EXPECT_EQ(script_.randoms[0], std::string(32, 'r'));
  EXPECT_EQ(script_.secrets[0], std::string(48, 's'));
  EXPECT_EQ(script_.last.goroutine, 18U);
  EXPECT_EQ(script_.last.time.time_since_epoch().count(), 2'001'000);
  const Summary summary = flow_.End();
  EXPECT_EQ(summary.connections, 0U);
  EXPECT_EQ(summary.processes, 0U);  // counts those with connections
}

TEST_F(FlowSecretTest, ProcessMayBeUnknown) {
  flow_.Push(Secret(1 * kMs, "CLIENT_RANDOM", "x"));
  ASSERT_EQ(script_.processes.size(), 1U);
  EXPECT_EQ(script_.processes[0].pid, 4711U);
  EXPECT_EQ(script_.processes[0].comm, "");
}

TEST_F(FlowSecretTest, LongestLabelAndSecret) {
  flow_.Push(Secret(1, std::string(32, 'L'), std::string(64, 's')));
  EXPECT_EQ(script_.Take(), std::vector<std::string>{"secret " + std::string(32, 'L')});
  EXPECT_EQ(script_.secrets[0].size(), 64U);
}

TEST_F(FlowSecretTest, LyingEventsAreCounted) {
  // Labels go to key logs as they are: nothing that could begin another line.
  for (const char* label : {"", "CLIENT RANDOM", "CLIENT_RANDOM\n", "client_random", "\xff"}) {
    flow_.Push(Secret(1, label, "x"));
  }
  flow_.Push(Secret(1, std::string(33, 'L'), "x"));
  flow_.Push(Secret(1, std::string(255, 'L'), "x"));
  flow_.Push(Secret(1, "CLIENT_RANDOM", ""));
  flow_.Push(Secret(1, "CLIENT_RANDOM", std::string(65, 's')));
  flow_.Push(Secret(1, "CLIENT_RANDOM", std::string(255, 's')));
  EventBytes cut = Secret(1, "CLIENT_RANDOM", "x");
  cut.resize(sizeof(gotls_secret_event) - 1);
  const auto size = static_cast<gotls_u32>(cut.size());
  std::memcpy(cut.data() + offsetof(gotls_event_header, size), &size, sizeof(size));
  flow_.Push(cut);
  EXPECT_TRUE(script_.Take().empty());
  EXPECT_EQ(CounterValue(flow_.End(), "flow_events_bad"), 11U);
}

TEST_F(FlowSecretTest, TicksComeAfterTheTimersThatTheyRun) {
  const TestConn conn;
  flow_.Push(conn.Conn(1 * kMs));
  flow_.Push(conn.Close(2 * kMs, 0, 0));
  (void)script_.Take();
  flow_.Push(MakeTick({50 * kMs}));
  EXPECT_EQ(script_.Take(), std::vector<std::string>{"tick 50001000"});
  flow_.Push(MakeTick({102 * kMs}));
  EXPECT_EQ(script_.Take(), (std::vector<std::string>{"close 1 closed 0+0 0+0", "tick 102001000"}));
  flow_.Push(MakeTick({40 * kMs}));  // time never goes back
  EXPECT_EQ(script_.Take(), std::vector<std::string>{"tick 102001000"});
}

TEST_F(FlowSecretTest, SkippedBytesAreAGapWithTheirReason) {
  const TestConn conn;
  flow_.Push(conn.Conn(1));
  flow_.Push(conn.Data(1, GOTLS_READ, 0, "head"));
  flow_.Push(conn.Data(2, GOTLS_READ, 1003, "e", GOTLS_LOSS_SKIPPED));
  (void)script_.Take();
  EXPECT_EQ(script_.gaps[0].length, 999U);
  EXPECT_EQ(script_.gaps[0].reasons, kGapSkipped);
  flow_.Push(conn.Close(3, 2000, 0, GOTLS_CLOSE_DETACHED, GOTLS_LOSS_SKIPPED | GOTLS_LOSS_CAPPED));
  EXPECT_EQ(script_.Take(),
            (std::vector<std::string>{"gap 1 < 1004 +996 why 20", "close 1 detached 5+996 0+0"}));
  EXPECT_EQ(script_.closes.back().read.skipped, 999U);  // nobody wanted them; nothing is missing
}

TEST_F(FlowSecretTest, KeysOfOpenConnectionsOnly) {
  TestConn conn;
  flow_.Push(conn.Conn(1));
  const auto key = flow_.KeyOf(ConnId{1});
  ASSERT_TRUE(key);
  EXPECT_EQ(std::tuple(key->pid, key->conn, key->generation),
            std::tuple(conn.pid, conn.conn, conn.generation));
  EXPECT_FALSE(flow_.KeyOf(ConnId{2}));
  flow_.Push(conn.Close(2, 0, 0, GOTLS_CLOSE_DETACHED));
  EXPECT_FALSE(flow_.KeyOf(ConnId{1}));
}

}  // namespace
}  // namespace gotls
