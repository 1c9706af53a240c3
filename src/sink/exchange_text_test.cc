// What the goldens don't show: when lines come, and that nothing grows or breaks.
#include "sink/exchange_text.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <sstream>

#include "sink/display_text.h"
#include "sink/held_exchanges.h"
#include "sink/test_exchanges.h"
#include "sink/test_file.h"

namespace gotls {
namespace {

using testing::AtUs;
using testing::Fields;
using testing::Half;

class ExchangeTextTest : public ::testing::Test {
 protected:
  void SetUp() override {
    connection_.id = {3};
    connection_.process = {7, "x", ""};
    connection_.role = Role::kClient;
  }

  void Make(ExchangeStyle style) {
    style.text.utc = true;
    file_ = std::move(*OutputFile::Open(folder_.File("out")));
    sink_ = MakeExchangeTextSink(*file_, style, {});
    exchanges_ = dynamic_cast<ExchangeSink*>(sink_.get());
    ASSERT_NE(exchanges_, nullptr);
  }

  static Exchange Call(std::uint64_t id, Application application = Application::kGrpc) {
    Exchange exchange;
    exchange.id = {id};
    exchange.application = application;
    if (application == Application::kGrpc) exchange.rpc = Rpc{"S", "M", {}, {}, {}};
    exchange.method = "POST";
    exchange.host = "h";
    exchange.path = "/S/M";
    exchange.request = Half(0, 0, {});
    return exchange;
  }

  void Open(const Exchange& exchange) {
    ASSERT_TRUE(exchanges_->OnExchange(connection_, exchange));
  }
  void End(Exchange exchange, std::int64_t us) {
    exchange.state = ExchangeState::kComplete;
    exchange.status = 200;
    exchange.response = Half(us, us, {});
    if (exchange.rpc) exchange.rpc->status = 0;
    ASSERT_TRUE(exchanges_->OnExchange(connection_, exchange));
  }
  void Say(const Exchange& exchange, bool from_client, std::string content, std::int64_t us = 1) {
    Message message;
    message.kind = MessageKind::kText;
    message.from_client = from_client;
    message.direction = from_client ? Direction::kWrite : Direction::kRead;
    message.number = 1;
    message.complete = true;
    message.decoded_bytes = content.size();
    message.content = std::move(content);
    message.first = message.last = AtUs(us);
    ASSERT_TRUE(exchanges_->OnMessage(connection_, exchange, message));
  }

  // What came since the last call.
  std::string NewText() {
    EXPECT_TRUE(file_->Flush());
    const std::string all = testing::ReadFile(folder_.File("out"));
    const std::string text = all.substr(told_);
    told_ = all.size();
    return text;
  }
  // The same, only how lines begin: "#1 open", "#1 ->", "#1 end".
  std::string NewEvents() {
    std::string events;
    std::istringstream lines(NewText());
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("--")) continue;
      const std::size_t tag = line.find('#');
      events += line.substr(tag, line.find(' ', tag) - tag);
      events += line.find("open") != std::string::npos   ? " open"
                : line.find("x[7]") == std::string::npos ? " message"
                                                         : " end";
      events += '\n';
    }
    return events;
  }

  testing::TemporaryDirectory folder_;
  std::unique_ptr<OutputFile> file_;
  std::unique_ptr<Sink> sink_;
  ExchangeSink* exchanges_ = nullptr;
  Connection connection_;
  std::size_t told_ = 0;
};

TEST_F(ExchangeTextTest, AUnaryCallIsOneLineWithItsMessagesBelow) {
  Make({});
  const Exchange call = Call(1);
  Open(call);
  Say(call, true, "q");
  Say(call, false, "a");
  EXPECT_EQ(NewText(), "");
  End(call, 10);
  EXPECT_EQ(NewEvents(), "#1 end\n#1 message\n#1 message\n");
}

TEST_F(ExchangeTextTest, ASecondMessageOfASideOpensIt) {
  Make({});
  const Exchange call = Call(1);
  Open(call);
  Say(call, true, "1");
  EXPECT_EQ(NewEvents(), "");
  Say(call, true, "2");
  EXPECT_EQ(NewEvents(), "#1 open\n#1 message\n#1 message\n");
  Say(call, false, "3");
  EXPECT_EQ(NewEvents(), "#1 message\n");
  End(call, 10);
  EXPECT_EQ(NewEvents(), "#1 end\n");
}

TEST_F(ExchangeTextTest, TimeOpensIt) {
  Make({});
  const Exchange call = Call(1);
  Open(call);
  Say(call, true, "1");
  ASSERT_TRUE(exchanges_->OnTick(AtUs(299'999)));
  EXPECT_EQ(NewEvents(), "");
  ASSERT_TRUE(exchanges_->OnTick(AtUs(300'000)));
  EXPECT_EQ(NewEvents(), "#1 open\n#1 message\n");
  ASSERT_TRUE(exchanges_->OnTick(AtUs(900'000)));
  EXPECT_EQ(NewEvents(), "");
  End(call, 10);
  EXPECT_EQ(NewEvents(), "#1 end\n");
}

TEST_F(ExchangeTextTest, TheDayComesBeforeTheFirstLine) {
  const auto days = [](const std::string& text) {
    return std::pair(text.starts_with("-- "), text.find("\n--") == std::string::npos);
  };
  const std::pair once(true, true);
  Make({});
  Open(Call(1));
  Say(Call(1), true, "q");
  End(Call(1), 10);
  EXPECT_EQ(days(NewText()), once) << "a call in one line";
  Make({});
  told_ = 0;
  Open(Call(1));
  Open(Call(2));
  Say(Call(2), true, "1");
  Say(Call(2), true, "2");
  ASSERT_TRUE(exchanges_->OnTick(AtUs(300'000)));
  EXPECT_EQ(days(NewText()), once) << "one that waited, behind another one";
  Make({});
  told_ = 0;
  Say(Call(1), true, "1");
  EXPECT_EQ(days(NewText()), once) << "a message alone";
}

TEST_F(ExchangeTextTest, WhatIsNoCallIsShownAtOnce) {
  Make({});
  Open(Call(1, Application::kWebSocket));
  EXPECT_EQ(NewEvents(), "#1 open\n");
}

TEST_F(ExchangeTextTest, HoldingIsBounded) {
  Make({});
  for (std::uint64_t id = 1; id <= HeldExchanges::kMaxCount; ++id) Open(Call(id));
  EXPECT_EQ(NewEvents(), "");
  Open(Call(5000));
  EXPECT_EQ(NewEvents(), "#1 open\n");
  Exchange big = Call(6000);
  big.path.assign(HeldExchanges::kMaxBytes, 'x');
  Open(big);
  const std::string all = NewText();
  EXPECT_GE(all.size(), HeldExchanges::kMaxBytes);  // and nothing is held but what fits
  EXPECT_NE(all.find("#5000"), std::string::npos);
}

TEST_F(ExchangeTextTest, TheEndShowsWhatIsStillHeld) {
  Make({});
  Open(Call(1));
  ASSERT_TRUE(sink_->OnSummary({}));
  EXPECT_NE(testing::ReadFile(folder_.File("out")).find("open"), std::string::npos);
}

TEST_F(ExchangeTextTest, TheEndSaysThatSecretsAreShown) {
  Make({});
  Summary summary;
  summary.shows_secrets = true;
  ASSERT_TRUE(sink_->OnSummary(summary));
  EXPECT_TRUE(testing::ReadFile(folder_.File("out"))
                  .ends_with("\n-- well-known secrets are shown (--no-redact)\n"));
}

TEST_F(ExchangeTextTest, MessagesOfAnExchangeThatWasNeverOpened) {
  Make({});
  Say(Call(1), true, "1");
  EXPECT_EQ(NewEvents(), "#1 message\n");
}

TEST_F(ExchangeTextTest, ContentThatIsUtf8ByNow) {
  ExchangeStyle style;
  style.detail = 2;
  Make(style);
  Exchange exchange = Call(1, Application::kHttp);
  exchange.state = ExchangeState::kComplete;
  exchange.response =
      Half(1, 2, Fields({{"content-type", "application/json; charset=utf-16le"}}), "grüß");
  exchange.response.body.in_utf8 = true;
  Open(exchange);
  EXPECT_NE(NewText().find("#1 < grüß\n"), std::string::npos);
}

TEST_F(ExchangeTextTest, NothingForConnectionsThatCarryNothing) {
  Make({});
  ASSERT_TRUE(sink_->OnOpen(connection_));
  Chunk chunk;
  chunk.data = AsBytes("GET /");
  ASSERT_TRUE(sink_->OnChunk(connection_, chunk));
  ASSERT_TRUE(sink_->OnClose(connection_, {}));
  EXPECT_EQ(NewText(), "");
}

TEST_F(ExchangeTextTest, BytesThatWereNotSentAreToldOnce) {
  Make({});
  Gap gap;
  gap.length = 1;
  gap.reasons = kGapNotSent;
  ASSERT_TRUE(sink_->OnGap(connection_, gap));
  EXPECT_EQ(NewText(), "");
  ASSERT_TRUE(exchanges_->OnOpaque(connection_, {}));
  NewText();
  ASSERT_TRUE(exchanges_->OnOpaqueGap(connection_, gap));
  EXPECT_EQ(NewText(), "");
  ASSERT_TRUE(sink_->OnGap(connection_, gap));
  EXPECT_NE(NewText().find("1 byte at 0 not sent"), std::string::npos);
}

// Whatever the peers send, a line is no wider than the screen, and has no control characters.
TEST_F(ExchangeTextTest, HostileTextStaysInItsLine) {
  std::mt19937 random(7);
  const auto text = [&random] {
    std::string bytes;
    for (std::size_t size = random() % 200; size > 0; --size) {
      bytes += static_cast<char>(random() % (random() % 2 ? 256 : 128));
    }
    return bytes;
  };
  for (const std::size_t width : {40u, 80u, 120u, 200u}) {
    ExchangeStyle style;
    style.width = width;
    Make(style);
    told_ = 0;
    for (std::uint64_t id = 1; id < 300; ++id) {
      connection_.role = static_cast<Role>(random() % 3);
      connection_.process.comm = text().substr(0, 15);
      Exchange exchange = Call(id, static_cast<Application>(random() % 7));
      exchange.method = text();
      exchange.host = random() % 2 ? text() : "";
      exchange.path = text();
      exchange.detail = text();
      exchange.upgrade = text();
      exchange.status = static_cast<int>(random() % 700) - 10;
      if (exchange.rpc) exchange.rpc->status_message = text();
      if (exchange.rpc && random() % 2) exchange.rpc->status = random() % 20;
      Open(exchange);
      Say(exchange, random() % 2, text());
      Say(exchange, random() % 2, text());
      exchange.state = static_cast<ExchangeState>(1 + random() % 5);
      ASSERT_TRUE(exchanges_->OnExchange(connection_, exchange));
    }
    std::istringstream lines(NewText());
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(DisplayWidth(line), std::max<std::size_t>(width, 76)) << line;
      for (const char c : line) ASSERT_TRUE(static_cast<unsigned char>(c) >= 0x20) << line;
    }
  }
}

}  // namespace
}  // namespace gotls
