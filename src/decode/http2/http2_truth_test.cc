// Whole sessions of nghttp2 with itself: what is reported is known and right, or unknown, wherever
// the decoder joins and whatever it misses.
#include <gtest/gtest.h>

#include <random>

#include "decode/http2/http2_test_util.h"

namespace gotls::http2_test {
namespace {

std::size_t Size(const Transcript& transcript) {
  std::size_t size = 0;
  for (const Write& write : transcript) size += write.bytes.size();
  return size;
}

// `offset` counts the bytes of both directions.
Found JoinAt(const Transcript& transcript, std::size_t offset) {
  Decoding decoding(true);
  for (const Write& write : transcript) {
    const std::size_t skip = std::min(offset, write.bytes.size());
    offset -= skip;
    if (skip < write.bytes.size()) {
      decoding.Data(write.direction, std::string_view(write.bytes).substr(skip));
    }
  }
  decoding.End();
  return decoding.found();
}

// The bytes [from, from + length) of one direction are missing.
Found Without(const Transcript& transcript, Direction direction, std::size_t from,
              std::size_t length) {
  Decoding decoding(false);
  std::size_t position = 0;
  for (const Write& write : transcript) {
    if (write.direction != direction) {
      decoding.Data(write.direction, write.bytes);
      continue;
    }
    const std::string_view bytes = write.bytes;
    const std::size_t size = bytes.size();
    const std::size_t begin = std::clamp(from, position, position + size) - position;
    const std::size_t end = std::clamp(from + length, position, position + size) - position;
    if (begin > 0) decoding.Data(direction, bytes.substr(0, begin));
    if (end > begin) decoding.Gap(direction, end - begin);
    if (end < size) decoding.Data(direction, bytes.substr(end));
    position += size;
  }
  decoding.End();
  return decoding.found();
}

std::string Wrong(const Found& found, const Truth& truth) {
  std::map<std::uint64_t, int> ids;
  for (const Exchange& exchange : found.exchanges) {
    if (++ids[exchange.id.value] > 1) return "an exchange ends twice\n" + Describe(exchange);
    const std::string wrong = http2_test::Wrong(exchange, truth);
    if (!wrong.empty()) return wrong + "\n" + Describe(exchange);
  }
  return {};
}

std::size_t Sent(const Truth& truth) {
  std::size_t count = 0;
  for (const auto& [id, exchange] : truth) count += exchange.sent ? 1 : 0;
  return count;
}

std::size_t Complete(const Found& found) {
  std::size_t count = 0;
  for (const Exchange& exchange : found.exchanges) {
    if (exchange.state == ExchangeState::kComplete) ++count;
  }
  return count;
}

TEST(Http2TruthTest, WholeSessions) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    const Session session = RunSession(seed, 40, 8);
    const Found found = DecodeWhole(session.transcript);
    EXPECT_EQ(found.exchanges.size(), Sent(session.truth)) << "seed " << seed;
    EXPECT_EQ(Wrong(found, session.truth), "") << "seed " << seed;
    for (const Exchange& exchange : found.exchanges) {
      EXPECT_TRUE(exchange.state == ExchangeState::kComplete ||
                  exchange.state == ExchangeState::kReset)
          << Describe(exchange);
      EXPECT_FALSE(exchange.method.empty());
      EXPECT_FALSE(exchange.path.empty());
    }
    EXPECT_GT(Complete(found), 30U);
    EXPECT_EQ(found.counters.decode_malformed, 0U);
    EXPECT_EQ(found.counters.decode_unknown_fields, 0U);
    EXPECT_EQ(found.counters.decode_limits, 0U);
  }
}

// The same, in any split.
TEST(Http2TruthTest, RandomSplits) {
  std::mt19937 random(1);
  for (std::uint32_t seed = 100; seed < 110; ++seed) {
    const Session session = RunSession(seed, 8, 4);
    const std::string whole = Describe(DecodeWhole(session.transcript));
    for (int round = 0; round < 100; ++round) {
      const std::size_t most = std::size_t{1} << (random() % 15);
      Decoding decoding(false);
      for (const Write& write : session.transcript) {
        std::string_view rest = write.bytes;
        while (!rest.empty()) {
          const std::size_t size = std::min(rest.size(), 1 + random() % most);
          decoding.Data(write.direction, rest.substr(0, size));
          rest.remove_prefix(size);
        }
      }
      decoding.End();
      ASSERT_EQ(Describe(decoding.found()), whole) << "seed " << seed << " round " << round;
    }
  }
}

TEST(Http2TruthTest, JoinedAtEveryByte) {
  std::size_t complete = 0;
  for (std::uint32_t seed = 200; seed < 203; ++seed) {
    const Session session = RunSession(seed, 12, 3);
    const std::size_t size = Size(session.transcript);
    // Every byte where frames are small, and many places where they are not.
    for (std::size_t at = 0; at < size; at += at < 3000 ? 1 : 1 + size / 500) {
      const Found found = JoinAt(session.transcript, at);
      ASSERT_EQ(Wrong(found, session.truth), "") << "seed " << seed << " at " << at;
      complete += Complete(found);
    }
  }
  EXPECT_GT(complete, 5000U);
}

TEST(Http2TruthTest, JoinedAtEveryWrite) {
  for (std::uint32_t seed = 300; seed < 310; ++seed) {
    const Session session = RunSession(seed, 30, 6);
    std::size_t at = 0;
    for (const Write& write : session.transcript) {
      const Found found = JoinAt(session.transcript, at);
      ASSERT_EQ(Wrong(found, session.truth), "") << "seed " << seed << " at " << at;
      at += write.bytes.size();
    }
  }
}

TEST(Http2TruthTest, GapsEverywhere) {
  std::mt19937 random(2);
  std::size_t complete = 0;
  for (std::uint32_t seed = 400; seed < 403; ++seed) {
    const Session session = RunSession(seed, 15, 6);
    for (const Direction direction : {kClientToServer, kServerToClient}) {
      std::size_t size = 0;
      for (const Write& write : session.transcript) {
        if (write.direction == direction) size += write.bytes.size();
      }
      const std::size_t step = 1 + size / 200;
      for (std::size_t at = 0; at < size; at += step) {
        const std::size_t length = std::size_t{1} + random() % (std::size_t{1} << random() % 16);
        const Found found = Without(session.transcript, direction, at, length);
        ASSERT_EQ(Wrong(found, session.truth), "")
            << "seed " << seed << " direction " << static_cast<int>(direction) << " at " << at
            << " length " << length;
        complete += Complete(found);
      }
    }
  }
  EXPECT_GT(complete, 5000U);
}

// As Without, with many gaps in both directions, also while joined.
TEST(Http2TruthTest, ManyGaps) {
  std::mt19937 random(3);
  for (std::uint32_t seed = 500; seed < 700; ++seed) {
    const Session session = RunSession(seed, 15, 6);
    Decoding decoding(seed % 2 == 0);
    const std::uint32_t rarity = 2 + seed % 40;
    for (const Write& write : session.transcript) {
      std::string_view rest = write.bytes;
      while (!rest.empty()) {
        const std::size_t size = std::min<std::size_t>(rest.size(), 1 + random() % 8192);
        if (random() % rarity == 0) {
          decoding.Gap(write.direction, size);
        } else {
          decoding.Data(write.direction, rest.substr(0, size));
        }
        rest.remove_prefix(size);
      }
      if (random() % 50 == 0) decoding.Advance(std::chrono::seconds(7));
    }
    decoding.End();
    ASSERT_EQ(Wrong(decoding.found(), session.truth), "") << "seed " << seed;
  }
}

// What a client writes is told late, behind responses to it.
TEST(Http2TruthTest, LateRequests) {
  std::mt19937 random(4);
  for (std::uint32_t seed = 800; seed < 840; ++seed) {
    const Session session = RunSession(seed, 20, 4);
    Transcript late;
    std::string waiting;
    for (const Write& write : session.transcript) {
      if (write.direction == kServerToClient) {
        late.push_back(write);
      } else {
        waiting += write.bytes;
      }
      if (random() % 3 == 0) late.push_back({kClientToServer, std::exchange(waiting, {})});
    }
    late.push_back({kClientToServer, waiting});
    const Found found = DecodeWhole(late);
    ASSERT_EQ(Wrong(found, session.truth), "") << "seed " << seed;
    EXPECT_GE(Complete(found) + 3, Complete(DecodeWhole(session.transcript))) << "seed " << seed;
    const std::size_t at = random() % Size(late);
    ASSERT_EQ(Wrong(JoinAt(late, at), session.truth), "") << "seed " << seed << " at " << at;
    for (const Direction direction : {kClientToServer, kServerToClient}) {
      ASSERT_EQ(Wrong(Without(late, direction, at / 2, 1 + random() % 5000), session.truth), "")
          << "seed " << seed << " at " << at;
    }
  }
}

}  // namespace
}  // namespace gotls::http2_test
