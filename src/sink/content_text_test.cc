#include "sink/content_text.h"

#include <gtest/gtest.h>

namespace gotls {
namespace {

using namespace std::string_literals;

std::string Lines(std::string_view content_type, const std::string& content) {
  std::string out;
  AppendContentLines(out, "> ", ". ", content, ParseMediaType(content_type), false);
  return out;
}

TEST(ContentText, Charsets) {
  const std::string gbk = "\xc4\xe3\xba\xc3\xca\xc0\xbd\xe7";
  EXPECT_EQ(Lines("text/html; charset=iso-8859-1", "gr\xfc\xdf"), "> gr\xc3\xbc\xc3\x9f\n");
  EXPECT_EQ(Lines("text/html; charset=utf-16be", "\0g\0r"s), "> gr\n");
  EXPECT_EQ(Lines("text/html; charset=GBK", gbk), ". 8B, text/html, charset gbk not decoded\n");
  EXPECT_EQ(Lines("text/html; charset=gbk", "a mostly plain text \xc4\xe3"),
            "> a mostly plain text \\xc4\\xe3\n. charset gbk not decoded\n");
  EXPECT_EQ(Lines("text/html; charset=gbk", "plain\n"), "> plain\n");
  EXPECT_EQ(Lines("text/html; charset=\"a\x1b[2J\"", gbk),
            ". 8B, text/html, charset a\\x1b[2j not decoded\n");
  EXPECT_LT(Lines("text/html; charset=" + std::string(9999, 'x'), gbk).size(), 100U);
}

TEST(ContentText, BinaryStaysBinaryWhateverCharsetItNames) {
  const std::string png = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\2\x80\0\0\1\xe0"s;
  for (const char* type : {"image/png", "image/png; charset=ISO-8859-1", "image/png; charset=gbk",
                           "text/plain; charset=ISO-8859-1"}) {
    EXPECT_EQ(Lines(type, png), ". 24B, PNG image, 640x480\n") << type;
  }
  EXPECT_EQ(Lines("application/octet-stream; charset=binary", "\1\2\3\xff"), ". 4B, binary\n");
}

}  // namespace
}  // namespace gotls
