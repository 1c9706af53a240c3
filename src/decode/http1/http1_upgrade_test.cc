// What is no longer HTTP: upgrades and tunnels; and bodies that hold messages.
#include <gtest/gtest.h>

#include <string>

#include "decode/http1/test_cases.h"

namespace gotls {
namespace {

using std::string_literals::operator""s;
using testing::CheckCase;
using testing::Req;
using testing::ReqGap;
using testing::Res;
using testing::ResGap;
using testing::RunScript;
using testing::Script;
using testing::TestCase;

constexpr std::string_view kUpgrade =
    "GET /u HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: chat/2, x\r\n\r\n";
constexpr std::string_view kSwitched =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: chat/2\r\n\r\n";

const TestCase kTunnels[] = {
    {"Upgrade",
     {Req(kUpgrade), Res(std::string(kSwitched) + "one"), Req("two"), Res("three"), ReqGap(7),
      Req("four")},
     R"(#1 open 6
#1 GET https://h /u 1.1 -> 101 Switching Protocols upgrade chat/2 | complete
  > Host=h Connection=keep-alive, Upgrade Upgrade=chat/2, x {0} t0-5 g0 w88
  < Connection=upgrade Upgrade=chat/2 {0} t1-3 g1 w82
opaque read 74:onethree
opaque written 81:two[7 missing at 84]four
)"},
    {"UpgradeToHttp2",
     {Req("GET / HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n"),
      Res("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\nframes")},
     R"(#1 open 6
#1 GET https:// / 1.1 -> 101 Switching Protocols upgrade h2c | complete
  > Connection=Upgrade, HTTP2-Settings Upgrade=h2c {0} t0-0 g0 w69
  < Upgrade=h2c {0} t1-1 g1 w56
opaque read 50:frames
)"},
    {"Refused",
     {Req(kUpgrade), Req("GET /2 HTTP/1.1\r\n\r\n"),
      Res("HTTP/1.1 426 No\r\nContent-Length: 0\r\n\r\n"), Res("HTTP/1.1 204 None\r\n\r\n")},
     R"(#1 GET https://h /u 1.1 -> 426 No | complete
  > Host=h Connection=keep-alive, Upgrade Upgrade=chat/2, x {0} t0-0 g0 w81
  < Content-Length=0 {0} t2-2 g2 w38
#2 GET https:// /2 1.1 -> 204 None | complete
  > {0} t1-1 g1 w19
  < {0} t3-3 g3 w21
)"},
    {"Connect",
     {Req("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test\r\n\r\n"),
      Res("HTTP/1.1 200 Established\r\nTransfer-Encoding: chunked\r\n\r\n"), Req("client"),
      Res("server")},
     R"(#1 open 6
#1 CONNECT https://a.test:443 a.test:443 1.1 -> 200 Established | complete
  > Host=a.test {0} t0-2 g0 w51
  < Transfer-Encoding=chunked {0} t1-3 g1 w62
opaque read 56:server
opaque written 45:client
)"},
    {"ConnectInHaste",
     {Req("CONNECT a.test:443 HTTP/1.1\r\n\r\nhello"), ReqGap(3), Req("there"),
      Res("HTTP/1.1 200 OK\r\n\r\nserver"), Req("!")},
     R"(#1 open 6
#1 CONNECT https://a.test:443 a.test:443 1.1 -> 200 OK | complete
  > {0} t0-4 g0 w42
  < {0} t3-3 g3 w25
opaque read 19:server
opaque written 31:hello[3 missing at 36]there!
)"},
    {"ConnectRefused",
     {Req("CONNECT a.test:443 HTTP/1.1\r\n\r\n"),
      Res("HTTP/1.1 407 Who\r\nContent-Length: 2\r\n\r\nno"),
      Req("CONNECT b.test:443 HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 200 OK\r\n\r\n"), Req("x")},
     R"(#1 CONNECT https://a.test:443 a.test:443 1.1 -> 407 Who | complete
  > {0} t0-0 g0 w31
  < Content-Length=2 {2 no} t1-1 g1 w41
#2 open 6
#2 CONNECT https://b.test:443 b.test:443 1.1 -> 200 OK | complete
  > {0} t2-4 g2 w32
  < {0} t3-3 g3 w19
opaque written 62:x
)"},
    {"NoAnswer",
     {Req("CONNECT a.test:443 HTTP/1.1\r\n\r\n"), Req("early")},
     R"(#1 CONNECT https://a.test:443 a.test:443 1.1 -> 0  | closed
  > {0} t0-0 g0 w31
  < -
)"},
    {"AnswerLost",
     {Req("CONNECT a.test:443 HTTP/1.1\r\n\r\n"), Req("early"), ResGap(40), Req("bytes"),
      Res("bytes")},
     R"(#1 CONNECT https://a.test:443 a.test:443 1.1 -> 0  | gap: 40 bytes missing where the response begins
  > {0} t0-0 g0 w31
  < -
)"},
    {"AnswerLostWhileTheRequestGoesOn",
     {Req("POST / HTTP/1.1\r\nUpgrade: x\r\nConnection: upgrade\r\nContent-Length: 4\r\n\r\nab"),
      ResGap(40), Req("cdbytes"), Res("bytes")},
     R"(#1 POST https:// / 1.1 -> 0  | gap: 40 bytes missing where the response begins
  > Upgrade=x Connection=upgrade Content-Length=4 {4 abcd} t0-2 g0 w75
  < -
)"},
    {"OnAJoinedConnection",
     {Req("tail"), Res("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nserver"),
      Req("GET /no HTTP/1.1\r\n\r\n")},
     R"(#1 open 6
#1  https://  1.1 -> 101 Switching Protocols upgrade x | complete
  > unseen {0} t0-2 g0 w20
  < Upgrade=x {0} t1-1 g1 w54
opaque read 48:server
opaque written 4:GET /no HTTP/1.1....
)",
     true},
    {"InAPipeline",
     {Req("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n"), Res(std::string(kSwitched))},
     R"(#1 GET https:// /1 1.1 -> 101 Switching Protocols | malformed: response: protocols are switched while requests are under way
  > {0} t0-0 g0
  < Connection=upgrade Upgrade=chat/2 {0 incomplete} t1-1 g1
#2 GET https:// /2 1.1 -> 0  | malformed: response: protocols are switched while requests are under way
  > {0} t0-0 g0
  < -
)"},
    {"BeforeTheRequestIsOver",
     {Req("CONNECT a.test:443 HTTP/1.1\r\nContent-Length: 4\r\n\r\nab"),
      Res("HTTP/1.1 200 OK\r\n\r\n")},
     R"(#1 CONNECT https://a.test:443 a.test:443 1.1 -> 200 OK | malformed: response: protocols are switched while requests are under way
  > Content-Length=4 {2 incomplete ab} t0-0 g0
  < {0 incomplete} t1-1 g1
)"},
};

constexpr std::string_view kWebSocketRequest =
    "GET /chat HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
constexpr std::string_view kWebSocketResponse =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n";

// "hello" under the mask 0, "world" without one, and a close with no reason.
const std::string kClientText = "\x81\x85\0\0\0\0hello"s;
const std::string kServerText = "\x81\x05world"s;
const std::string kServerClose = "\x88\0"s;

const TestCase kMessages[] = {
    {"WebSocket",
     {Req(kWebSocketRequest), Res(std::string(kWebSocketResponse) + kServerText), Req(kClientText),
      Req(kClientText), Res(kServerClose)},
     R"(#1 open 4
#1 message server 1 world
#1 message client 1 hello
#1 message client 2 hello
#1 message server 2 
#1 GET https://h /chat 1.1 -> 101 Switching Protocols upgrade WebSocket | complete
  > Host=h Connection=Upgrade Upgrade=websocket Sec-WebSocket-Version=13 Sec-WebSocket-Key=dGhlIHNhbXBsZSBub25jZQ== {0} t0-3 g0 w166
  < Connection=Upgrade Upgrade=WebSocket {0} t1-4 g1 w86
)"},
    {"WebSocketCutOff",
     {Req(kWebSocketRequest), Res(kWebSocketResponse), Req(kClientText + kClientText.substr(0, 8))},
     R"(#1 open 4
#1 message client 1 hello
#1 message client 2 he
#1 GET https://h /chat 1.1 -> 101 Switching Protocols upgrade WebSocket | closed
  > Host=h Connection=Upgrade Upgrade=websocket Sec-WebSocket-Version=13 Sec-WebSocket-Key=dGhlIHNhbXBsZSBub25jZQ== {0} t0-2 g0 w163
  < Connection=Upgrade Upgrade=WebSocket {0} t1-1 g1 w77
)"},
    {"WebSocketGap",
     {Req(kWebSocketRequest), Res(kWebSocketResponse), Req(kClientText.substr(0, 8)), ReqGap(3),
      Req(kClientText)},
     R"(#1 open 4
#1 message client 1 he
#1 message client 2 hello
#1 GET https://h /chat 1.1 -> 101 Switching Protocols upgrade WebSocket | closed
  > Host=h Connection=Upgrade Upgrade=websocket Sec-WebSocket-Version=13 Sec-WebSocket-Key=dGhlIHNhbXBsZSBub25jZQ== {0} t0-4 g0 w163
  < Connection=Upgrade Upgrade=WebSocket {0} t1-1 g1 w77
)"},
    {"ServerSentEvents",
     {Req("GET /events HTTP/1.1\r\n\r\n"),
      Res("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
          "\r\n9\r\ndata: a\n\n\r\n4\r\ndata\r\n5\r\n: b\n\n\r\n0\r\n\r\n"),
      Req("GET / HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 204 None\r\n\r\n")},
     R"(#1 open 5
#1 message server 1 a
#1 message server 2 b
#1 GET https:// /events 1.1 -> 200 OK | complete
  > {0} t0-0 g0 w24
  < Content-Type=text/event-stream Transfer-Encoding=chunked {18 data: a..data: b..} t1-1 g1 w118
#2 GET https:// / 1.1 -> 204 None | complete
  > {0} t2-2 g2 w18
  < {0} t3-3 g3 w21
)"},
    {"GrpcWeb",
     {Req("POST /shop.Cart/Add HTTP/1.1\r\nContent-Type: application/grpc-web+proto\r\n"
          "Content-Length: 7\r\n\r\n\0\0\0\0\2ab"s),
      Res("HTTP/1.1 200 OK\r\nContent-Type: application/grpc-web+proto\r\n"
          "Content-Length: 28\r\n\r\n\0\0\0\0\2cd\x80\0\0\0\x10grpc-status: 0\r\n"s)},
     R"(#1 open 2
#1 message client 1 ab
#1 message server 1 cd
#1 POST https:// /shop.Cart/Add 1.1 -> 200 OK | complete
  > Content-Type=application/grpc-web+proto Content-Length=7 {7 .....ab} t0-0 g0 w100
  < Content-Type=application/grpc-web+proto Content-Length=28 {28 .....cd.....grpc-status: 0..} grpc-status=0 t1-1 g1 w109
)"},
};

TEST(Http1UpgradeTest, Tunnels) {
  for (const TestCase& test : kTunnels) CheckCase(test);
}

TEST(Http1UpgradeTest, Messages) {
  for (const TestCase& test : kMessages) CheckCase(test);
}

TEST(Http1UpgradeTest, WhatWaitsForAnAnswerIsBounded) {
  Script script{Req("CONNECT a.test:443 HTTP/1.1\r\n\r\n")};
  for (int i = 0; i < 3; ++i) script.push_back(Req(std::string(100'000, 'x')));
  script.push_back(Res("HTTP/1.1 200 OK\r\n\r\n"));
  script.push_back(Req("y"));
  const auto result = RunScript(script);
  const auto opaque =
      "opaque written 31:" + std::string(200'000, 'x') + "[100000 missing at 200031]y";
  EXPECT_NE(result.text.find(opaque), std::string::npos);
  EXPECT_EQ(result.counters.decode_limits, 1U);
}

}  // namespace
}  // namespace gotls
