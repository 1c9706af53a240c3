#include "select/filter_error.h"

#include <gtest/gtest.h>

#include <string>

#include "select/filter.h"

namespace gotls {
namespace {

std::string ErrorOf(std::string_view expression) {
  const auto filter = Filter::Parse(expression);
  if (filter) return "parsed";
  EXPECT_EQ(filter.error().kind, ErrorKind::kUsage);
  return filter.error().what.substr(0, filter.error().what.find('\n'));
}

TEST(FilterErrorTest, NamesColumnAndRemedy) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "column 1: a field expected, not the end"},
      {"  ", "column 3: a field expected, not the end"},
      {"hots == x", "column 1: unknown field 'hots'; did you mean 'host'?"},
      {"pid == 1 and stats == 200", "column 14: unknown field 'stats'; did you mean 'status'?"},
      {"host = x", "column 6: '=' is no operator; did you mean '=='?"},
      {"pid == 1 & pid == 2", "column 10: '&' is no operator; did you mean '&&'?"},
      {"pid == 1 | pid == 2", "column 10: '|' is no operator; did you mean '||'?"},
      {"status ~ 4",
       "column 8: status can't be compared by ~; its operators are "
       "== != < <= > >= in"},
      {"host < a", "column 6: host can't be compared by <; its operators are == != ~ !~ in"},
      {"side > client", "column 6: side can't be compared by >; its operators are == != in"},
      {"status 404",
       "column 8: an operator expected after status, not '404'; "
       "== != < <= > >= in"},
      {"status ==",
       "column 10: a value expected, not the end; "
       "text with blanks or any of ()[],\"'=!<>~&| needs quotes"},
      {"status == abc", "column 11: 'abc' is not a status like 404 or 4xx"},
      {"status == -1", "column 11: '-1' is not a status like 404 or 4xx"},
      {"pid == 99999999999999999999", "column 8: '99999999999999999999' is not a whole number"},
      {"latency > 10", "column 11: '10' is not a time with its unit like 10ms, 1.5s or 2m"},
      {"latency > inf", "column 11: 'inf' is not a time with its unit like 10ms, 1.5s or 2m"},
      {"latency > 1e300s", "column 11: '1e300s' is not a time with its unit like 10ms, 1.5s or 2m"},
      {"size > 10q", "column 8: '10q' is not a size like 512, 10k or 1MiB"},
      {"grpc_status == X", "column 16: 'X' is not a gRPC status like 5 or NOT_FOUND"},
      {"side == both", "column 9: side is never 'both'; it is one of client, server"},
      {"protocol == http",
       "column 13: protocol is never 'http'; it is one of http1, http2, grpc, "
       "grpc-web, connect, websocket, sse, tunnel"},
      {"path ~ 'a('", "column 8: bad regular expression: missing ): a("},
      {"path == 'a", "column 9: the closing ' is missing"},
      {"(pid == 1",
       "column 10: ')' expected, not the end; "
       "text with blanks or any of ()[],\"'=!<>~&| needs quotes"},
      {"pid == 1)", "column 9: this ) closes nothing"},
      {"pid == 1 pid == 2",
       "column 10: 'and' or 'or' expected, not 'pid'; "
       "text with blanks or any of ()[],\"'=!<>~&| needs quotes"},
      {"pid in 1", "column 8: a list expected, not '1': (a, b)"},
      {"pid in ()",
       "column 9: a value expected, not ')'; "
       "text with blanks or any of ()[],\"'=!<>~&| needs quotes"},
      {"pid in (1 2)",
       "column 11: ',' or ')' expected, not '2'; "
       "text with blanks or any of ()[],\"'=!<>~&| needs quotes"},
      {"request.header == a",
       "column 16: the name of the header is missing: "
       "request.header[\"x-id\"]"},
      {"request.header[] == a",
       "column 15: the name of the header is missing: "
       "request.header[\"x-id\"]"},
      {"and pid == 1",
       "column 1: unknown field 'and'; fields are host path method status "
       "protocol state grpc_status latency first_byte size request_size "
       "response_size request.header response.header pid comm exe container "
       "container_id pod namespace side sni alpn "
       "port local_port remote_port"},
      {"pid == 1 and", "column 13: a field expected, not the end"},
      {"\xc3\xb6\xc3\xa4 == 1 = 2", "column 9: '=' is no operator; did you mean '=='?"},
  };
  for (const auto& [expression, error] : cases) EXPECT_EQ(ErrorOf(expression), error) << expression;
}

TEST(FilterErrorTest, ShowsThePlace) {
  const auto filter = Filter::Parse("pid == 1\tand hots == x");
  ASSERT_FALSE(filter.has_value());
  EXPECT_EQ(filter.error().Message(),
            "filter: column 14: unknown field 'hots'; did you mean 'host'?\n"
            "  pid == 1 and hots == x\n"
            "               ^");
}

TEST(FilterErrorTest, ShowsAPartOfALongExpression) {
  const std::string ones(100, '1');
  const Error error = DescribeFilterError(ones + "x" + ones, {100, "bad"});
  EXPECT_EQ(error.what, "column 101: bad\n  ..." + std::string(50, '1') + "x" +
                            std::string(24, '1') + "...\n  " + std::string(53, ' ') + "^");
}

TEST(FilterErrorTest, BoundsLengthAndDepth) {
  EXPECT_EQ(ErrorOf(std::string(5000, ' ')), "longer than 4096 bytes");
  const std::string fits = std::string(Filter::kMaxDepth, '(') + "pid == 1";
  EXPECT_EQ(ErrorOf(fits + std::string(Filter::kMaxDepth, ')')), "parsed");
  EXPECT_EQ(ErrorOf("(" + fits), "column 65: nested too deeply");
  EXPECT_EQ(ErrorOf(std::string(4000, '!')), "column 65: nested too deeply");
  std::string row = "pid == 1";
  while (row.size() < 4000) row += " or pid == 1";
  EXPECT_EQ(ErrorOf(row), "parsed");
}

}  // namespace
}  // namespace gotls
