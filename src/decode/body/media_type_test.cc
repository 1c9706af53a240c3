#include "decode/body/media_type.h"

#include <gtest/gtest.h>

namespace gotls {
namespace {

TEST(ParseMediaType, Table) {
  struct Case {
    std::string_view header, type, charset, boundary;
  };
  const Case cases[] = {
      {"text/html; charset=UTF-8", "text/html", "utf-8", ""},
      {"", "", "", ""},
      {"  Text/HTML  ", "text/html", "", ""},
      {"text/html;charset=\"utf-8\"", "text/html", "utf-8", ""},
      {"text/html ; Charset = latin1 ; x=y", "text/html", "latin1", ""},
      {"multipart/form-data; boundary=\"a;b \\\"c\"; charset=x", "multipart/form-data", "x",
       "a;b \"c"},
      {"multipart/mixed; boundary=----Web", "multipart/mixed", "", "----Web"},
      {"text/plain; charset=\"cut", "text/plain", "cut", ""},
      {"text/plain; charset=\"cut\\", "text/plain", "cut\\", ""},
      {"text/plain; charset", "text/plain", "", ""},
      {"text/plain; charset=", "text/plain", "", ""},
      {"text/plain;;; charset=a; charset=b", "text/plain", "a", ""},
      {"text/html, text/plain", "text/html", "", ""},
      {";charset=a", "", "a", ""},
      {"text/plain; charset=\"a\"junk; boundary=b", "text/plain", "a", "b"},
  };
  for (const Case& c : cases) {
    const MediaType got = ParseMediaType(c.header);
    EXPECT_EQ(got.type, c.type) << c.header;
    EXPECT_EQ(got.charset, c.charset) << c.header;
    EXPECT_EQ(got.boundary, c.boundary) << c.header;
  }
}

TEST(MediaType, Kinds) {
  for (const char* type :
       {"text/plain", "text/event-stream", "application/json", "application/problem+json",
        "application/xml", "image/svg+xml", "application/javascript",
        "application/x-www-form-urlencoded", "application/ecmascript", "application/yaml"}) {
    EXPECT_TRUE(IsTextual(type)) << type;
  }
  for (const char* type : {"", "image/png", "application/octet-stream", "application/grpc",
                           "application/grpc+proto", "textual"}) {
    EXPECT_FALSE(IsTextual(type)) << type;
  }
  EXPECT_TRUE(IsJson("application/json") && IsJson("application/vnd.api+json"));
  EXPECT_FALSE(IsJson("application/jsonp") || IsJson("text/html"));
}

}  // namespace
}  // namespace gotls
