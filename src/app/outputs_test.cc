#include "app/outputs.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "sink/test_file.h"

namespace gotls {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Writes down what it gets, a word each.
class Notes final : public Sink, public ExchangeSink, public SecretSink {
 public:
  explicit Notes(std::vector<std::string>& lines) : lines_(lines) {}
  Result<void> OnOpen(const Connection& c) override { return Add("open {}", c.id.value); }
  Result<void> OnChunk(const Connection&, const Chunk&) override { return Add("chunk"); }
  Result<void> OnGap(const Connection&, const Gap& gap) override {
    return Add("gap {}", gap.length);
  }
  Result<void> OnClose(const Connection&, const Close&) override { return Add("close"); }
  Result<void> OnSummary(const Summary&) override { return Add("summary"); }
  Result<void> OnExchange(const Connection&, const Exchange& e) override {
    std::string secret;
    for (const HeaderField& field : e.request.headers)
      if (field.name == "Authorization") secret = " " + field.value;
    return Add("exchange {}{}", e.path, secret);
  }
  Result<void> OnMessage(const Connection&, const Exchange&, const Message&) override {
    return Add("message");
  }
  Result<void> OnOpaque(const Connection&, const Chunk&) override { return Add("opaque"); }
  Result<void> OnOpaqueGap(const Connection&, const Gap&) override { return Add("opaque gap"); }
  Result<void> OnTick(WallTime) override { return Add("tick"); }
  Result<void> OnSecret(const Process& process, const TlsSecret&) override {
    return Add("secret of {}", process.comm);
  }

 private:
  template <typename... Args>
  Result<void> Add(fmt::format_string<Args...> format, Args&&... args) {
    lines_.push_back(fmt::format(format, std::forward<Args>(args)...));
    return {};
  }
  std::vector<std::string>& lines_;
};

// Outputs with one sink, and a server's connections.
class OutputsRun {
 public:
  explicit OutputsRun(const ViewOptions& view, std::optional<std::uint64_t> count = {}) {
    auto outputs = Outputs::Open({}, view, {}, count, {});
    EXPECT_TRUE(outputs) << outputs.error().Message();
    if (!outputs) return;
    outputs_ = std::move(*outputs);
    outputs_->AddSink(std::make_unique<Notes>(lines_));
  }
  Outputs& operator*() { return *outputs_; }

  void Exchange(std::uint64_t id, std::string_view path, std::string_view header = {}) {
    Connection connection = Open(id, "api");
    const std::string request = fmt::format("GET {} HTTP/1.1\r\nHost: a\r\n{}\r\n", path, header);
    Chunk(connection, Direction::kRead, request);
    Chunk(connection, Direction::kWrite, "HTTP/1.1 204 No Content\r\n\r\n");
    outputs_->OnClose(connection, {});
  }
  Connection Open(std::uint64_t id, const std::string& comm) {
    Connection connection;
    connection.id = {id};
    connection.role = Role::kServer;
    connection.process.comm = comm;
    outputs_->OnOpen(connection);
    return connection;
  }
  void Chunk(const Connection& connection, Direction direction, std::string_view bytes) {
    outputs_->OnChunk(connection, {direction, {0}, AsBytes(bytes), 0, 0, WallTime{}});
  }
  // All but raw records.
  std::vector<std::string> Found() const {
    std::vector<std::string> found;
    for (const std::string& line : lines_)
      if (line.starts_with("exchange") || line.starts_with("opaque")) found.push_back(line);
    return found;
  }
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::vector<std::string> lines_;
  std::unique_ptr<Outputs> outputs_;
};

TEST(Outputs, SinksGetBytesAndWhatIsFoundInThem) {
  OutputsRun run({});
  run.Exchange(1, "/a");
  (*run).End({});
  EXPECT_THAT(run.lines(),
              ElementsAre("open 1", "chunk", "chunk", "exchange /a", "close", "summary"));
}

TEST(Outputs, SecretsAreHiddenUnlessAskedFor) {
  OutputsRun hidden({});
  hidden.Exchange(1, "/a", "Authorization: Bearer abc\r\n");
  EXPECT_THAT(hidden.Found(), ElementsAre("exchange /a Bearer [redacted]"));
  OutputsRun shown({.redact = false});
  shown.Exchange(1, "/a", "Authorization: Bearer abc\r\n");
  EXPECT_THAT(shown.Found(), ElementsAre("exchange /a Bearer abc"));
}

TEST(Outputs, TheSummarySaysThatSecretsAreShown) {
  const auto shows = [](const std::vector<std::string>& specs, const ViewOptions& view) {
    auto outputs = Outputs::Open(specs, view, {}, {}, {});
    EXPECT_TRUE(outputs) << outputs.error().Message();
    return outputs && (*outputs)->End({}).shows_secrets;
  };
  const ViewOptions open{.redact = false};
  EXPECT_FALSE(shows({"har:/dev/null"}, {}));
  EXPECT_TRUE(shows({"har:/dev/null"}, open));
  EXPECT_TRUE(shows({"json:/dev/null"}, {.redact = false, .redact_rules = {"query:key"}}));
  EXPECT_FALSE(shows({"json:/dev/null,what=chunks"}, open)) << "raw bytes are never redacted";
  EXPECT_FALSE(shows({"text:/dev/null"}, {.redact = false, .raw = true}));
}

TEST(Outputs, UserRulesHoldWithoutTheDefaultOnes) {
  OutputsRun run({.redact = false, .redact_rules = {"query:key"}});
  run.Exchange(1, "/a?key=abc&x=1", "Authorization: Bearer abc\r\n");
  EXPECT_THAT(run.Found(), ElementsAre("exchange /a?key=[redacted]&x=1 Bearer abc"));
}

TEST(Outputs, NoneShowsASecretInAnotherCharset) {
  std::string utf16;
  for (const char c : std::string_view(R"({"password":"S3CR3T"})")) (utf16 += c) += '\0';
  const std::string response = fmt::format(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-16le\r\n"
      "Content-Length: {}\r\n\r\n{}",
      utf16.size(), utf16);
  for (const char* rule : {"header:x", "json:password", "query:password", "regex:S3CR3T"}) {
    const bool hidden = std::string_view(rule) != "header:x";
    for (const char* spec : {"text", "json,what=exchanges", "har"}) {
      const testing::TemporaryDirectory folder;
      const std::string path = folder.File("out");
      std::string output(spec);
      output.insert(std::min(output.find(','), output.size()), ":" + path);
      auto outputs =
          Outputs::Open({output}, {.redact_rules = {rule}, .detail = 2}, {}, std::nullopt, {});
      ASSERT_TRUE(outputs) << outputs.error().Message();
      Connection connection;
      connection.id = {1};
      connection.role = Role::kServer;
      (*outputs)->OnOpen(connection);
      (*outputs)->OnChunk(
          connection,
          {Direction::kRead, {0}, AsBytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 0, 0, {}});
      (*outputs)->OnChunk(connection, {Direction::kWrite, {0}, AsBytes(response), 0, 0, {}});
      (*outputs)->OnClose(connection, {});
      (*outputs)->End({});
      const std::string shown = testing::ReadFile(path);
      EXPECT_EQ(shown.contains(Redactor::kWithheld), hidden) << rule << " " << spec << shown;
      if (hidden) continue;
      EXPECT_TRUE(shown.contains("S3CR3T") || shown.contains("S\\u00003\\u0000")) << shown;
    }
  }
}

TEST(Outputs, TheFilterKeepsBackExchanges) {
  OutputsRun run({.filter = "path == /b"});
  run.Exchange(1, "/a");
  run.Exchange(2, "/b");
  EXPECT_THAT(run.Found(), ElementsAre("exchange /b"));
}

TEST(Outputs, TheFilterKeepsBackWholeConnectionsThatCantMatch) {
  OutputsRun run({.filter = "comm == web && path == /a"});
  run.Exchange(1, "/a");
  EXPECT_THAT(run.lines(), IsEmpty());
}

// A secret comes before its connection: its process is all that is known.
TEST(Outputs, TheFilterKeepsBackSecretsOfProcessesThatCantMatch) {
  const auto passed = [](const char* filter) {
    OutputsRun run({.filter = filter});
    Process process;
    process.comm = "api";
    (*run).OnSecret(process, {});
    return run.lines().size();
  };
  EXPECT_EQ(passed("comm == web"), 0U);
  EXPECT_EQ(passed("comm == web and sni == a.test"), 0U);
  EXPECT_EQ(passed("comm == api"), 1U);
  EXPECT_EQ(passed("sni == a.test and alpn == h2 and port == 443 and side == client"), 1U);
  EXPECT_EQ(passed("status == 500"), 1U);
}

TEST(Outputs, SayWhatTheFilterLeaves) {
  const auto notices = [](const char* spec, const char* filter) {
    std::vector<std::string> said;
    auto outputs =
        Outputs::Open({spec}, {.filter = filter}, {}, {},
                      [&](NoticeLevel, const std::string& text) { said.push_back(text); });
    EXPECT_TRUE(outputs) << outputs.error().Message();
    return said;
  };
  EXPECT_THAT(notices("hex:/dev/null", "status == 500"),
              ElementsAre("--filter: hex:/dev/null: bytes are kept back by connection, not by "
                          "exchange"));
  EXPECT_THAT(notices("hex:/dev/null", "port == 443"), IsEmpty());
  EXPECT_THAT(notices("har:/dev/null", "status == 500"), IsEmpty());
  EXPECT_THAT(notices("json:/dev/null,what=exchanges", "status == 500"), IsEmpty());
  EXPECT_THAT(notices("keylog:/dev/null", "port == 443"),
              ElementsAre("--filter: keylog:/dev/null: TLS secrets are kept back by process, not "
                          "by connection"));
  EXPECT_THAT(notices("keylog:/dev/null", "pid == 1 or pod == x"), IsEmpty());
  EXPECT_THAT(notices("record:/dev/null", "pid == 1"),
              ElementsAre("--filter: record:/dev/null: a recording holds everything"));
}

TEST(Outputs, OpaqueBytesMatchByTheirConnectionAlone) {
  OutputsRun by_path({.filter = "path == /a"});
  by_path.Chunk(by_path.Open(1, "api"), Direction::kRead, "hello");
  EXPECT_THAT(by_path.Found(), IsEmpty());
  OutputsRun by_comm({.filter = "comm == api"});
  by_comm.Chunk(by_comm.Open(1, "api"), Direction::kRead, "hello");
  EXPECT_THAT(by_comm.Found(), ElementsAre("opaque"));
}

TEST(Outputs, CountsExchangesWhereTheyAreShown) {
  OutputsRun run({}, 2);
  run.Exchange(1, "/a");
  EXPECT_FALSE((*run).finished());
  run.Exchange(2, "/b");
  EXPECT_TRUE((*run).finished());
  run.Exchange(3, "/c");
  EXPECT_THAT(run.Found(), ElementsAre("exchange /a", "exchange /b"));
}

TEST(Outputs, SaysWhatIsWrongBeforeAnythingIsOpened) {
  for (const ViewOptions& view :
       {ViewOptions{.filter = "path =="}, ViewOptions{.redact_rules = {"nonsense:x"}},
        ViewOptions{.proto_file = "/no/such/file"}, ViewOptions{.rotate = "often"}}) {
    const auto outputs = Outputs::Open({}, view, {}, std::nullopt, {});
    ASSERT_FALSE(outputs);
    EXPECT_EQ(outputs.error().kind, ErrorKind::kUsage);
  }
}

}  // namespace
}  // namespace gotls
