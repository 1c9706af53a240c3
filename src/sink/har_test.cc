#include "sink/har.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "sink/har_messages.h"
#include "sink/har_parts.h"
#include "sink/part_sink.h"
#include "sink/test_exchanges.h"
#include "sink/test_file.h"

namespace gotls {
namespace {

using Json = nlohmann::json;
using testing::AtUs;
using testing::Fields;
using testing::Half;

// The table of HAR 1.2: what has to be there, and of which type.
void CheckMembers(const Json& object, std::initializer_list<std::pair<const char*, char>> members) {
  for (const auto& [name, type] : members) {
    ASSERT_TRUE(object.contains(name)) << name << " in " << object.dump();
    const Json& value = object.at(name);
    const bool right = type == 's'   ? value.is_string()
                       : type == 'n' ? value.is_number()
                       : type == 'a' ? value.is_array()
                                     : value.is_object();
    EXPECT_TRUE(right) << name << " is " << value.dump();
  }
}

void CheckPairs(const Json& pairs) {
  for (const Json& pair : pairs) CheckMembers(pair, {{"name", 's'}, {"value", 's'}});
}

// No member that the standard doesn't have, but for those with an underscore.
void CheckNames(const Json& object, std::initializer_list<std::string_view> names) {
  for (const auto& [name, value] : object.items()) {
    const bool known =
        name.starts_with('_') || name == "comment" || std::ranges::find(names, name) != names.end();
    EXPECT_TRUE(known) << name;
  }
}

void CheckRequest(const Json& request) {
  CheckMembers(request, {{"method", 's'},
                         {"url", 's'},
                         {"httpVersion", 's'},
                         {"cookies", 'a'},
                         {"headers", 'a'},
                         {"queryString", 'a'},
                         {"headersSize", 'n'},
                         {"bodySize", 'n'}});
  CheckNames(request, {"method", "url", "httpVersion", "cookies", "headers", "queryString",
                       "postData", "headersSize", "bodySize"});
  EXPECT_NE(request["url"].get<std::string>().find("://"), std::string::npos);
  for (const char c : request["url"].get<std::string>()) EXPECT_TRUE(c > ' ' && c < 0x7f);
  CheckPairs(request["cookies"]);
  CheckPairs(request["headers"]);
  CheckPairs(request["queryString"]);
  if (!request.contains("postData")) return;
  CheckMembers(request["postData"], {{"mimeType", 's'}, {"params", 'a'}, {"text", 's'}});
  CheckNames(request["postData"], {"mimeType", "params", "text"});
  CheckPairs(request["postData"]["params"]);
}

void CheckResponse(const Json& response) {
  CheckMembers(response, {{"status", 'n'},
                          {"statusText", 's'},
                          {"httpVersion", 's'},
                          {"cookies", 'a'},
                          {"headers", 'a'},
                          {"content", 'o'},
                          {"redirectURL", 's'},
                          {"headersSize", 'n'},
                          {"bodySize", 'n'}});
  CheckNames(response, {"status", "statusText", "httpVersion", "cookies", "headers", "content",
                        "redirectURL", "headersSize", "bodySize"});
  CheckPairs(response["cookies"]);
  CheckPairs(response["headers"]);
  CheckMembers(response["content"], {{"size", 'n'}, {"mimeType", 's'}});
  CheckNames(response["content"], {"size", "compression", "mimeType", "text", "encoding"});
}

void CheckEntry(const Json& entry) {
  CheckMembers(entry, {{"startedDateTime", 's'},
                       {"time", 'n'},
                       {"request", 'o'},
                       {"response", 'o'},
                       {"cache", 'o'},
                       {"timings", 'o'}});
  CheckNames(entry, {"startedDateTime", "time", "request", "response", "cache", "timings",
                     "serverIPAddress", "connection"});
  CheckRequest(entry["request"]);
  CheckResponse(entry["response"]);
  double sum = 0;
  for (const char* phase : {"blocked", "dns", "connect", "send", "wait", "receive", "ssl"}) {
    const double value = entry["timings"].at(phase);
    EXPECT_TRUE(value >= 0 || value == -1) << phase;
    if (value > 0) sum += value;
  }
  EXPECT_NEAR(entry["time"].get<double>(), sum, 0.001);
}

Json CheckArchive(const std::string& text) {
  const Json archive = Json::parse(text, nullptr, false);
  EXPECT_FALSE(archive.is_discarded()) << text;
  if (archive.is_discarded()) return {};
  const Json& log = archive.at("log");
  EXPECT_EQ(log.at("version"), "1.2");
  CheckMembers(log, {{"creator", 'o'}, {"pages", 'a'}, {"entries", 'a'}});
  CheckMembers(log["creator"], {{"name", 's'}, {"version", 's'}});
  for (const Json& entry : log["entries"]) CheckEntry(entry);
  return log["entries"];
}

class HarTest : public ::testing::Test {
 protected:
  void SetUp() override { Make(folder_.File("x.har")); }

  void Make(const std::string& path) {
    path_ = path;
    file_ = std::move(*OutputFile::Open(path));
    auto sink = MakeHarSink(*file_, "0.1.0");
    ASSERT_TRUE(sink);
    sink_ = std::move(*sink);
    exchanges_ = dynamic_cast<ExchangeSink*>(sink_.get());
  }

  static Exchange Get(std::uint64_t id, std::string path) {
    Exchange exchange;
    exchange.id = {id};
    exchange.state = ExchangeState::kComplete;
    exchange.method = "GET";
    exchange.host = "example.com";
    exchange.path = std::move(path);
    exchange.status = 200;
    exchange.request = Half(0, 1'000, {});
    exchange.response = Half(3'000, 7'500, {}, "ok");
    return exchange;
  }

  void Write(const Exchange& exchange) {
    ASSERT_TRUE(exchanges_->OnExchange(connection_, exchange));
  }
  Json Entries() {
    EXPECT_TRUE(file_->Flush());
    return CheckArchive(testing::ReadFile(path_));
  }

  testing::TemporaryDirectory folder_;
  std::string path_;
  std::unique_ptr<OutputFile> file_;
  std::unique_ptr<Sink> sink_;
  ExchangeSink* exchanges_ = nullptr;
  Connection connection_;
};

// Both faces of a sink in one, as a FanOut is.
struct BothFaces {
  Sink& sink;
  ExchangeSink& exchanges;
  Result<void> OnOpen(const Connection& c) { return sink.OnOpen(c); }
  Result<void> OnClose(const Connection& c, const Close& close) { return sink.OnClose(c, close); }
  Result<void> OnExchange(const Connection& c, const Exchange& e) {
    return exchanges.OnExchange(c, e);
  }
  Result<void> OnMessage(const Connection& c, const Exchange& e, const Message& m) {
    return exchanges.OnMessage(c, e, m);
  }
  Result<void> OnOpaque(const Connection& c, const Chunk& k) { return exchanges.OnOpaque(c, k); }
  Result<void> OnOpaqueGap(const Connection& c, const Gap& g) {
    return exchanges.OnOpaqueGap(c, g);
  }
  Result<void> OnTick(WallTime now) { return exchanges.OnTick(now); }
};

TEST_F(HarTest, EveryKindOfExchange) {
  BothFaces faces{*sink_, *exchanges_};
  testing::PlayExchanges(faces);
  ASSERT_TRUE(sink_->OnSummary({}));
  const Json entries = CheckArchive(testing::ReadFile(path_));
  ASSERT_EQ(entries.size(), 18u);
  const Json& get = entries[0];
  EXPECT_EQ(get["request"]["url"], "https://example.com/hello?name=w%C3%B6rld");
  EXPECT_EQ(get["request"]["queryString"][0]["value"], "wörld");
  EXPECT_EQ(get["request"]["cookies"][1]["name"], "b");
  EXPECT_EQ(get["response"]["cookies"][0]["path"], "/");
  EXPECT_EQ(get["response"]["cookies"][0]["httpOnly"], true);
  EXPECT_EQ(get["response"]["content"]["compression"], 9);
  EXPECT_EQ(entries[1]["request"]["postData"]["params"][1]["value"], "a b&c");
  EXPECT_EQ(entries[1]["response"]["redirectURL"], "/home");
  EXPECT_EQ(entries[2]["response"]["content"]["encoding"], "base64");
  EXPECT_EQ(entries[3]["response"]["content"]["text"], "no such café\n");
  EXPECT_EQ(entries[3]["_side"], "server");
}

TEST_F(HarTest, MessagesAsChromeHasThem) {
  BothFaces faces{*sink_, *exchanges_};
  testing::PlayExchanges(faces);
  for (const Json& entry : Entries()) {
    if (entry.value("_resourceType", "") != "websocket") continue;
    EXPECT_EQ(entry["request"]["url"], "wss://chat.example/room/42");
    const Json& messages = entry["_webSocketMessages"];
    ASSERT_EQ(messages.size(), 5u);
    EXPECT_EQ(messages[0]["type"], "send");
    EXPECT_EQ(messages[0]["opcode"], 1);
    EXPECT_NEAR(messages[0]["time"].get<double>(), 1772366672.41, 0.001);
    EXPECT_EQ(messages[3]["opcode"], 2);
    EXPECT_EQ(messages[3]["data"].get<std::string>().substr(0, 8), "ACVKb5S5");
    EXPECT_EQ(messages[4]["_closeCode"], 1000);
    return;
  }
  FAIL() << "no WebSocket";
}

TEST_F(HarTest, ContentOfACharsetThatIsNotKnownIsBase64) {
  struct Case {
    const char* type;
    std::string content, text;
    bool base64;
  };
  const Case cases[] = {
      {"text/html; charset=gbk", "\xc4\xe3\xba\xc3", "xOO6ww==", true},
      {"text/html; charset=gbk", "\xc1\xaa\xcd\xa8", "warNqA==", true},  // by chance UTF-8's form
      {"text/html; charset=Shift_JIS", "\x82\xb1", "grE=", true},
      {"text/html; charset=gbk", "plain", "plain", false},
      {"text/html; charset=gb\x1b\xff", "\x82\xb1", "grE=", true},
      {"application/octet-stream; charset=binary", "\1\xff\xfe", "Af/+", true},
      {"image/gif; charset=ISO-8859-1", "GIF89a\1\xff", "R0lGODlhAf8=", true},
      {"text/html; charset=us-ascii", "gr\xfc\xdf", "Z3L83w==", true},
      {"text/html; charset=iso-8859-1", "gr\xfc\xdf", "grüß", false},
      {"text/html; charset=utf-16le", std::string("g\0\xfc\0", 4), "gü", false},
  };
  std::uint64_t id = 0;
  for (const Case& c : cases) {
    Exchange exchange = Get(++id, "/");
    exchange.request = Half(0, 1'000, Fields({{"content-type", c.type}}), c.content);
    exchange.response = Half(3'000, 7'500, Fields({{"content-type", c.type}}), c.content);
    Write(exchange);
  }
  const Json entries = Entries();
  for (std::size_t i = 0; i < std::size(cases); ++i) {
    const Json& content = entries[i]["response"]["content"];
    EXPECT_EQ(content["text"], cases[i].text) << cases[i].type;
    EXPECT_EQ(content.value("encoding", ""), cases[i].base64 ? "base64" : "") << cases[i].type;
    const Json& sent = entries[i]["request"]["postData"];
    EXPECT_EQ(sent["text"], cases[i].text) << cases[i].type;
    EXPECT_EQ(sent.value("_encoding", ""), cases[i].base64 ? "base64" : "") << cases[i].type;
  }
}

TEST_F(HarTest, ContentThatIsUtf8ByNow) {
  Exchange exchange = Get(1, "/");
  exchange.response =
      Half(3'000, 7'500, Fields({{"content-type", "application/json; charset=utf-16le"}}), "grüß");
  exchange.response.body.in_utf8 = true;
  Write(exchange);
  EXPECT_EQ(Entries()[0]["response"]["content"]["text"], "grüß");
}

TEST_F(HarTest, Timings) {
  Write(Get(1, "/"));
  Exchange early = Get(2, "/");  // the response begins before the request has ended
  early.response.first = AtUs(500);
  Write(early);
  Exchange lost = Get(3, "/");
  lost.response = {};
  Write(lost);
  const Json entries = Entries();
  EXPECT_EQ(entries[0]["timings"]["send"], 1.0);
  EXPECT_EQ(entries[0]["timings"]["wait"], 2.0);
  EXPECT_EQ(entries[0]["timings"]["receive"], 4.5);
  EXPECT_EQ(entries[0]["time"], 7.5);
  EXPECT_EQ(entries[1]["timings"]["send"], 0.5);
  EXPECT_EQ(entries[1]["timings"]["wait"], 0.0);
  EXPECT_EQ(entries[1]["time"], 7.5);
  EXPECT_EQ(entries[2]["timings"]["wait"], -1);
}

TEST_F(HarTest, WholeAfterEveryFlush) {
  EXPECT_EQ(Entries().size(), 0u);
  for (std::uint64_t id = 1; id <= 12; ++id) {
    Exchange exchange = Get(id, "/");
    // Some entries are larger than the file's buffer, or don't fit in what is left of it.
    exchange.response.body.content.assign(id % 4 * 90'000, 'x');
    Write(exchange);
    if (id % 3 == 0) {
      EXPECT_EQ(Entries().size(), id);
    }
  }
  EXPECT_EQ(Entries().size(), 12u);
}

// Each look at the file sees what a run that is killed then would leave.
TEST_F(HarTest, WholeWithoutFlush) {
  for (std::uint64_t id = 1; id <= 30; ++id) {
    Exchange exchange = Get(id, "/");
    exchange.response.body.content.assign(id * 1021 % 50'000, 'x');
    Write(exchange);
    const std::string text = testing::ReadFile(path_);
    EXPECT_TRUE(text.empty() || Json::accept(text)) << id;
  }
}

TEST_F(HarTest, EndsAPipeAtTheEnd) {
  const std::string pipe = folder_.File("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  Make(pipe);
  Write(Get(1, "/"));
  Write(Get(2, "/"));
  ASSERT_TRUE(sink_->OnSummary({}));
  std::string text(1 << 16, '\0');
  const ssize_t size = ::read(reader, text.data(), text.size());
  ::close(reader);
  ASSERT_GT(size, 0);
  text.resize(static_cast<std::size_t>(size));
  EXPECT_EQ(CheckArchive(text).size(), 2u);
}

TEST_F(HarTest, EachPartIsWhole) {
  auto file = OutputFile::OpenParts(folder_.File("parts.har"), RotateOptions{});
  ASSERT_TRUE(file);
  auto sink = MakeHarSink(**file, "0.1.0");
  ASSERT_TRUE(sink);
  auto& exchanges = dynamic_cast<ExchangeSink&>(**sink);
  auto& parts = dynamic_cast<PartSink&>(**sink);
  const std::string first = (*file)->name();
  ASSERT_TRUE(exchanges.OnExchange(connection_, Get(1, "/")));
  ASSERT_TRUE(parts.EndPart());
  ASSERT_TRUE((*file)->NextPart());
  ASSERT_TRUE(parts.BeginPart());
  ASSERT_TRUE(exchanges.OnExchange(connection_, Get(2, "/")));
  ASSERT_TRUE((*sink)->OnSummary({}));
  EXPECT_EQ(CheckArchive(testing::ReadFile(first)).size(), 1u);
  EXPECT_EQ(CheckArchive(testing::ReadFile((*file)->name())).size(), 1u);
  EXPECT_NE(first, (*file)->name());
}

TEST_F(HarTest, HostileText) {
  std::string bytes;
  for (int i = 0; i < 512; ++i) bytes += static_cast<char>(i);
  Exchange exchange = Get(1, "/?" + bytes + "&%&%f&%ff=%zz&&=");
  exchange.host = exchange.method = exchange.scheme = exchange.reason = bytes;
  exchange.request.headers = Fields({{bytes, bytes}, {"cookie", bytes + ";=;;a"}, {"Cookie", ""}});
  exchange.response.headers =
      Fields({{"set-cookie", bytes}, {"Set-Cookie", ";;Path;=;domain"}, {"location", bytes}});
  exchange.response.body.content = bytes;
  Write(exchange);
  Exchange unknown;
  unknown.state = ExchangeState::kClosed;
  Write(unknown);
  EXPECT_EQ(Entries().size(), 2u);
}

TEST(HarParts, Urls) {
  Connection connection;
  connection.role = Role::kClient;
  Exchange exchange;
  const auto url = [&] {
    std::string out;
    har::AppendUrl(out, connection, exchange);
    return out;
  };
  EXPECT_EQ(url(), "https://unknown.invalid/");
  connection.remote = {AddressFamily::kIpv6, {0x20, 1}, 443, {}};
  EXPECT_EQ(url(), "https://[2001::]:443/");
  connection.server_name = "sni.example";
  EXPECT_EQ(url(), "https://sni.example/");
  exchange.host = "h\xc3\xb6st:8443";
  exchange.path = "/a b?c=\"d\"#e";
  EXPECT_EQ(url(), "https://h%C3%B6st:8443/a%20b?c=%22d%22%23e");
  exchange.path = "*";
  EXPECT_EQ(url(), "https://h%C3%B6st:8443/");
  exchange.path = "http://other.example/x";
  EXPECT_EQ(url(), "http://other.example/x");
}

TEST(HarMessages, AreBounded) {
  HarMessageStore store;
  Exchange exchange;
  exchange.id = {1};
  Message message;
  message.content.assign(3 << 20, 'x');
  for (int i = 0; i < 4; ++i) store.Add(exchange, message);
  const HarMessages taken = store.Take({1});
  EXPECT_LE(taken.json.size(), HarMessageStore::kMaxBytesOfOne);
  EXPECT_EQ(taken.left_out, 3u);
  EXPECT_EQ(store.Take({1}).json, "");
}

}  // namespace
}  // namespace gotls
