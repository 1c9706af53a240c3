// Observers for tests: one that writes down what it is told, one that checks the promises of
// FlowObserver.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "flow/flow_observer.h"

namespace gotls::testing {

// One short line a call: "open 1", "chunk 1 < 0 hello", "gap 1 > 5 +10 why 2", "close 1 closed 5+0
// 10+0".
class Script : public FlowObserver {
 public:
  void OnOpen(const Connection& connection) override {
    lines.push_back("open " + Id(connection));
    connections.push_back(connection);
  }
  void OnChunk(const Connection& connection, const Chunk& chunk) override {
    lines.push_back("chunk " + Id(connection) + Arrow(chunk.direction) +
                    std::to_string(chunk.position.value) + " " + std::string(AsText(chunk.data)));
    chunks.push_back(chunk);
  }
  void OnGap(const Connection& connection, const Gap& gap) override {
    lines.push_back("gap " + Id(connection) + Arrow(gap.direction) +
                    std::to_string(gap.position.value) + " +" + std::to_string(gap.length) +
                    " why " + std::to_string(gap.reasons));
    gaps.push_back(gap);
  }
  void OnClose(const Connection& connection, const Close& close) override {
    static constexpr const char* kReasons[] = {"closed", "exit", "reused", "detached"};
    lines.push_back("close " + Id(connection) + " " +
                    kReasons[static_cast<std::size_t>(close.reason)] + Sum(close.read) +
                    Sum(close.write));
    closes.push_back(close);
  }

  // The lines since the last call.
  std::vector<std::string> Take() { return std::exchange(lines, {}); }

  std::vector<std::string> lines;
  std::vector<Connection> connections;
  std::vector<Chunk> chunks;  // their data is gone
  std::vector<Gap> gaps;
  std::vector<Close> closes;

 private:
  static std::string Id(const Connection& connection) {
    return std::to_string(connection.id.value);
  }
  static std::string Arrow(Direction direction) {
    return direction == Direction::kRead ? " < " : " > ";
  }
  static std::string Sum(const StreamTotals& totals) {
    return " " + std::to_string(totals.captured) + "+" + std::to_string(totals.missing);
  }
};

// Fails the test when a promise is broken. Keeps what was received, gaps as '?', for each tls.Conn
// and direction.
class Checker : public FlowObserver {
 public:
  void OnOpen(const Connection& connection) override {
    EXPECT_EQ(connection.id.value, ++opened_);
    State& state = states_[connection.id.value];
    // A connection that goes on after its close begins where that one ended.
    for (int i = 0; i < 2; ++i) state.next[i] = Received(connection.tls_conn, i).size();
  }
  void OnChunk(const Connection& connection, const Chunk& chunk) override {
    EXPECT_FALSE(chunk.data.empty());
    Advance(connection, chunk.direction, chunk.position.value, chunk.data.size());
    if (keep_bytes) ReceivedOf(connection, chunk.direction) += AsText(chunk.data);
    states_[connection.id.value].captured += chunk.data.size();
  }
  void OnGap(const Connection& connection, const Gap& gap) override {
    EXPECT_GT(gap.length, 0U);
    if (gap.reasons == kGapNotSent) return;
    EXPECT_EQ(gap.reasons & ~(kGapRingFull | kGapUnreadable | kGapCapped | kGapSkipped), 0);
    Advance(connection, gap.direction, gap.position.value, gap.length);
    if (keep_bytes) ReceivedOf(connection, gap.direction).append(gap.length, '?');
    State& state = states_[connection.id.value];
    (gap.reasons == kGapSkipped ? state.skipped : state.missing) += gap.length;
  }
  void OnClose(const Connection& connection, const Close& close) override {
    const State& state = states_[connection.id.value];
    EXPECT_EQ(close.read.captured + close.write.captured, state.captured);
    EXPECT_EQ(close.read.missing + close.write.missing, state.missing);
    EXPECT_EQ(close.read.skipped + close.write.skipped, state.skipped);
    EXPECT_EQ(states_.erase(connection.id.value), 1U);
  }

  std::string& Received(std::uint64_t tls_conn, int direction) {
    return received_[{tls_conn, direction}];
  }
  [[nodiscard]] std::uint64_t opened() const { return opened_; }
  [[nodiscard]] bool all_closed() const { return states_.empty(); }

  bool keep_bytes = true;  // false for hostile streams: a gap may say 2^60 bytes

 private:
  struct State {
    std::uint64_t next[2] = {0, 0};
    bool begun[2] = {false, false};
    std::uint64_t captured = 0;
    std::uint64_t missing = 0;
    std::uint64_t skipped = 0;
  };

  void Advance(const Connection& connection, Direction direction, std::uint64_t position,
               std::uint64_t length) {
    ASSERT_TRUE(states_.contains(connection.id.value)) << "not open";
    State& state = states_[connection.id.value];
    const auto index = static_cast<std::size_t>(direction);
    // Without the bytes, where a connection that goes on has to begin is not known.
    if (keep_bytes || state.begun[index]) {
      EXPECT_EQ(position, state.next[index]);
    }
    state.begun[index] = true;
    state.next[index] = position + length;
  }
  std::string& ReceivedOf(const Connection& connection, Direction direction) {
    return Received(connection.tls_conn, static_cast<int>(direction));
  }

  std::uint64_t opened_ = 0;
  std::map<std::uint64_t, State> states_;
  std::map<std::pair<std::uint64_t, int>, std::string> received_;
};

inline std::uint64_t CounterValue(const Summary& summary, const std::string& name) {
  for (const Counter& counter : summary.counters) {
    if (counter.name == name) return counter.value;
  }
  ADD_FAILURE() << "no counter " << name;
  return 0;
}

}  // namespace gotls::testing
