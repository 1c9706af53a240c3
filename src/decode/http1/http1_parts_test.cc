// The parts of the decoder by themselves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "decode/http1/http1_chunked.h"
#include "decode/http1/http1_head.h"
#include "decode/http1/http1_section.h"
#include "decode/http1/http1_syntax.h"

namespace gotls {
namespace {

TEST(Http1PartsTest, RequestLines) {
  const auto line = ParseRequestLine("GET /a HTTP/1.1");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->method, "GET");
  EXPECT_EQ(line->target, "/a");
  EXPECT_EQ(line->version, HttpVersion::kHttp11);
  for (const char* bad : {"", "GET", "GET ", "GET /", "GET  HTTP/1.1", "GET / HTTP/2.0",
                          " / HTTP/1.1", "G(T / HTTP/1.1", "GET / HTTP/1.x", "GET / HTTP/1.10"}) {
    EXPECT_FALSE(ParseRequestLine(bad)) << bad;
  }
  EXPECT_TRUE(ParseRequestLine(std::string(32, 'M') + " / HTTP/1.0"));
  EXPECT_FALSE(ParseRequestLine(std::string(33, 'M') + " / HTTP/1.0"));
}

TEST(Http1PartsTest, StatusLines) {
  const auto line = ParseStatusLine("HTTP/1.0 503 Try  later");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->status, 503);
  EXPECT_EQ(line->reason, "Try  later");
  EXPECT_EQ(line->version, HttpVersion::kHttp10);
  EXPECT_TRUE(ParseStatusLine("HTTP/1.1 200"));
  EXPECT_TRUE(ParseStatusLine("HTTP/1.1 200 "));
  for (const char* bad : {"", "HTTP/1.1", "HTTP/1.1 20", "HTTP/1.1 099 x", "HTTP/1.1 2000",
                          "HTTP/1.1  200", "ICY 200 OK", "HTTP/2.0 200 OK"}) {
    EXPECT_FALSE(ParseStatusLine(bad)) << bad;
  }
}

TEST(Http1PartsTest, FieldsAreWrittenOverOlderOnes) {
  std::vector<HeaderField> fields{{"old", "value", false, false, true}, {"older", "value"}, {}};
  ASSERT_TRUE(ParseFields("A: 1\r\nB: 2\r\n\r\nC: 3\r\n", fields));
  ASSERT_EQ(fields.size(), 2U);
  EXPECT_EQ(fields[0].name, "A");
  EXPECT_EQ(fields[0].value, "1");
  EXPECT_TRUE(fields[0].name_known && fields[0].value_known);
  EXPECT_FALSE(fields[0].redacted);
  EXPECT_FALSE(ParseFields("A: 1\r\nno\r\n", fields));
  EXPECT_EQ(fields.size(), 1U);
}

TEST(Http1PartsTest, ContentEncodingsAreJoined) {
  std::vector<HeaderField> fields;
  ASSERT_TRUE(ParseFields("Content-Encoding: gzip\nX: y\ncontent-encoding: br\n", fields));
  EXPECT_EQ(ReadFacts(fields).content_encoding, "gzip, br");
}

TEST(Http1PartsTest, SectionsInOneRunAreNotCopied) {
  const std::string_view text = "A: b\r\n\r\nbody";
  SectionReader reader;
  const auto taken = reader.Take(AsBytes(text));
  EXPECT_TRUE(taken.complete);
  EXPECT_EQ(taken.size, 8U);
  EXPECT_EQ(static_cast<const void*>(reader.text().data()), text.data());
}

TEST(Http1PartsTest, LargestSection) {
  const std::string text = std::string(kMaxHeadBytes - 2, 'x') + "\n\n";
  for (const std::size_t at : {std::size_t{1}, kMaxHeadBytes - 1, kMaxHeadBytes}) {
    SectionReader reader;
    const auto first = reader.Take(AsBytes(std::string_view(text).substr(0, at)));
    if (at == kMaxHeadBytes) {
      EXPECT_TRUE(first.complete);
      continue;
    }
    EXPECT_FALSE(first.too_long);
    EXPECT_TRUE(reader.Take(AsBytes(std::string_view(text).substr(at))).complete);
  }
  SectionReader reader;
  EXPECT_TRUE(reader.Take(AsBytes("x" + text)).too_long);
}

TEST(Http1PartsTest, ChunkDataThatIsMissing) {
  ChunkedReader reader;
  EXPECT_EQ(reader.Take(AsBytes("a\r\n")).taken, 3U);
  EXPECT_EQ(reader.data_left(), 10U);
  reader.SkipData(4);
  EXPECT_EQ(AsText(reader.Take(AsBytes("56789")).data), "56789");
  reader.SkipData(1);
  EXPECT_EQ(reader.data_left(), 0U);
  const auto rest = reader.Take(AsBytes("\r\n0\r\nnot taken"));
  EXPECT_EQ(rest.taken, 5U);
  EXPECT_EQ(rest.status, ChunkedReader::Status::kLast);
}

}  // namespace
}  // namespace gotls
