// Exchanges made by hand that show everything an exchange view has to show, as decoders would hand
// them on: what the goldens in tests/recordings/exchanges.* are made of.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "gotls/sink.h"

namespace gotls::testing {

inline constexpr std::int64_t kExchangesStart = 1'772'366'671'000'000'000;  // 2026-03-01 12:04:31

inline WallTime AtUs(std::int64_t us) {
  return WallTime{std::chrono::nanoseconds{kExchangesStart + us * 1000}};
}

inline std::vector<HeaderField> Fields(
    std::initializer_list<std::pair<std::string, std::string>> fields) {
  std::vector<HeaderField> result;
  for (const auto& [name, value] : fields) result.push_back({name, value, true, true, false});
  return result;
}

inline Body WholeBody(std::string content) {
  Body body;
  body.wire_bytes = body.decoded_bytes = content.size();
  body.content = std::move(content);
  body.complete = true;
  return body;
}

inline HttpMessage Half(std::int64_t first_us, std::int64_t last_us,
                        std::vector<HeaderField> headers, std::string content = {}) {
  HttpMessage message;
  message.seen = true;
  message.headers = std::move(headers);
  message.body = WholeBody(std::move(content));
  message.wire_bytes = message.body.wire_bytes + 64;
  message.first = AtUs(first_us);
  message.last = AtUs(last_us);
  message.goroutine = 18;
  return message;
}

// Drives a Sink and ExchangeSink (or a FanOut), which Out is, through a session.
template <typename Out>
class ExchangesSession {
 public:
  explicit ExchangesSession(Out& out) : out_(out) {}

  void Play() {
    PlayClient();
    PlayServer();
    PlayTrouble();
    PlayRpcs();
    PlayWebSocket();
    PlayEvents();
    PlayTunnel();
    PlayOpaque();
    static_cast<void>(out_.OnTick(AtUs(2'000'000)));
    for (const Connection& connection : connections_) {
      Close close;
      close.time = AtUs(2'100'000);
      close.read = {100, 0, 1, 0};
      close.write = {200, 0, 2, 0};
      static_cast<void>(out_.OnClose(connection, close));
    }
  }

  static Summary Totals() {
    Summary summary;
    summary.connections = 8;
    summary.processes = 6;
    summary.read = {800, 7, 8, 0};
    summary.write = {1600, 0, 16, 0};
    summary.time = AtUs(2'200'000);
    return summary;
  }

 private:
  Connection Connect(Role role, std::uint32_t pid, std::string comm, std::string alpn,
                     std::uint8_t last_octet) {
    Connection connection;
    connection.id = {connections_.size() + 1};
    connection.process = {pid, std::move(comm), "/usr/bin/x"};
    connection.role = role;
    connection.local = {AddressFamily::kIpv4, {10, 0, 0, 5}, 443, {}};
    connection.remote = {AddressFamily::kIpv4, {192, 0, 2, last_octet}, 40000, {}};
    if (role == Role::kClient) std::swap(connection.local.port, connection.remote.port);
    connection.fd = 7;
    connection.tls_version = 0x0304;
    connection.cipher_suite = 0x1301;
    connection.alpn = std::move(alpn);
    connection.goroutine = 18;
    connection.opened = AtUs(0);
    static_cast<void>(out_.OnOpen(connection));
    connections_.push_back(connection);
    return connection;
  }

  Exchange Begin(const Connection& connection, HttpVersion version, std::string method,
                 std::string host, std::string path) {
    Exchange exchange;
    exchange.id = {++last_};
    exchange.connection = connection.id;
    exchange.version = version;
    exchange.state = ExchangeState::kComplete;
    exchange.stream =
        static_cast<std::uint32_t>(version == HttpVersion::kHttp2 ? 2 * last_ + 1 : last_);
    exchange.method = std::move(method);
    exchange.scheme = "https";
    exchange.host = std::move(host);
    exchange.path = std::move(path);
    return exchange;
  }

  void Send(const Connection& connection, const Exchange& exchange) {
    static_cast<void>(out_.OnExchange(connection, exchange));
  }

  Message& Say(const Connection& connection, Exchange& exchange, bool from_client, MessageKind kind,
               std::int64_t at_us, std::string content) {
    message_ = {};
    message_.kind = kind;
    message_.from_client = from_client;
    message_.direction =
        from_client == (connection.role == Role::kClient) ? Direction::kWrite : Direction::kRead;
    message_.number = ++(from_client ? exchange.client_messages : exchange.server_messages);
    message_.wire_bytes = message_.decoded_bytes = content.size();
    message_.complete = true;
    message_.content = std::move(content);
    message_.first = message_.last = AtUs(at_us);
    message_.goroutine = 21;
    return message_;
  }

  void Pass(const Connection& connection, const Exchange& exchange) {
    static_cast<void>(out_.OnMessage(connection, exchange, message_));
  }

  void PlayClient() {
    const Connection c = Connect(Role::kClient, 4711, "fetch", "http/1.1", 34);
    Exchange get = Begin(c, HttpVersion::kHttp11, "GET", "example.com", "/hello?name=w%C3%B6rld");
    get.status = 200;
    get.reason = "OK";
    get.informational = {103};
    get.request = Half(508'112, 508'201, Fields({{"Host", "example.com"}, {"Cookie", "a=1; b=2"}}));
    get.request.headers.push_back({"Authorization", "[redacted]", true, true, true});
    get.response = Half(545'001, 546'000,
                        Fields({{"Content-Type", "application/json"},
                                {"Content-Encoding", "gzip"},
                                {"Set-Cookie", "sid=7; Path=/; HttpOnly; Secure"}}),
                        "{\"greeting\":\"Hello, w\xc3\xb6rld\",\"to\":[1,2]}");
    get.response.body.content_encoding = "gzip";
    get.response.body.wire_bytes = 30;
    get.response.goroutine = 19;
    Send(c, get);
    Exchange post = Begin(c, HttpVersion::kHttp11, "POST", "example.com", "/login");
    post.status = 303;
    post.reason = "See Other";
    post.request =
        Half(600'000, 600'100, Fields({{"Content-Type", "application/x-www-form-urlencoded"}}),
             "user=anna&note=a+b%26c");
    post.response = Half(601'100, 601'100, Fields({{"Location", "/home"}}));
    Send(c, post);
    Exchange image = Begin(c, HttpVersion::kHttp11, "GET", "example.com",
                           "/static/images/2026/03/products/large/very-long-name-of-an-image-that-"
                           "no-terminal-shows-in-one-line/final-version-2.png?size=large&lang=en");
    image.status = 200;
    image.reason = "OK";
    image.request = Half(700'000, 700'000, {});
    image.response =
        Half(700'900, 704'000, Fields({{"Content-Type", "image/png"}}),
             std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\2\x80\0\0\1\xe0\x08\6", 26));
    image.response.body.wire_bytes = image.response.body.decoded_bytes = 123'456;
    image.response.body.truncated = true;
    Send(c, image);
  }

  void PlayServer() {
    const Connection c = Connect(Role::kServer, 801, "web", "h2", 7);
    Exchange missing = Begin(c, HttpVersion::kHttp2, "POST", "shop.example", "/cart/items?id=17");
    missing.status = 404;
    missing.request = Half(800'000, 800'300, Fields({{"content-type", "application/json"}}),
                           "{\"id\":17,\"count\":2}");
    missing.response =
        Half(801'234, 801'240, Fields({{"content-type", "text/plain; charset=iso-8859-1"}}),
             "no such caf\xe9\n");
    Send(c, missing);
    Exchange broken = Begin(c, HttpVersion::kHttp2, "DELETE", "shop.example", "/cart");
    broken.status = 503;
    broken.request = Half(810'000, 810'000, {});
    broken.response = Half(3'330'000, 3'330'000, {});
    Send(c, broken);
    Exchange unknown = Begin(c, HttpVersion::kHttp2, "", "", "");
    unknown.status = 200;
    unknown.request = Half(820'000, 820'000, Fields({{"x-request-id", "77"}}));
    unknown.request.headers.push_back({"", "", false, false, false});
    unknown.request.headers.push_back({"user-agent", "", true, false, false});
    unknown.response = Half(820'500, 820'900, {}, "ok");
    Send(c, unknown);
    Exchange hostile = Begin(c, HttpVersion::kHttp2, "GET", "shop.example",
                             "/\x1b]0;owned\x07\xff/\xe2\x80\xaetxt");
    hostile.status = 400;
    hostile.request = Half(830'000, 830'000, Fields({{"x", "\x1b[31m\r\nfake: 1"}}));
    hostile.response = Half(830'500, 830'900, {}, "\x1b[2J no\n#9 . fake");
    Send(c, hostile);
  }

  void PlayTrouble() {
    const Connection c = Connect(Role::kUnknown, 802, "joined-midway", "", 8);
    Exchange gap = Begin(c, HttpVersion::kHttp11, "GET", "files.example", "/big.bin");
    gap.state = ExchangeState::kGap;
    gap.detail = "in the response's body";
    gap.status = 200;
    gap.request = Half(900'000, 900'000, {});
    gap.response = Half(901'000, 950'000, Fields({{"Content-Type", "text/plain"}}), "begin");
    gap.response.body.missing = 40'000;
    gap.response.body.complete = false;
    Send(c, gap);
    Exchange lost = Begin(c, HttpVersion::kUnknown, "", "", "");
    lost.state = ExchangeState::kGap;
    lost.detail = "in the request's head";
    lost.request = Half(960'000, 960'000, {});
    lost.request.head_complete = false;
    lost.request.body.complete = false;
    Send(c, lost);
    Exchange reset = Begin(c, HttpVersion::kHttp2, "PUT", "files.example", "/upload");
    reset.state = ExchangeState::kReset;
    reset.detail = "CANCEL";
    reset.request = Half(970'000, 971'000, {}, std::string(3000, 'x'));
    reset.request.body.truncated = true;
    reset.request.body.decoded_bytes = reset.request.body.wire_bytes = 5'000'000;
    Send(c, reset);
    Exchange closed = Begin(c, HttpVersion::kHttp11, "GET", "files.example", "/never");
    closed.state = ExchangeState::kClosed;
    closed.request = Half(980'000, 980'000, {});
    Send(c, closed);
    Exchange malformed = Begin(c, HttpVersion::kHttp11, "GET", "files.example", "/bad");
    malformed.state = ExchangeState::kMalformed;
    malformed.detail = "chunk size 'zz'";
    malformed.status = 200;
    malformed.request = Half(990'000, 990'000, {});
    malformed.response = Half(991'000, 992'000, {});
    malformed.response.body.problem = "gzip: corrupt at 17";
    malformed.response.body.content_encoding = "gzip";
    malformed.response.body.complete = false;
    Send(c, malformed);
  }

  Exchange BeginRpc(const Connection& c, std::string method, std::int64_t at_us) {
    Exchange call = Begin(c, HttpVersion::kHttp2, "POST", "shop.example", "/shop.Cart/" + method);
    call.application = Application::kGrpc;
    call.state = ExchangeState::kOpen;
    call.request = Half(at_us, at_us + 100, Fields({{"content-type", "application/grpc"}}));
    call.rpc = Rpc{"shop.Cart", std::move(method), {}, {}, 2'000'000'000};
    return call;
  }

  void EndRpc(const Connection& c, Exchange& call, std::int64_t at_us, std::uint32_t status,
              std::string text) {
    call.state = ExchangeState::kComplete;
    call.status = 200;
    call.response = Half(at_us - 50, at_us, Fields({{"content-type", "application/grpc"}}));
    call.response.trailers =
        Fields({{"grpc-status", std::to_string(status)}, {"grpc-message", text}});
    call.rpc->status = status;
    call.rpc->status_message = std::move(text);
    Send(c, call);
  }

  void PlayRpcs() {
    const Connection c = Connect(Role::kServer, 900, "cart-service", "h2", 9);
    Exchange add = BeginRpc(c, "Add", 1'000'000);
    Exchange sum = BeginRpc(c, "Watch", 1'000'500);
    Send(c, add);
    Say(c, add, true, MessageKind::kRpc, 1'000'100,
        std::string("\n\x05"
                    "apple\x10\x02",
                    9))
        .fields = "1: \"apple\"\n2: 2\n";
    Pass(c, add);
    Send(c, sum);
    Say(c, sum, true, MessageKind::kRpc, 1'000'600, std::string("\x08\x96\x01", 3));
    Pass(c, sum);
    Say(c, add, false, MessageKind::kRpc, 1'012'000, std::string("\x08\x01", 2));
    Pass(c, add);
    EndRpc(c, add, 1'012'400, 0, "");
    for (int i = 0; i < 3; ++i) {
      Say(c, sum, false, MessageKind::kRpc, 1'020'000 + i * 100'000,
          "\n\x03"
          "tea")
          .name = "shop.Change";
      if (i == 2) {
        message_.missing = 12;
        message_.complete = false;
      }
      Pass(c, sum);
    }
    EndRpc(c, sum, 1'300'000, 14, "no cart for \x1b[1manna");
    Exchange fails = BeginRpc(c, "Checkout", 1'310'000);
    Send(c, fails);
    EndRpc(c, fails, 1'311'000, 16, "log in first");
  }

  void PlayWebSocket() {
    const Connection c = Connect(Role::kClient, 950, "chat", "http/1.1", 10);
    Exchange room = Begin(c, HttpVersion::kHttp11, "GET", "chat.example", "/room/42");
    room.application = Application::kWebSocket;
    room.state = ExchangeState::kOpen;
    room.upgrade = "websocket";
    room.status = 101;
    room.reason = "Switching Protocols";
    room.request = Half(1'400'000, 1'400'000, Fields({{"Upgrade", "websocket"}}));
    room.response = Half(1'401'000, 1'401'000, Fields({{"Upgrade", "websocket"}}));
    Send(c, room);
    Say(c, room, true, MessageKind::kText, 1'410'000,
        "{\"user\": \"anna\",\n \"text\": \"gr\xc3\xbc\xc3\x9f dich\"}");
    Pass(c, room);
    Say(c, room, false, MessageKind::kPing, 1'420'000, "42");
    Pass(c, room);
    Say(c, room, true, MessageKind::kPong, 1'420'100, "42");
    Pass(c, room);
    std::string binary;
    for (int i = 0; i < 100; ++i) binary += static_cast<char>(i * 37);
    Say(c, room, false, MessageKind::kBinary, 1'430'000, binary);
    Pass(c, room);
    Say(c, room, false, MessageKind::kClose, 1'900'000, "bye").close_code = 1000;
    Pass(c, room);
    room.state = ExchangeState::kComplete;
    Send(c, room);
  }

  void PlayEvents() {
    const Connection c = Connect(Role::kClient, 951, "dashboard", "h2", 11);
    Exchange news = Begin(c, HttpVersion::kHttp2, "GET", "news.example", "/live");
    news.application = Application::kServerSentEvents;
    news.state = ExchangeState::kOpen;
    news.status = 200;
    news.request = Half(1'500'000, 1'500'000, {});
    news.response = Half(1'510'000, 1'510'000, Fields({{"content-type", "text/event-stream"}}));
    Send(c, news);
    Message& event = Say(c, news, false, MessageKind::kEvent, 1'600'000, "price 17\nup 2 %");
    event.name = "update";
    event.event_id = "17";
    Pass(c, news);
    news.state = ExchangeState::kClosed;
    news.response.last = AtUs(1'700'000);
    Send(c, news);
  }

  void PlayTunnel() {
    const Connection c = Connect(Role::kClient, 4711, "fetch", "", 12);
    Exchange tunnel =
        Begin(c, HttpVersion::kHttp11, "CONNECT", "db.example:5432", "db.example:5432");
    tunnel.application = Application::kTunnel;
    tunnel.status = 200;
    tunnel.request = Half(1'800'000, 1'800'000, {});
    tunnel.response = Half(1'801'000, 1'801'000, {});
    Send(c, tunnel);
  }

  void PlayOpaque() {
    const Connection c = Connect(Role::kClient, 960, "cache", "", 13);
    Chunk chunk;
    chunk.direction = Direction::kWrite;
    chunk.data = AsBytes("*1\r\n$4\r\nPING\r\n");
    chunk.goroutine = 5;
    chunk.time = AtUs(1'950'000);
    static_cast<void>(out_.OnOpaque(c, chunk));
    Gap gap;
    gap.length = 7;
    gap.reasons = kGapRingFull;
    gap.time = AtUs(1'951'000);
    static_cast<void>(out_.OnOpaqueGap(c, gap));
  }

  Out& out_;
  std::uint64_t last_ = 0;
  std::vector<Connection> connections_;
  Message message_;
};

template <typename Out>
void PlayExchanges(Out& out) {
  ExchangesSession<Out>(out).Play();
}

}  // namespace gotls::testing
