// Whole connections: what passes, and the exchanges it makes. Each case must come out the same at
// every split.
#include <gtest/gtest.h>

#include "decode/http1/test_cases.h"

namespace gotls {
namespace {

using testing::CheckCase;
using testing::Req;
using testing::Res;
using testing::TestCase;

const TestCase kFraming[] = {
    {"NoBody",
     {Req("GET /a?b=c HTTP/1.1\r\nHost: x.test\r\n\r\n"),
      Res("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")},
     R"(#1 GET https://x.test /a?b=c 1.1 -> 200 OK | complete
  > Host=x.test {0} t0-0 g0 w37
  < Content-Length=0 {0} t1-1 g1 w38
)"},
    {"ContentLength",
     {Req("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"),
      Res("HTTP/1.1 201 Created\r\ncontent-length: 3\r\n\r\nyes")},
     R"(#1 POST https://h / 1.1 -> 201 Created | complete
  > Host=h Content-Length=5 {5 hello} t0-0 g0 w52
  < content-length=3 {3 yes} t1-1 g1 w46
)"},
    {"BodyInOtherRuns",
     {Req("PUT / HTTP/1.1\r\ncontent-length: 6\r\n\r\n"), Req("abc"), Req("def"),
      Res("HTTP/1.1 200 OK\r\n"), Res("Content-Length: 4\r\n\r\n12"), Res("34")},
     R"(#1 PUT https:// / 1.1 -> 200 OK | complete
  > content-length=6 {6 abcdef} t0-2 g0 w43
  < Content-Length=4 {4 1234} t3-5 g3 w42
)"},
    {"Chunked",
     {Req("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
          "5;name=value;other=\"x\"\r\nhello\r\n00A \r\n 123456789\r\n0\r\nA: 1\r\nB:2\r\n\r\n"),
      Res("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n0;last\r\n\r\n")},
     R"(#1 POST https:// / 1.1 -> 200 OK | complete
  > Transfer-Encoding=chunked {15 hello 123456789} A=1 B=2 t0-0 g0 w112
  < Transfer-Encoding=Chunked {3 abc} t1-1 g1 w65
)"},
    {"TransferEncodingBeatsContentLength",
     {Req("POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
          "1\r\nx\r\n0\r\n\r\nGET /next HTTP/1.1\r\n\r\n")},
     R"(#1 POST https:// / 1.1 -> 0  | closed
  > Content-Length=3 Transfer-Encoding=gzip, chunked {1 x} t0-0 g0 w83
  < -
#2 GET https:// /next 1.1 -> 0  | closed
  > {0} t0-0 g0 w22
  < -
)"},
    {"EqualLengths",
     {Req("POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 2, 2\r\n\r\nab")},
     R"(#1 POST https:// / 1.1 -> 0  | closed
  > Content-Length=2 Content-Length=2, 2 {2 ab} t0-0 g0 w62
  < -
)"},
    {"UntilClose",
     {Req("GET / HTTP/1.0\r\n\r\n"), Res("HTTP/1.0 200 OK\r\n\r\nall "), Res("of it")},
     R"(#1 GET https:// / 1.0 -> 200 OK | complete
  > {0} t0-0 g0 w18
  < {9 all of it} t1-2 g1 w28
)"},
    {"OldVersionHasNoChunks",
     {Req("GET / HTTP/1.0\r\n\r\n"),
      Res("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n")},
     R"(#1 GET https:// / 1.0 -> 200 OK | complete
  > {0} t0-0 g0 w18
  < Transfer-Encoding=chunked {11 1..x..0....} t1-1 g1 w58
)"},
    {"LastCodingIsNotChunked",
     {Req("GET / HTTP/1.1\r\n\r\n"),
      Res("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\nContent-Length: 1\r\n\r\nabc")},
     R"(#1 GET https:// / 1.1 -> 200 OK | complete
  > {0} t0-0 g0 w18
  < Transfer-Encoding=chunked, gzip Content-Length=1 {3 abc} t1-1 g1 w75
)"},
    {"NoBodyByStatusOrMethod",
     {Req("HEAD /1 HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"),
      Req("GET /2 HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n"),
      Req("GET /3 HTTP/1.1\r\n\r\n"),
      Res("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n"),
      Req("GET /4 HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")},
     R"(#1 HEAD https:// /1 1.1 -> 200 OK | complete
  > {0} t0-0 g0 w20
  < Content-Length=99 {0} t1-1 g1 w39
#2 GET https:// /2 1.1 -> 204 No Content | complete
  > {0} t2-2 g2 w19
  < Content-Length=9 {0} t3-3 g3 w46
#3 GET https:// /3 1.1 -> 304 Not Modified | complete
  > {0} t4-4 g4 w19
  < Transfer-Encoding=chunked {0} t5-5 g5 w57
#4 GET https:// /4 1.1 -> 200 OK | complete
  > {0} t6-6 g6 w19
  < Content-Length=1 {1 x} t7-7 g7 w39
)"},
    {"Informational",
     {Req("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"),
      Res("HTTP/1.1 100 Continue\r\n\r\n"), Req("ab"),
      Res("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\nContent-Length: 7\r\n\r\n"
          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\ncd")},
     R"(#1 POST https:// / 1.1 100 103 -> 200 OK | complete
  > Expect=100-continue Content-Length=2 {2 ab} t0-2 g0 w62
  < Content-Length=2 {2 cd} t3-3 g3 w124
)"},
    {"EarlyResponse",
     {Req("POST /1 HTTP/1.1\r\nContent-Length: 4\r\n\r\nab"),
      Res("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"), Req("cd"),
      Req("GET /2 HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")},
     R"(#1 POST https:// /1 1.1 -> 413 Too Large | complete
  > Content-Length=4 {4 abcd} t0-2 g0 w43
  < Content-Length=0 {0} t1-1 g1 w45
#2 GET https:// /2 1.1 -> 200 OK | complete
  > {0} t3-3 g3 w19
  < Content-Length=0 {0} t4-4 g4 w38
)"},
    {"ResponseSeenBeforeItsHeadRequest",
     {Req("GET /1 HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
      Res("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n\r\n"), Req("HEAD /2 HTTP/1.1\r\n\r\n"),
      Req("GET /3 HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")},
     R"(#1 GET https:// /1 1.1 -> 200 OK | complete
  > {0} t0-0 g0 w19
  < Content-Length=0 {0} t1-1 g1 w38
#2 HEAD https:// /2 1.1 -> 200 OK | complete
  > {0} t3-3 g3 w20
  < Content-Length=9 {0} t2-2 g2 w38
#3 GET https:// /3 1.1 -> 200 OK | complete
  > {0} t4-4 g4 w19
  < Content-Length=1 {1 x} t5-5 g5 w39
)"},
    {"ResponseBeforeTheRequestsHeadIsOver",
     {Req("GET / HTTP/1.1\r\nCookie: very long"),
      Res("HTTP/1.1 431 Too Large\r\nContent-Length: 2\r\n\r\nno")},
     R"(#1 GET https:// / 1.1 -> 431 Too Large | closed
  > cut {0 incomplete} t0-0 g0 w33
  < Content-Length=2 {2 no} t1-1 g1 w47
)"},
};

const TestCase kHeads[] = {
    {"LineEndsAndBlanks",
     {Req("\r\n\nGET / HTTP/1.1\nHost:h\nA: \t b \t\nEmpty:\n\n"),
      Res("HTTP/1.1 200 \nContent-Length:1\r\n\nx")},
     R"(#1 GET https://h / 1.1 -> 200  | complete
  > Host=h A=b Empty= {0} t0-0 g0 w39
  < Content-Length=1 {1 x} t1-1 g1 w34
)"},
    {"FoldedLines",
     {Req("GET / HTTP/1.1\r\nA: one\r\n two\r\n\tthree\r\nB:\r\n four\r\n \r\nHost: h\r\n\r\n")},
     R"(#1 GET https://h / 1.1 -> 0  | closed
  > A=one two three B=four Host=h {0} t0-0 g0 w63
  < -
)"},
    {"NamesAndOrderAreTheWires",
     {Req("GET / HTTP/1.1\r\nx-b: 2\r\nX-A: 1\r\nx-B: 3\r\nHOST: h\r\nHost: other\r\n\r\n")},
     R"(#1 GET https://h / 1.1 -> 0  | closed
  > x-b=2 X-A=1 x-B=3 HOST=h Host=other {0} t0-0 g0 w64
  < -
)"},
    {"Targets",
     {Req("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\nGET http://a.test/p?q HTTP/1.1\r\nHost: h\r\n\r\n"
          "GET HTTPS://b.test HTTP/1.1\r\n\r\nGET http://c.test?q=/ HTTP/1.1\r\n\r\n"
          "GET /x://y HTTP/1.1\r\nHost: h\r\n\r\nGET /a b HTTP/1.1\r\nHost: h\r\n\r\n")},
     R"(#1 OPTIONS https://h * 1.1 -> 0  | closed
  > Host=h {0} t0-0 g0 w31
  < -
#2 GET http://a.test /p?q 1.1 -> 0  | closed
  > Host=h {0} t0-0 g0 w43
  < -
#3 GET https://b.test / 1.1 -> 0  | closed
  > {0} t0-0 g0 w31
  < -
#4 GET http://c.test /?q=/ 1.1 -> 0  | closed
  > {0} t0-0 g0 w34
  < -
#5 GET https://h /x://y 1.1 -> 0  | closed
  > Host=h {0} t0-0 g0 w32
  < -
#6 GET https://h /a b 1.1 -> 0  | closed
  > Host=h {0} t0-0 g0 w30
  < -
)"},
    {"OtherMethodsAndVersions",
     {Req("BREW /pot HTTP/1.7\r\nHost: h\r\n\r\n"),
      Res("HTTP/1.0 418 I'm a teapot: \xff\r\nContent-Length: 0\r\n\r\n")},
     R"(#1 BREW https://h /pot 1.1 -> 418 I'm a teapot: . | complete
  > Host=h {0} t0-0 g0 w31
  < Content-Length=0 {0} t1-1 g1 w51
)"},
    {"NoReason",
     {Req("GET / HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n")},
     R"(#1 GET https:// / 1.1 -> 404  | complete
  > {0} t0-0 g0 w18
  < Content-Length=0 {0} t1-1 g1 w35
)"},
};

const TestCase kEnds[] = {
    {"NothingAtAll", {}, R"()"},
    {"InRequestHead",
     {Req("GET / HTTP/1.1\r\nHost: h\r\nCoo")},
     R"(#1 GET https://h / 1.1 -> 0  | closed
  > cut Host=h {0 incomplete} t0-0 g0 w28
  < -
)"},
    {"InRequestLine", {Req("GE")}, R"(#1  https://  ? -> 0  | closed
  > cut {0 incomplete} t0-0 g0 w2
  < -
)"},
    {"InRequestBody",
     {Req("POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nab")},
     R"(#1 POST https:// / 1.1 -> 0  | closed
  > Content-Length=4 {2 incomplete ab} t0-0 g0 w40
  < -
)"},
    {"BeforeResponse", {Req("GET / HTTP/1.1\r\n\r\n")}, R"(#1 GET https:// / 1.1 -> 0  | closed
  > {0} t0-0 g0 w18
  < -
)"},
    {"InResponseHead",
     {Req("GET / HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 200 OK\r\nA: 1\r\nB")},
     R"(#1 GET https:// / 1.1 -> 200 OK | closed
  > {0} t0-0 g0 w18
  < cut A=1 {0 incomplete} t1-1 g1 w24
)"},
    {"InResponseBody",
     {Req("GET / HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab")},
     R"(#1 GET https:// / 1.1 -> 200 OK | closed
  > {0} t0-0 g0 w18
  < Content-Length=3 {2 incomplete ab} t1-1 g1 w40
)"},
    {"InChunk",
     {Req("GET / HTTP/1.1\r\n\r\n"),
      Res("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")},
     R"(#1 GET https:// / 1.1 -> 200 OK | closed
  > {0} t0-0 g0 w18
  < Transfer-Encoding=chunked {2 incomplete ab} t1-1 g1 w52
)"},
    {"InTrailers",
     {Req("GET / HTTP/1.1\r\n\r\n"),
      Res("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nA: b\r\n")},
     R"(#1 GET https:// / 1.1 -> 200 OK | closed
  > {0} t0-0 g0 w18
  < Transfer-Encoding=chunked {1 a} t1-1 g1 w62
)"},
    {"AfterInformational",
     {Req("GET / HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n")},
     R"(#1 GET https:// / 1.1 103 -> 0  | closed
  > {0} t0-0 g0 w18
  < unseen {0 incomplete} t0-1 g0 w34
)"},
};

const TestCase kPipelines[] = {
    {"InOneRun",
     {Req("GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 1\r\n\r\nxHEAD /3 "
          "HTTP/1.1\r\n\r\nGET /4 HTTP/1.1\r\n\r\n"),
      Res("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1HTTP/1.1 200 OK\r\nTransfer-Encoding: "
          "chunked\r\n\r\n1\r\n2\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"
          "HTTP/1.1 200 OK\r\n\r\n4")},
     R"(#1 GET https:// /1 1.1 -> 200 OK | complete
  > {0} t0-0 g0 w19
  < Content-Length=1 {1 1} t1-1 g1 w39
#2 POST https:// /2 1.1 -> 200 OK | complete
  > Content-Length=1 {1 x} t0-0 g0 w40
  < Transfer-Encoding=chunked {1 2} t1-1 g1 w58
#3 HEAD https:// /3 1.1 -> 200 OK | complete
  > {0} t0-0 g0 w20
  < Content-Length=3 {0} t1-1 g1 w38
#4 GET https:// /4 1.1 -> 200 OK | complete
  > {0} t0-0 g0 w19
  < {1 4} t1-1 g1 w20
)"},
    {"ResponseWithoutRequest",
     {Res("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"),
      Req("GET / HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 204 No Content\r\n\r\n")},
     R"(#1  https://  1.1 -> 408 Request Timeout | complete
  > -
  < Content-Length=0 {0} t0-0 g0 w51
#2 GET https:// / 1.1 -> 204 No Content | complete
  > {0} t1-1 g1 w18
  < {0} t2-2 g2 w27
)"},
};

TEST(Http1CasesTest, Framing) {
  for (const TestCase& test : kFraming) CheckCase(test);
}

TEST(Http1CasesTest, Heads) {
  for (const TestCase& test : kHeads) CheckCase(test);
}

TEST(Http1CasesTest, Ends) {
  for (const TestCase& test : kEnds) CheckCase(test);
}

TEST(Http1CasesTest, Pipelines) {
  for (const TestCase& test : kPipelines) CheckCase(test);
}

}  // namespace
}  // namespace gotls
