#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "decode/http1/http1_decoder.h"
#include "decode/http1/http1_syntax.h"

namespace gotls {
namespace {

Guess Request(std::string_view text) { return LooksLikeHttp1Request(AsBytes(text)); }
Guess Response(std::string_view text) { return LooksLikeHttp1Response(AsBytes(text)); }

TEST(Http1GuessTest, Requests) {
  for (const std::string_view text :
       {"GET /", "DELETE /x HTTP/1.1\r\n", "OPTIONS * HTTP/1.1", "CONNECT a.test:443 HTTP/1.1",
        "CONNECT [::1]:1 HTTP/1.1", "GET http://a", "POST HTTPS://a", "BASELINE-CONTROL https://a",
        "PROPFIND /dav/"}) {
    EXPECT_EQ(Request(text), Guess::kYes) << text;
    for (std::size_t size = 0; size < text.size(); ++size) {
      EXPECT_NE(Request(text.substr(0, size)), Guess::kNo) << text.substr(0, size);
    }
  }
}

TEST(Http1GuessTest, NotRequests) {
  for (const std::string_view text :
       {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "get / HTTP/1.1", "GETX", "GET  /", "GET x", "GET *x",
        "GET\t/", "OPTIONS rtsp://a RTSP/1.0", "CONNECT /x", "\x16\x03\x01", "HTTP/1.1 200 OK",
        "*1\r\n$4\r\nPING\r\n", "GET\r\n", " GET /"}) {
    EXPECT_EQ(Request(text), Guess::kNo) << text;
  }
}

TEST(Http1GuessTest, Responses) {
  for (const std::string_view text :
       {"HTTP/1.1 200 OK\r\n", "HTTP/1.0 404\r\n", "HTTP/1.1 204\n", "HTTP/1.1 999 "}) {
    EXPECT_EQ(Response(text), Guess::kYes) << text;
    for (std::size_t size = 0; size < 13; ++size) {
      EXPECT_EQ(Response(text.substr(0, size)), Guess::kNeedMore) << text.substr(0, size);
    }
  }
}

TEST(Http1GuessTest, NotResponses) {
  for (const std::string_view text :
       {"HTTP/2 200 OK", "http/1.1 200 OK", "HTTP/1.1  200", "HTTP/1.1 2000 OK", "HTTP/1.1 20x OK",
        "HTTP/1.1x200 OK", "GET / HTTP/1.1"}) {
    EXPECT_EQ(Response(text), Guess::kNo) << text;
  }
}

TEST(Http1GuessTest, DecidesWithinItsBytes) {
  for (const std::string_view start : {"", "G", "GET", "GET ", "CONNECT ", "BASELINE-CONTROL ",
                                       "M-SEARCH * HTTP/", "UNSUBSCRIBE https:/", "HTTP/1.1 20"}) {
    for (const char fill : {'A', '/', ' ', '\0', '\xff', '0'}) {
      std::string text(start);
      text.resize(kHttp1GuessBytes, fill);
      EXPECT_NE(Request(text), Guess::kNeedMore) << text;
      EXPECT_NE(Response(text), Guess::kNeedMore) << text;
    }
  }
}

TEST(Http1GuessTest, SureRequestsNeedTheirWholeLine) {
  EXPECT_EQ(StartsWithSureRequest("GET /x HTTP/1.1\r\nHost: h"), Guess::kYes);
  EXPECT_EQ(StartsWithSureRequest("GET /x HTTP/1.0\n"), Guess::kYes);
  EXPECT_EQ(StartsWithSureRequest("GET /x HTTP/1.1\r"), Guess::kNeedMore);
  EXPECT_EQ(StartsWithSureRequest("GET /x HTTP/2\r\n"), Guess::kNo);
  EXPECT_EQ(StartsWithSureRequest("GET /x y HTTP/1.1\r\n"), Guess::kNo);
  EXPECT_EQ(StartsWithSureRequest("BREW /x HTTP/1.1\r\n"), Guess::kNo);
  const std::string endless = "GET /" + std::string(kMaxStartLine, 'x');
  EXPECT_EQ(StartsWithSureRequest(endless), Guess::kNo);
}

}  // namespace
}  // namespace gotls
