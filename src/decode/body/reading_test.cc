#include "decode/body/reading.h"

#include <gtest/gtest.h>

#include <string>

namespace gotls {
namespace {

using namespace std::string_literals;
using Kind = Reading::Kind;

TEST(Reading, Table) {
  const std::string png = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"s;
  struct Case {
    std::string type, content;
    Kind kind;
  };
  const Case cases[] = {
      {"", "gr\xfc\xdf", Kind::kPlain},
      {"text/html", "gr\xfc\xdf", Kind::kPlain},
      {"text/html; charset=utf-8", "gr\xc3\xbc", Kind::kPlain},
      {"text/html; charset=us-ascii", "gr\xfc\xdf", Kind::kPlain},
      {"text/html; charset=ISO-8859-1", "gr\xfc\xdf", Kind::kConverted},
      {"application/x-odd; charset=latin1", "gr\xfc\xdf", Kind::kConverted},
      {"application/json; charset=utf-16le", "{\0}\0"s, Kind::kConverted},
      {"text/html; charset=gbk", "\xc4\xe3\xba\xc3", Kind::kNotConverted},
      {"text/html; charset=gbk", "hello,\tworld\r\n", Kind::kPlain},
      {"text/html; charset=iso-2022-jp", "\x1b$B$3\x1b(B", Kind::kNotConverted},
      {"text/html; charset=utf-32", "a\0\0\0"s, Kind::kNotConverted},
      {"application/octet-stream; charset=binary", "\1\2\xff", Kind::kPlain},
      {"text/plain; charset=binary", "\1\2\xff", Kind::kPlain},
      {"image/png; charset=ISO-8859-1", png, Kind::kPlain},
      {"image/png; charset=gbk", png, Kind::kPlain},
      {"image/x-odd; charset=ISO-8859-1", "\1\2\xff", Kind::kPlain},
      {"image/svg+xml; charset=ISO-8859-1", "<svg>\xfc", Kind::kConverted},
      {"application/pdf; charset=ISO-8859-1", "%PDF-1.7\n\xff", Kind::kPlain},
      {"text/plain; charset=ISO-8859-1", png, Kind::kPlain},
      {"text/plain; charset=ISO-8859-1", "BZhlb\xfcr", Kind::kConverted},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(ReadingOf(ParseMediaType(c.type), c.content).kind, c.kind) << c.type;
  }
  EXPECT_EQ(ReadingOf(ParseMediaType("text/a; charset=utf-16be"), "\0a"s).charset,
            Charset::kUtf16Be);
}

}  // namespace
}  // namespace gotls
