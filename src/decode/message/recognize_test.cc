#include <gtest/gtest.h>

#include "decode/message/message_parser.h"

namespace gotls {
namespace {

Exchange Post(std::string path, std::vector<HeaderField> headers) {
  Exchange exchange;
  exchange.method = "POST";
  exchange.path = std::move(path);
  exchange.request.headers = std::move(headers);
  return exchange;
}

TEST(RecognizeApplication, ByContentType) {
  const std::pair<const char*, Application> cases[] = {
      {"application/grpc", Application::kGrpc},
      {"application/grpc+proto", Application::kGrpc},
      {"Application/gRPC+json; charset=utf-8", Application::kGrpc},
      {"application/grpc-web", Application::kGrpcWeb},
      {"application/grpc-web+proto", Application::kGrpcWeb},
      {"application/grpc-web-text", Application::kGrpcWeb},
      {"application/grpc-web-text+proto", Application::kGrpcWeb},
      {"application/connect+proto", Application::kConnect},
      {"application/connect+json", Application::kConnect},
      {"application/grpcx", Application::kHttp},
      {"application/json", Application::kHttp},
      {"application/connect", Application::kHttp},
      {"text/event-stream", Application::kHttp},
      {"", Application::kHttp},
  };
  for (const auto& [type, application] : cases) {
    Exchange exchange = Post("/a.B/C", {{"Content-Type", type}});
    RecognizeApplication(exchange);
    EXPECT_EQ(exchange.application, application) << type;
    EXPECT_EQ(exchange.rpc.has_value(), application != Application::kHttp) << type;
  }
}

TEST(RecognizeApplication, GrpcByStages) {
  Exchange exchange =
      Post("/shop.Cart/Add", {{"content-type", "application/grpc"}, {"grpc-timeout", "2S"}});
  RecognizeApplication(exchange);
  ASSERT_TRUE(exchange.rpc);
  EXPECT_EQ(exchange.rpc->service, "shop.Cart");
  EXPECT_EQ(exchange.rpc->method, "Add");
  EXPECT_EQ(exchange.rpc->timeout_ns, 2'000'000'000);
  EXPECT_EQ(exchange.rpc->status, std::nullopt);
  exchange.status = 200;
  exchange.response.headers = {{"content-type", "application/grpc"}};
  RecognizeApplication(exchange);
  EXPECT_EQ(exchange.rpc->status, std::nullopt);
  exchange.response.trailers = {{"grpc-status", "5"}, {"grpc-message", "not%20here"}};
  RecognizeApplication(exchange);
  EXPECT_EQ(exchange.rpc->status, 5);
  EXPECT_EQ(exchange.rpc->status_message, "not here");
}

TEST(RecognizeApplication, GrpcWithTrailersOnly) {
  Exchange exchange = Post("/a/b", {{"content-type", "application/grpc"}});
  exchange.response.headers = {{"grpc-status", "12"}};
  RecognizeApplication(exchange);
  EXPECT_EQ(exchange.rpc->status, 12);
}

TEST(RecognizeApplication, GrpcByItsResponseAlone) {
  Exchange exchange;
  exchange.response.headers = {{"content-type", "application/grpc"}};
  RecognizeApplication(exchange);
  EXPECT_EQ(exchange.application, Application::kGrpc);
  EXPECT_EQ(exchange.rpc->service, "");
}

TEST(RecognizeApplication, UnaryConnectIsHttpWithAnRpc) {
  Exchange exchange = Post("/a.B/C", {{"content-type", "application/json"},
                                      {"connect-protocol-version", "1"},
                                      {"connect-timeout-ms", "5"}});
  RecognizeApplication(exchange);
  EXPECT_EQ(exchange.application, Application::kHttp);
  ASSERT_TRUE(exchange.rpc);
  EXPECT_EQ(exchange.rpc->timeout_ns, 5'000'000);
  exchange.status = 404;
  RecognizeApplication(exchange);
  EXPECT_EQ(exchange.rpc->status, std::nullopt);  // the body may say more
  exchange.response.body.complete = true;
  RecognizeApplication(exchange);
  EXPECT_EQ(exchange.rpc->status, 12);
  exchange.response.body.content = R"({"code":"not_found","message":"gone"})";
  RecognizeApplication(exchange);
  EXPECT_EQ(exchange.rpc->status, 5);
  EXPECT_EQ(exchange.rpc->status_message, "gone");
}

TEST(RecognizeApplication, PlainJsonIsNoRpc) {
  Exchange exchange = Post("/a.B/C", {{"content-type", "application/json"}});
  exchange.status = 200;
  RecognizeApplication(exchange);
  EXPECT_EQ(exchange.rpc, std::nullopt);
}

TEST(RecognizeApplication, ServerSentEvents) {
  Exchange exchange;
  exchange.method = "GET";
  exchange.status = 200;
  exchange.response.headers = {{"Content-Type", "text/event-stream; charset=utf-8"}};
  RecognizeApplication(exchange);
  EXPECT_EQ(exchange.application, Application::kServerSentEvents);
}

TEST(RecognizeApplication, Upgrades) {
  struct Case {
    const char* method;
    const char* upgrade;  // as the decoder filled it in
    int status;
    Application application;
  };
  const Case cases[] = {
      {"GET", "", 0, Application::kHttp},
      {"GET", "WebSocket", 101, Application::kWebSocket},
      {"GET", "h2c", 101, Application::kTunnel},
      {"GET", "websocket", 200, Application::kHttp},
      {"CONNECT", "websocket", 0, Application::kWebSocket},
      {"CONNECT", "websocket", 200, Application::kWebSocket},
      {"CONNECT", "websocket", 403, Application::kHttp},
      {"CONNECT", "connect-udp", 200, Application::kTunnel},
      {"CONNECT", "", 0, Application::kHttp},
      {"CONNECT", "", 200, Application::kTunnel},
      {"CONNECT", "", 502, Application::kHttp},
  };
  for (const Case& c : cases) {
    Exchange exchange;
    exchange.method = c.method;
    exchange.upgrade = c.upgrade;
    exchange.status = c.status;
    RecognizeApplication(exchange);
    EXPECT_EQ(exchange.application, c.application) << c.method << c.upgrade << c.status;
  }
}

TEST(RecognizeApplication, FillsInTheUpgrade) {
  Exchange exchange;
  exchange.method = "GET";
  exchange.status = 101;
  exchange.response.headers = {{"Upgrade", "websocket"}};
  RecognizeApplication(exchange);
  EXPECT_EQ(exchange.application, Application::kWebSocket);
  EXPECT_EQ(exchange.upgrade, "websocket");
}

}  // namespace
}  // namespace gotls
