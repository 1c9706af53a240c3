#include "select/filter.h"

#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <vector>

#include "select/test_subject.h"

namespace gotls {

void PrintTo(Tri tri, std::ostream* out) {
  *out << (tri == Tri::kTrue ? "true" : tri == Tri::kFalse ? "false" : "unknown");
}

namespace {

using testing::At;
using testing::MakeConnection;
using testing::MakeExchange;

constexpr Tri kYes = Tri::kTrue;
constexpr Tri kNo = Tri::kFalse;
constexpr Tri kMaybe = Tri::kUnknown;

Filter Parsed(std::string_view expression) {
  auto filter = Filter::Parse(expression);
  EXPECT_TRUE(filter.has_value()) << expression << ": " << filter.error().what;
  return filter.value_or(Filter());
}

struct Case {
  const char* expression;
  Tri ended;       // a complete exchange
  Tri connection;  // only the connection is known
};

TEST(FilterTest, ComparesEachField) {
  const Case cases[] = {
      {"host == api.example.com", kYes, kMaybe},
      {"host == api.example.com:8443", kNo, kMaybe},
      {"host ~ ^api", kYes, kMaybe},
      {"host !~ ^api", kNo, kMaybe},
      {"path == /v1/users", kNo, kMaybe},
      {"path == '/v1/users?page=2'", kYes, kMaybe},
      {"path ~ /USERS", kNo, kMaybe},
      {"path ~ '(?i)/USERS'", kYes, kMaybe},
      {"path ~ '/users\\?page=\\d$'", kYes, kMaybe},
      {"method == post", kYes, kMaybe},
      {"method in (GET, POST)", kYes, kMaybe},
      {"method not in (GET, POST)", kNo, kMaybe},
      {"method not in (GET, PUT)", kYes, kMaybe},
      {"status == 404", kYes, kMaybe},
      {"status == 4xx", kYes, kMaybe},
      {"status != 4XX", kNo, kMaybe},
      {"status > 4xx", kNo, kMaybe},
      {"status >= 4xx", kYes, kMaybe},
      {"status < 4xx", kNo, kMaybe},
      {"status <= 4xx", kYes, kMaybe},
      {"status in (200, 5xx)", kNo, kMaybe},
      {"protocol == http2", kYes, kMaybe},
      {"protocol == http1", kNo, kMaybe},
      {"protocol == grpc", kNo, kMaybe},
      {"protocol in (grpc, http2)", kYes, kMaybe},
      {"state == complete", kYes, kMaybe},
      {"state != complete", kNo, kMaybe},
      {"grpc_status == 5", kMaybe, kMaybe},
      {"latency == 50ms", kYes, kMaybe},
      {"latency > 0.05s", kNo, kMaybe},
      {"latency < 1m", kYes, kMaybe},
      {"first_byte <= 40000us", kYes, kMaybe},
      {"size == 3k", kYes, kMaybe},
      {"request_size == 1KiB", kYes, kMaybe},
      {"response_size >= 2.5kb", kNo, kMaybe},
      {"request.header[x-id] == a1", kYes, kMaybe},
      {"request.header[\"X-ID\"] == b2", kYes, kMaybe},
      {"request.header[x-id] != b2", kNo, kMaybe},
      {"request.header[x-none] != b2", kYes, kMaybe},
      {"request.header[x-none] == ''", kYes, kMaybe},
      {"request.header[x-id] == ''", kNo, kMaybe},
      {"response.header[content-type] ~ json", kYes, kMaybe},
      {"pid == 4711", kYes, kYes},
      {"pid in (1, 2)", kNo, kNo},
      {"comm == api", kYes, kYes},
      {"comm == API", kNo, kNo},
      {"exe ~ ^/srv/", kYes, kYes},
      {"container == app", kYes, kYes},
      {"container == web", kNo, kNo},
      {"container_id ~ ^0123", kYes, kYes},
      {"pod ~ ^web-", kYes, kYes},
      {"namespace in (shop, test)", kYes, kYes},
      {"side == client", kYes, kYes},
      {"side != client", kNo, kNo},
      {"sni == example.COM", kYes, kYes},
      {"alpn == h2", kYes, kYes},
      {"port == 8443", kYes, kYes},
      {"local_port >= 50000", kYes, kYes},
      {"remote_port == 443", kNo, kNo},
  };
  for (const Case& c : cases) {
    const Filter filter = Parsed(c.expression);
    EXPECT_EQ(filter.Match(MakeConnection(), MakeExchange()), c.ended) << c.expression;
    EXPECT_EQ(filter.MatchConnection(MakeConnection()), c.connection) << c.expression;
  }
}

TEST(FilterTest, KnowsWhatItIsAbout) {
  EXPECT_FALSE(Filter().IsAboutExchanges());
  EXPECT_FALSE(Filter().IsAboutMoreThanProcesses());
  EXPECT_FALSE(Parsed("pid == 1 and not (comm == a or namespace == b)").IsAboutMoreThanProcesses());
  EXPECT_TRUE(Parsed("pid == 1 and not (comm == a or side == client)").IsAboutMoreThanProcesses());
  EXPECT_FALSE(Parsed("pid == 1 or not remote_port == 443").IsAboutExchanges());
  EXPECT_TRUE(Parsed("pid == 1 or not (port == 443 and path == /)").IsAboutExchanges());
  EXPECT_TRUE(Parsed("response.header[a] == b").IsAboutExchanges());
}

TEST(FilterTest, JoinsWithKleenesLogic) {
  const Case cases[] = {
      {"pid == 4711 and status == 404", kYes, kMaybe},
      {"pid == 1 and status == 404", kNo, kNo},
      {"pid == 4711 or status == 404", kYes, kYes},
      {"pid == 1 || status == 404", kYes, kMaybe},
      {"pid == 1 && status == 404", kNo, kNo},
      {"not pid == 1", kYes, kYes},
      {"!pid == 1", kYes, kYes},
      {"not status == 404", kNo, kMaybe},
      {"NOT NOT status == 404", kYes, kMaybe},
      // `and` binds more tightly than `or`, and `not` than both.
      {"pid == 4711 or pid == 1 and pid == 2", kYes, kYes},
      {"(pid == 4711 or pid == 1) and pid == 2", kNo, kNo},
      {"not pid == 1 and pid == 2", kNo, kNo},
      {"not (pid == 1 and pid == 2)", kYes, kYes},
      {"((pid == 4711))", kYes, kYes},
      {"pid==4711&&side==client", kYes, kYes},
      {"grpc_status == 5 or pid == 1", kMaybe, kMaybe},
  };
  for (const Case& c : cases) {
    const Filter filter = Parsed(c.expression);
    EXPECT_EQ(filter.Match(MakeConnection(), MakeExchange()), c.ended) << c.expression;
    EXPECT_EQ(filter.MatchConnection(MakeConnection()), c.connection) << c.expression;
  }
}

TEST(FilterTest, KnowsThatTheHostIsNoContainer) {
  Connection connection = MakeConnection();
  connection.process.container = {};
  for (const char* expression : {"container == ''", "pod == ''", "not namespace == shop",
                                 "container != app", "container_id == ''"}) {
    EXPECT_EQ(Parsed(expression).MatchConnection(connection), kYes) << expression;
  }
  connection.process.container.id = "0123abcd";  // nothing more is known of it
  EXPECT_EQ(Parsed("container == 0123abcd").MatchConnection(connection), kYes);
  EXPECT_EQ(Parsed("pod == ''").MatchConnection(connection), kMaybe);
}

TEST(FilterTest, TakesWordsThatAreKeywordsAsValues) {
  Connection connection = MakeConnection();
  connection.process.comm = "and";
  EXPECT_EQ(Parsed("comm == and").MatchConnection(connection), kYes);
  EXPECT_EQ(Parsed("comm in (or, and)").MatchConnection(connection), kYes);
}

TEST(FilterTest, QuotesKeepBackslashes) {
  Exchange exchange = MakeExchange();
  exchange.path = R"(/a"b'c\d)";
  for (const char* expression : {R"(path == "/a\"b'c\d")", R"(path == '/a"b\'c\d')"}) {
    EXPECT_EQ(Parsed(expression).Match(MakeConnection(), exchange), kYes) << expression;
  }
}

struct ChangedCase {
  const char* name;
  std::function<void(Connection&, Exchange&)> change;
  const char* expression;
  Tri match;
};

TEST(FilterTest, SaysUnknownForWhatIsNotKnown) {
  const ChangedCase cases[] = {
      {"no status", [](auto&, auto& e) { e.status = 0; }, "status != 200", kMaybe},
      {"no host", [](auto&, auto& e) { e.host.clear(); }, "host != a", kMaybe},
      {"role", [](auto& c, auto&) { c.role = Role::kUnknown; }, "side == server", kMaybe},
      {"port", [](auto& c, auto&) { c.role = Role::kUnknown; }, "port == 8443", kMaybe},
      {"pipe", [](auto& c, auto&) { c.remote = {}; }, "port == 8443", kMaybe},
      {"no request", [](auto&, auto& e) { e.request.first = {}; }, "latency > 1us", kMaybe},
      {"no response", [](auto&, auto& e) { e.response.last = {}; }, "latency > 1us", kMaybe},
      {"redacted", [](auto&, auto& e) { e.request.headers[0].redacted = true; },
       "request.header[x-id] == c3", kMaybe},
      {"redacted, another is known", [](auto&, auto& e) { e.request.headers[0].redacted = true; },
       "request.header[x-id] == b2", kYes},
      {"unknown value", [](auto&, auto& e) { e.request.headers[1].value_known = false; },
       "request.header[x-id] != c3", kMaybe},
      {"unknown name",
       [](auto&, auto& e) {
         e.request.headers.push_back({"", "", false, false});
       },
       "request.header[x-none] != c3", kMaybe},
      {"head cut", [](auto&, auto& e) { e.request.head_complete = false; },
       "request.header[x-none] == ''", kMaybe},
      {"version", [](auto&, auto& e) { e.version = HttpVersion::kUnknown; }, "protocol == http1",
       kMaybe},
      {"request unseen", [](auto&, auto& e) { e.request.seen = false; }, "size < 1G", kMaybe},
      {"large all the same", [](auto&, auto& e) { e.request.seen = false; }, "size >= 3k", kYes},
  };
  for (const ChangedCase& c : cases) {
    Connection connection = MakeConnection();
    Exchange exchange = MakeExchange();
    c.change(connection, exchange);
    const Filter filter = Parsed(c.expression);
    EXPECT_EQ(filter.Match(connection, exchange), c.match) << c.name;
    EXPECT_EQ(filter.Accepts(connection, exchange), c.match == kYes) << c.name;
  }
}

TEST(FilterTest, LeavesOpenWhatMayStillChange) {
  Exchange open = MakeExchange();
  open.state = ExchangeState::kOpen;
  open.application = Application::kGrpc;
  open.response.body.complete = false;
  open.status = 200;
  const std::pair<const char*, Tri> cases[] = {
      {"state == complete", kMaybe}, {"latency > 10ms", kYes},     {"latency > 10s", kMaybe},
      {"latency <= 10ms", kNo},      {"size > 2k", kYes},          {"size > 10k", kMaybe},
      {"size == 3k", kMaybe},        {"size != 1k", kYes},         {"request_size == 1k", kYes},
      {"status == 200", kYes},       {"first_byte == 40ms", kYes}, {"grpc_status == OK", kMaybe},
      {"protocol == grpc", kYes},    {"protocol == http2", kYes},  {"protocol == sse", kNo},
      {"host ~ nowhere", kNo},
  };
  for (const auto& [expression, match] : cases) {
    const Filter filter = Parsed(expression);
    EXPECT_EQ(filter.Match(MakeConnection(), open), match) << expression;
    EXPECT_EQ(filter.Accepts(MakeConnection(), open), match != kNo) << expression;
  }
  open.application = Application::kHttp;
  EXPECT_EQ(Parsed("protocol == sse").Match(MakeConnection(), open), kMaybe);
}

TEST(FilterTest, NamesGrpcStatuses) {
  Exchange exchange = MakeExchange();
  exchange.application = Application::kGrpc;
  exchange.rpc.emplace();
  exchange.rpc->status = 5;
  for (const char* expression :
       {"grpc_status == 5", "grpc_status == not_found", "grpc_status in (OK, NOT_FOUND)",
        "grpc_status != OK", "grpc_status > 4"}) {
    EXPECT_EQ(Parsed(expression).Match(MakeConnection(), exchange), kYes) << expression;
  }
}

TEST(FilterTest, ReadsHostsWithAndWithoutPort) {
  const std::pair<const char*, const char*> cases[] = {{"example.com", "example.com"},
                                                       {"example.com:1", "example.com"},
                                                       {"[::1]:443", "::1"},
                                                       {"[::1]", "::1"},
                                                       {"::1", "::1"},
                                                       {"[::1", "::1"}};
  for (const auto& [sent, host] : cases) {
    Exchange exchange = MakeExchange();
    exchange.host = sent;
    const Filter filter = Parsed("host == '" + std::string(host) + "'");
    EXPECT_EQ(filter.Match(MakeConnection(), exchange), kYes) << sent;
  }
}

TEST(FilterTest, EachStateHasItsWord) {
  const std::pair<ExchangeState, const char*> cases[] = {{ExchangeState::kComplete, "complete"},
                                                         {ExchangeState::kReset, "reset"},
                                                         {ExchangeState::kClosed, "closed"},
                                                         {ExchangeState::kGap, "gap"},
                                                         {ExchangeState::kMalformed, "malformed"}};
  for (const auto& [state, word] : cases) {
    Exchange exchange = MakeExchange();
    exchange.state = state;
    for (const auto& [other, other_word] : cases) {
      const Filter filter = Parsed("state == " + std::string(other_word));
      EXPECT_EQ(filter.Accepts(MakeConnection(), exchange), state == other) << word << other_word;
    }
  }
}

TEST(FilterTest, EachApplicationHasItsWord) {
  const std::pair<Application, const char*> cases[] = {{Application::kGrpc, "grpc"},
                                                       {Application::kGrpcWeb, "grpc-web"},
                                                       {Application::kConnect, "connect"},
                                                       {Application::kWebSocket, "websocket"},
                                                       {Application::kServerSentEvents, "sse"},
                                                       {Application::kTunnel, "tunnel"}};
  for (const auto& [application, word] : cases) {
    Exchange exchange = MakeExchange();
    exchange.application = application;
    for (const auto& [other, other_word] : cases) {
      const Filter filter = Parsed("protocol == " + std::string(other_word));
      EXPECT_EQ(filter.Accepts(MakeConnection(), exchange), application == other) << word;
    }
  }
}

TEST(FilterTest, WithoutAnExpressionAcceptsEverything) {
  EXPECT_TRUE(Filter().Accepts(MakeConnection(), MakeExchange()));
  EXPECT_EQ(Filter().MatchConnection(MakeConnection()), kYes);
}

TEST(FilterTest, HelpNamesEveryField) {
  const std::string help = FilterHelp();
  for (const char* field : {"host ", "request.header ", "remote_port ", "!~"}) {
    EXPECT_NE(help.find(field), std::string::npos) << field;
  }
}

}  // namespace
}  // namespace gotls
