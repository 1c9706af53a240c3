// Whole outputs in parts: nothing is lost between two of them, and each is valid by itself.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "sink/fan_out.h"
#include "sink/pcapng/test_capture.h"

namespace gotls {
namespace {

using testing::ReadFile;
using testing::TemporaryDirectory;

// 40 connections of some hundred bytes each, and an exchange in each, through `format`, in parts of
// 4 KiB or whole; returns the parts in their order.
std::vector<std::string> WriteParts(const TemporaryDirectory& folder, const std::string& format,
                                    std::uint64_t max_bytes) {
  OutputContext context;
  context.rotate.max_bytes = max_bytes;
  auto output = OpenOutput({format, folder.File(format + ".out")}, context);
  EXPECT_TRUE(output) << output.error().Message();
  FanOut fan_out([](const std::string& name, const Error& error) {
    ADD_FAILURE() << name << ": " << error.Message();
  });
  fan_out.Add(std::move(*output));
  for (std::uint64_t id = 1; id <= 40; ++id) {
    const Connection connection = testing::MakeConnection(id);
    fan_out.OnOpen(connection);
    const std::string text(300, 'x');
    fan_out.OnChunk(connection, {Direction::kWrite, {0}, AsBytes(text), 1, 2, connection.opened});
    Exchange exchange;
    exchange.id = {id};
    exchange.state = ExchangeState::kComplete;
    fan_out.OnExchange(connection, exchange);
    fan_out.OnClose(connection, {CloseReason::kClosed, {}, {}, connection.opened});
  }
  fan_out.Finish({});
  std::set<std::string> parts;
  for (const auto& entry : std::filesystem::directory_iterator(folder.File(""))) {
    if (entry.path().filename().native().starts_with(format)) parts.insert(entry.path());
  }
  return {parts.begin(), parts.end()};
}

TEST(RotatedOutputs, NoByteIsLost) {
  for (const char* format : {"hex", "json"}) {
    const TemporaryDirectory whole;
    const TemporaryDirectory rotated;
    std::string all;
    const auto parts = WriteParts(rotated, format, 4096);
    EXPECT_GE(parts.size(), 3U);
    for (const std::string& part : parts) all += ReadFile(part);
    EXPECT_EQ(all, ReadFile(WriteParts(whole, format, 0).at(0))) << format;
  }
}

TEST(RotatedOutputs, EachPartIsWhole) {
  const TemporaryDirectory folder;
  for (const std::string& part : WriteParts(folder, "json", 4096)) {
    std::istringstream lines(ReadFile(part));
    for (std::string line; std::getline(lines, line);) {
      EXPECT_TRUE(nlohmann::json::accept(line)) << part;
    }
  }
  std::size_t packets = 0;
  const auto captures = WriteParts(folder, "pcapng", 4096);
  EXPECT_GE(captures.size(), 3U);
  for (const std::string& part : captures) packets += testing::ParseCapture(part).Tcp().size();
  EXPECT_EQ(packets, 40U * 7);
  const auto archives = WriteParts(folder, "har", 4096);
  EXPECT_GE(archives.size(), 3U);
  for (const std::string& part : archives) {
    EXPECT_TRUE(nlohmann::json::accept(ReadFile(part))) << part;
  }
}

std::size_t CountFiles(const TemporaryDirectory& folder) {
  const std::filesystem::directory_iterator files(folder.File(""));
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

// A part begins with the secrets of the ones before, which are more than the limit: records still
// fill it.
TEST(RotatedOutputs, SecretsFromBeforeDontFillAPart) {
  const TemporaryDirectory folder;
  OutputContext context;
  context.rotate.max_bytes = 16 << 10;
  auto output = OpenOutput({"pcapng", folder.File("a.pcapng")}, context);
  ASSERT_TRUE(output) << output.error().Message();
  FanOut fan_out([](const std::string& name, const Error& error) {
    ADD_FAILURE() << name << ": " << error.Message();
  });
  fan_out.Add(std::move(*output));
  const std::string bytes(48, 's');
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const std::string random = fmt::format("{:032}", i);
    fan_out.OnSecret({}, {"CLIENT_TRAFFIC_SECRET_0", AsBytes(random), AsBytes(bytes), 1, {}});
  }
  const Connection connection = testing::MakeConnection(1);
  fan_out.OnOpen(connection);
  const std::string text(1000, 'x');
  for (std::uint64_t i = 0; i < 100; ++i) {
    fan_out.OnChunk(connection,
                    {Direction::kWrite, {i * 1000}, AsBytes(text), 1, 2, connection.opened});
  }
  fan_out.Finish({});
  // 100 KB of packets and what is around them, after a part that the secrets themselves fill.
  EXPECT_GE(CountFiles(folder), 7U);
  EXPECT_LE(CountFiles(folder), 10U);
  const auto last = testing::ParseCapture(folder.File("a.00007.pcapng"));
  ASSERT_EQ(last.secrets.size(), 1U);
  EXPECT_EQ(std::ranges::count(last.secrets[0], '\n'), 1024);
}

TEST(RotatedOutputs, TimePassesWithoutTraffic) {
  const TemporaryDirectory folder;
  OutputContext context;
  context.rotate.max_age = std::chrono::seconds(10);
  FanOut fan_out([](const std::string& name, const Error& error) {
    ADD_FAILURE() << name << ": " << error.Message();
  });
  auto output = OpenOutput({"json", folder.File("a.json")}, context);
  ASSERT_TRUE(output);
  fan_out.Add(std::move(*output));
  EXPECT_TRUE(fan_out.rotates());
  const Connection connection = testing::MakeConnection(1);
  const WallTime start = connection.opened;
  fan_out.OnTick(start - std::chrono::hours(1));
  fan_out.OnTick(start - std::chrono::seconds(1));
  EXPECT_EQ(CountFiles(folder), 1U);  // what has no record does not grow old
  fan_out.OnOpen(connection);
  fan_out.OnTick(start + std::chrono::seconds(9));
  EXPECT_EQ(CountFiles(folder), 1U);
  fan_out.OnTick(start + std::chrono::seconds(10));
  EXPECT_EQ(CountFiles(folder), 2U);
  fan_out.OnTick(start + std::chrono::hours(1));
  EXPECT_EQ(CountFiles(folder), 2U);
  fan_out.Finish({});
}

TEST(RotatedOutputs, WhatCantBeRotatedIsSaid) {
  const auto check = [](std::vector<OutputSpec> specs) { return CheckRotation(specs).has_value(); };
  EXPECT_TRUE(check({{"text", ""}, {"pcapng", "/x"}}));
  EXPECT_FALSE(check({{"text", ""}, {"json", "-"}}));
  EXPECT_FALSE(check({{"json", "/x"}, {"record", "/y"}}));
}

}  // namespace
}  // namespace gotls
