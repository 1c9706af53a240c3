// Events that nobody honest made: no crash (sanitizers watch), no broken promise, bounded memory.
#include <gtest/gtest.h>

#include <cstddef>
#include <random>

#include "flow/flow.h"
#include "flow/test_events.h"
#include "flow/test_observer.h"

namespace gotls {
namespace {

using testing::Checker;
using testing::kMs;
using testing::MakeProcessEvent;
using testing::TestConn;

std::uint64_t Odd(std::mt19937_64& random) {
  switch (random() % 6) {
    case 0:
      return random();
    case 1:
      return ~std::uint64_t{0} - random() % 3;
    case 2:
      return std::uint64_t{1} << (random() % 64);
    default:
      return random() % 50;
  }
}

EventBytes RandomEvent(std::mt19937_64& random, std::uint64_t time) {
  TestConn conn;
  conn.pid = static_cast<std::uint32_t>(random() % 4);
  conn.conn = random() % 4;
  conn.generation = random() % 3;
  const auto flags = static_cast<std::uint8_t>(random() % 3 == 0 ? GOTLS_DATA_UNORDERED : 0);
  switch (random() % 13) {
    case 0:
      return conn.Conn(time);
    case 1:
      return conn.Close(time, Odd(random), Odd(random),
                        static_cast<gotls_close_reason>(random() % 5));
    case 2:
      return conn.NotSent(time, Odd(random), Odd(random));
    case 3:
      return MakeProcessEvent(GOTLS_EVENT_EXIT, time, conn.pid, 1, "x");
    case 4:
      return MakeProcessEvent(random() % 2 ? GOTLS_EVENT_EXEC : GOTLS_EVENT_FORK, time, conn.pid, 1,
                              "x");
    case 5:
      return MakeProcessInfo({time}, conn.pid, "comm", "exe");
    case 6:
      return random() % 2 ? MakeTick({time})
                          : testing::MakeContainerEvent(time, conn.pid, 7, "01ab", "web");
    case 7: {
      gotls_secret_event event{};
      event.header = MakeHeader(GOTLS_EVENT_SECRET, sizeof(event), {time}, conn.pid, 1);
      for (char& c : event.label) c = random() % 30 == 0 ? '\n' : 'A';
      event.label_length = static_cast<gotls_u8>(Odd(random));
      event.secret_length = static_cast<gotls_u8>(Odd(random));
      return PackEvent(event);
    }
    default:
      return conn.Data(time, random() % 2 ? GOTLS_READ : GOTLS_WRITE, Odd(random),
                       std::string(1 + random() % 30, 'x'), static_cast<std::uint8_t>(random()),
                       flags);
  }
}

TEST(FlowHostile, RandomEventsAndCorruption) {
  FlowLimits limits;
  limits.connections = 10;
  limits.closed_connections = 3;
  limits.processes = 3;
  limits.hold = {5, 2000, 4000};
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937_64 random(seed);
    Checker checker;
    checker.keep_bytes = false;
    Flow flow(checker, static_cast<std::int64_t>(Odd(random)), limits);
    std::uint64_t time = 0;
    for (int i = 0; i < 300; ++i) {
      time += random() % (40 * kMs);
      EventBytes event = RandomEvent(random, random() % 200 == 0 ? Odd(random) : time);
      if (random() % 10 == 0) event[random() % event.size()] = static_cast<std::byte>(random());
      if (random() % 20 == 0) event.resize(random() % (event.size() + 1));
      flow.Push(event);
    }
    flow.End();
    EXPECT_TRUE(checker.all_closed()) << seed;
  }
}

TEST(FlowHostile, EveryTruncationOfEveryType) {
  TestConn conn;
  const std::vector<EventBytes> events = {
      conn.Conn(1),
      conn.Data(2, GOTLS_READ, 0, "payload"),
      conn.NotSent(3, 0, 5),
      conn.Close(4, 7, 5),
      MakeProcessEvent(GOTLS_EVENT_EXEC, 5, 4711, 1, "x"),
      MakeProcessInfo({6}, 4711, "comm", "/exe"),
      MakeCounters({7}, std::vector<std::uint64_t>(GOTLS_COUNTER_COUNT + 3)),
      MakeTick({8}),
  };
  for (const EventBytes& event : events) {
    for (std::size_t size = 0; size < event.size(); ++size) {
      Checker checker;
      Flow flow(checker, 0);
      EventBytes cut(event.begin(), event.begin() + static_cast<std::ptrdiff_t>(size));
      flow.Push(cut);
      // Also with a size that fits what is left: then the type's own length check has to see it.
      // But for one that an event of an older version has.
      const bool older = &event == &events.front() && size == offsetof(gotls_conn_event, stream_id);
      if (size >= sizeof(gotls_event_header) && !older) {
        const auto claimed = static_cast<gotls_u32>(size);
        std::memcpy(cut.data() + 4, &claimed, sizeof(claimed));
        flow.Push(cut);
      }
      EXPECT_EQ(checker.opened(), 0U);
    }
  }
}

}  // namespace
}  // namespace gotls
