// Gaps, bytes that break the protocol, connections that were joined in the middle.
#include <gtest/gtest.h>

#include "decode/http1/test_cases.h"

namespace gotls {
namespace {

using testing::CheckCase;
using testing::Req;
using testing::ReqGap;
using testing::Res;
using testing::ResGap;
using testing::TestCase;

const TestCase kGapsInBodies[] = {
    {"KnownLength",
     {Req("PUT /1 HTTP/1.1\r\nContent-Length: 9\r\n\r\nab"), ReqGap(3), Req("cd"), ReqGap(2),
      Res("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n"), ResGap(7), Res("z"),
      Req("GET /2 HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")},
     R"(#1 PUT https:// /1 1.1 -> 200 OK | complete
  > Content-Length=9 {4+5 missing incomplete ab} t0-3 g0 w42
  < Content-Length=8 {1+7 missing incomplete} t4-6 g4 w39
#2 GET https:// /2 1.1 -> 200 OK | complete
  > {0} t7-7 g7 w19
  < Content-Length=1 {1 x} t8-8 g8 w39
)"},
    {"BeyondTheEndOfTheResponse",
     {Req("GET /1 HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"),
      ResGap(10), Res("HTTP/1.1 200 OK\r\n\r\nnot believed"), Req("GET /2 HTTP/1.1\r\n\r\n"),
      Res("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")},
     R"(#1 GET https:// /1 1.1 -> 200 OK | complete
  > {0} t0-0 g0 w19
  < Content-Length=9 {3+6 missing incomplete abc} t1-2 g1 w41
#2 GET https:// /2 1.1 -> 200 OK | complete
  > {0} t4-4 g4 w19
  < Content-Length=1 {1 x} t5-5 g5 w39
)"},
    {"BeyondTheEndOfTheRequest",
     {Req("PUT /1 HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc"), ReqGap(100),
      Req("GET /body HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
      Res("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"), Req("GET /3 HTTP/1.1\r\n\r\n"),
      Res("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")},
     R"(#1 PUT https:// /1 1.1 -> 200 OK | complete
  > Content-Length=9 {3+6 missing incomplete abc} t0-1 g0 w41
  < Content-Length=0 {0} t3-3 g3 w38
#2  https://  1.1 -> 201 Created | complete
  > -
  < Content-Length=0 {0} t4-4 g4 w43
#3 GET https:// /3 1.1 -> 202 Accepted | complete
  > {0} t5-5 g5 w19
  < Content-Length=0 {0} t6-6 g6 w44
)"},
    {"InsideAChunk",
     {Req("GET /1 HTTP/1.1\r\n\r\n"),
      Res("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nab"), ResGap(4),
      Res("gh\r\n4\r\n"), ResGap(4), Res("\r\n0\r\n\r\n"), Req("GET /2 HTTP/1.1\r\n\r\n"),
      Res("HTTP/1.1 204 No Content\r\n\r\n")},
     R"(#1 GET https:// /1 1.1 -> 200 OK | complete
  > {0} t0-0 g0 w19
  < Transfer-Encoding=chunked {4+8 missing incomplete ab} t1-5 g1 w66
#2 GET https:// /2 1.1 -> 204 No Content | complete
  > {0} t6-6 g6 w19
  < {0} t7-7 g7 w27
)"},
    {"BeyondAChunk",
     {Req("GET /1 HTTP/1.1\r\n\r\n"),
      Res("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nab"), ResGap(7),
      Res("0\r\n\r\n"), Req("GET /2 HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 204 No Content\r\n\r\n")},
     R"(#1 GET https:// /1 1.1 -> 200 OK | gap: 7 bytes missing in the response's chunks
  > {0} t0-0 g0 w19
  < Transfer-Encoding=chunked {2+6 missing incomplete ab} t1-2 g1 w52
#2 GET https:// /2 1.1 -> 204 No Content | complete
  > {0} t4-4 g4 w19
  < {0} t5-5 g5 w27
)"},
    {"InAChunksSize",
     {Req("POST /1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"), ReqGap(2), Req("\nabc"),
      Res("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), Req("GET /2 HTTP/1.1\r\n\r\n"),
      Res("HTTP/1.1 204 No Content\r\n\r\n")},
     R"(#1 POST https:// /1 1.1 -> 400 Bad Request | gap: 2 bytes missing in the request's chunks
  > Transfer-Encoding=chunked {0 incomplete} t0-0 g0 w48
  < Content-Length=0 {0} t3-3 g3 w47
#2 GET https:// /2 1.1 -> 204 No Content | complete
  > {0} t4-4 g4 w19
  < {0} t5-5 g5 w27
)"},
    {"InTrailers",
     {Req("POST /1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nA: "), ReqGap(2),
      Req("\r\n\r\n"), Res("HTTP/1.1 204 No Content\r\n\r\n")},
     R"(#1 POST https:// /1 1.1 -> 204 No Content | gap: 2 bytes missing in the request's trailers
  > Transfer-Encoding=chunked {1 x} t0-0 g0 w60
  < {0} t3-3 g3 w27
)"},
    {"UntilClose",
     {Req("GET / HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 200 OK\r\n\r\nab"), ResGap(1 << 20), Res("cd")},
     R"(#1 GET https:// / 1.1 -> 200 OK | complete
  > {0} t0-0 g0 w18
  < {4+1048576 missing incomplete ab} t1-3 g1 w23
)"},
};

const TestCase kGapsElsewhere[] = {
    {"InRequestHead",
     {Req("GET /1 HTTP/1.1\r\nHost: h\r\nCookie: a"), ReqGap(20), Req("\r\n\r\n"),
      Res("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), Req("GET /2 HTTP/1.1\r\n\r\n"),
      Res("HTTP/1.1 204 No Content\r\n\r\n")},
     R"(#1 GET https://h /1 1.1 -> 200 OK | gap: 20 bytes missing in the request's head
  > cut Host=h {0 incomplete} t0-0 g0 w35
  < Content-Length=2 {2 ok} t3-3 g3 w40
#2 GET https:// /2 1.1 -> 204 No Content | complete
  > {0} t4-4 g4 w19
  < {0} t5-5 g5 w27
)"},
    {"InRequestLineOfHead",
     {Req("HE"), ReqGap(30), Res("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"),
      Req("GET /2 HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")},
     R"(#1  https://  1.1 -> 200 OK | gap: 30 bytes missing in the request's head
  > cut {0 incomplete} t0-0 g0 w2
  < Content-Length=20 {0} t2-2 g2 w39
#2 GET https:// /2 1.1 -> 200 OK | complete
  > {0} t3-3 g3 w19
  < Content-Length=1 {1 x} t4-4 g4 w39
)"},
    {"UnknownMethodWithBody",
     {ReqGap(30), Res("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nHTTP/2!"),
      Req("GET /2 HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 204 No Content\r\n\r\n")},
     R"(#1  https://  1.1 -> 200 OK | complete
  > -
  < Content-Length=7 {7 HTTP/2!} t1-1 g1 w45
#2 GET https:// /2 1.1 -> 204 No Content | complete
  > {0} t2-2 g2 w19
  < {0} t3-3 g3 w27
)"},
    {"UnknownMethodsOneAfterTheOther",
     {ReqGap(30), Res("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"),
      Res("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")},
     R"(#1  https://  1.1 -> 200 OK | complete
  > -
  < Content-Length=20 {0} t1-1 g1 w39
#2  https://  1.1 -> 200 OK | complete
  > -
  < Content-Length=3 {3 abc} t2-2 g2 w41
)"},
    {"UnknownMethodGapWhereTheBodyMayBe",
     {ReqGap(30), Res("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"), ResGap(20)},
     R"(#1  https://  1.1 -> 200 OK | gap: 20 bytes missing where the response's body may begin
  > -
  < Content-Length=20 {0 incomplete} t1-1 g1 w39
)"},
    {"InResponseHead",
     {Req("GET /1 HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 200 OK\r\nA: b\r\nC"), ResGap(10),
      Res(" d\r\n\r\nbody"), Req("GET /2 HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 204 None\r\n\r\n")},
     R"(#1 GET https:// /1 1.1 -> 200 OK | gap: 10 bytes missing in the response's head
  > {0} t0-0 g0 w19
  < cut A=b {0 incomplete} t1-1 g1 w24
#2 GET https:// /2 1.1 -> 204 None | complete
  > {0} t4-4 g4 w19
  < {0} t5-5 g5 w21
)"},
    {"BeforeResponse",
     {Req("GET /1 HTTP/1.1\r\n\r\n"), ResGap(10), Res("HTTP/1.1 200 OK\r\n\r\n"),
      Req("GET /2 HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 204 None\r\n\r\n")},
     R"(#1 GET https:// /1 1.1 -> 0  | gap: 10 bytes missing where the response begins
  > {0} t0-0 g0 w19
  < -
#2 GET https:// /2 1.1 -> 204 None | complete
  > {0} t3-3 g3 w19
  < {0} t4-4 g4 w21
)"},
    {"FalseStartAfterTheNextRequest",
     {Req("GET /1 HTTP/1.1\r\n\r\n"), ResGap(10), Req("GET /2 HTTP/1.1\r\n\r\n"), Res("tail"),
      Res("HTTP/1.1 204 None\r\n\r\n")},
     R"(#1 GET https:// /1 1.1 -> 0  | gap: 10 bytes missing where the response begins
  > {0} t0-0 g0 w19
  < -
#2 GET https:// /2 1.1 -> 0  | gap: the start of the response was not found
  > {0} t2-2 g2 w19
  < -
)"},
    {"ResponsesOfAPipeline",
     {Req("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n"), ResGap(10),
      Res("HTTP/1.1 204 None\r\n\r\n"), Req("GET /3 HTTP/1.1\r\n\r\n"),
      Res("HTTP/1.1 204 None\r\n\r\n")},
     R"(#1 GET https:// /1 1.1 -> 0  | gap: 10 bytes missing where the response begins
  > {0} t0-0 g0 w19
  < -
#2 GET https:// /2 1.1 -> 0  | gap: 10 bytes missing where the response begins
  > {0} t0-0 g0 w19
  < -
#3  https://  1.1 -> 204 None | complete
  > -
  < {0} t2-2 g2 w21
#4 GET https:// /3 1.1 -> 0  | gap: which response is its own can't be told
  > {0} t3-3 g3 w19
  < -
#5  https://  1.1 -> 204 None | complete
  > -
  < {0} t4-4 g4 w21
)"},
    {"RequestsOfAPipeline",
     {Req("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n"), ReqGap(10),
      Req("GET /4 HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 201 One\r\nContent-Length: 0\r\n\r\n"),
      Res("HTTP/1.1 202 Two\r\nContent-Length: 0\r\n\r\n"),
      Res("HTTP/1.1 203 Three\r\nContent-Length: 0\r\n\r\n"),
      Res("HTTP/1.1 204 Four\r\nContent-Length: 0\r\n\r\n")},
     R"(#3 GET https:// /4 1.1 -> 0  | gap: which response is its own can't be told
  > {0} t2-2 g2 w19
  < -
#1 GET https:// /1 1.1 -> 201 One | complete
  > {0} t0-0 g0 w19
  < Content-Length=0 {0} t3-3 g3 w39
#2 GET https:// /2 1.1 -> 202 Two | complete
  > {0} t0-0 g0 w19
  < Content-Length=0 {0} t4-4 g4 w39
#4  https://  1.1 -> 203 Three | complete
  > -
  < Content-Length=0 {0} t5-5 g5 w41
#5  https://  1.1 -> 204 Four | complete
  > -
  < Content-Length=0 {0} t6-6 g6 w40
)"},
    {"PipelineFoundAfterAGap",
     {ReqGap(10), Req("GET /2 HTTP/1.1\r\n\r\n"), Req("GET /3 HTTP/1.1\r\n\r\n"),
      Res("HTTP/1.1 201 One\r\nContent-Length: 0\r\n\r\n"),
      Res("HTTP/1.1 202 Two\r\nContent-Length: 0\r\n\r\n")},
     R"(#1 GET https:// /2 1.1 -> 0  | gap: which response is its own can't be told
  > {0} t1-1 g1 w19
  < -
#2 GET https:// /3 1.1 -> 0  | gap: which response is its own can't be told
  > {0} t2-2 g2 w19
  < -
#3  https://  1.1 -> 201 One | complete
  > -
  < Content-Length=0 {0} t3-3 g3 w39
#4  https://  1.1 -> 202 Two | complete
  > -
  < Content-Length=0 {0} t4-4 g4 w39
)"},
};

const TestCase kJoined[] = {
    {"MidRequestBody",
     {Req("{\"tail\":1}"), Res("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
      Req("GET /2 HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 204 None\r\n\r\n")},
     R"(#1  https://  1.1 -> 200 OK | complete
  > -
  < Content-Length=2 {2 ok} t1-1 g1 w40
#2 GET https:// /2 1.1 -> 204 None | complete
  > {0} t2-2 g2 w19
  < {0} t3-3 g3 w21
)",
     true},
    {"MidResponseBody",
     {Res("tail"), Req("GET /2 HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 204 None\r\n\r\n")},
     R"(#1 GET https:// /2 1.1 -> 204 None | complete
  > {0} t1-1 g1 w19
  < {0} t2-2 g2 w21
)",
     true},
    {"NotAStartLineAfterAll",
     {Req("GET"), Req("GET /1 HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 204 None\r\n\r\n"),
      Req("POST /2 HTTP/3\r\n"), Req("GET /3 HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 204 None\r\n\r\n")},
     R"(#1 GET https:// /1 1.1 -> 204 None | complete
  > {0} t1-1 g1 w19
  < {0} t2-2 g2 w21
#2  https://  1.1 -> 204 None | malformed: request: not a request line
  > {0 incomplete} t3-4 g3
  < {0} t5-5 g5
)",
     true},
};

const TestCase kMalformed[] = {
    {"NoRequestLine",
     {Req("hello there\r\n\r\n"), Res("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
      Req("GET /2 HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 204 None\r\n\r\n")},
     R"(#1  https://  1.1 -> 400 Bad Request | malformed: request: not a request line
  > {0 incomplete} t0-0 g0
  < Content-Length=0 {0} t1-1 g1
#2 GET https:// /2 1.1 -> 204 None | complete
  > {0} t2-2 g2 w19
  < {0} t3-3 g3 w21
)"},
    {"Binary",
     {Req(std::string_view("\x16\x03\x01\x00\n\n", 6)), Res("\x80\x81\n\n")},
     R"(#1  https://  ? -> 0  | malformed: request: not a request line
  > {0 incomplete} t0-0 g0
  < {0 incomplete} t1-1 g1
)"},
    {"WrongVersion",
     {Req("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")},
     R"(#1  https://  ? -> 0  | malformed: request: not a request line
  > {0 incomplete} t0-0 g0
  < -
)"},
    {"NoStatusLine",
     {Req("GET /1 HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 2OO OK\r\n\r\n"),
      Req("GET /2 HTTP/1.1\r\n\r\n"), Res("HTTP/1.1 204 None\r\n\r\n")},
     R"(#1 GET https:// /1 1.1 -> 0  | malformed: response: not a status line
  > {0} t0-0 g0
  < {0 incomplete} t1-1 g1
#2 GET https:// /2 1.1 -> 204 None | complete
  > {0} t2-2 g2 w19
  < {0} t3-3 g3 w21
)"},
    {"DifferentLengths",
     {Req("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")},
     R"(#1 POST https:// / 1.1 -> 0  | malformed: request: no clear Content-Length
  > Content-Length=1 Content-Length=2 {0 incomplete} t0-0 g0
  < -
)"},
    {"LengthIsNoNumber",
     {Req("POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\na")},
     R"(#1 POST https:// / 1.1 -> 0  | malformed: request: no clear Content-Length
  > Content-Length=+1 {0 incomplete} t0-0 g0
  < -
)"},
    {"LengthIsNegative",
     {Req("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\na")},
     R"(#1 POST https:// / 1.1 -> 0  | malformed: request: no clear Content-Length
  > Content-Length=-1 {0 incomplete} t0-0 g0
  < -
)"},
    {"LengthIsEmpty",
     {Req("POST / HTTP/1.1\r\nContent-Length:\r\n\r\na")},
     R"(#1 POST https:// / 1.1 -> 0  | malformed: request: no clear Content-Length
  > Content-Length= {0 incomplete} t0-0 g0
  < -
)"},
    {"LengthOverflows",
     {Req("POST / HTTP/1.1\r\nContent-Length: 9223372036854775808\r\n\r\na")},
     R"(#1 POST https:// / 1.1 -> 0  | malformed: request: no clear Content-Length
  > Content-Length=9223372036854775808 {0 incomplete} t0-0 g0
  < -
)"},
    {"RequestWithoutEnd",
     {Req("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\na")},
     R"(#1 POST https:// / 1.1 -> 0  | malformed: request: the last transfer coding is not chunked
  > Transfer-Encoding=gzip {0 incomplete} t0-0 g0
  < -
)"},
    {"NoColon",
     {Req("GET / HTTP/1.1\r\nHost: h\r\nnonsense\r\n\r\n")},
     R"(#1 GET https://h / 1.1 -> 0  | malformed: request: a field has no colon
  > Host=h {0 incomplete} t0-0 g0
  < -
)"},
    {"BlankBeforeColon",
     {Req("GET / HTTP/1.1\r\nContent-Length : 1\r\n\r\nx")},
     R"(#1 GET https:// / 1.1 -> 0  | malformed: request: a field's name is no token
  > {0 incomplete} t0-0 g0
  < -
)"},
    {"NothingToFold",
     {Req("GET / HTTP/1.1\r\n folded: 1\r\n\r\n")},
     R"(#1 GET https:// / 1.1 -> 0  | malformed: request: a folded line folds nothing
  > {0 incomplete} t0-0 g0
  < -
)"},
    {"ChunkSize",
     {Req("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nxyz\r\n")},
     R"(#1 POST https:// / 1.1 -> 0  | malformed: request: a chunk that is none
  > Transfer-Encoding=chunked {2 incomplete ab} t0-0 g0
  < -
)"},
    {"ChunkSizeIsEmpty",
     {Req("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\r\n")},
     R"(#1 POST https:// / 1.1 -> 0  | malformed: request: a chunk that is none
  > Transfer-Encoding=chunked {0 incomplete} t0-0 g0
  < -
)"},
    {"ChunkSizeOverflows",
     {Req("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n")},
     R"(#1 POST https:// / 1.1 -> 0  | malformed: request: a chunk that is none
  > Transfer-Encoding=chunked {0 incomplete} t0-0 g0
  < -
)"},
    {"ChunkEnd",
     {Req("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc")},
     R"(#1 POST https:// / 1.1 -> 0  | malformed: request: a chunk that is none
  > Transfer-Encoding=chunked {2 incomplete ab} t0-0 g0
  < -
)"},
    {"Trailers",
     {Req("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: 1\r\nnonsense\r\n\r\n")},
     R"(#1 POST https:// / 1.1 -> 0  | malformed: request: a field has no colon
  > Transfer-Encoding=chunked {0} A=1 t0-0 g0
  < -
)"},
};

TEST(Http1LossTest, GapsInBodies) {
  for (const TestCase& test : kGapsInBodies) CheckCase(test);
}

TEST(Http1LossTest, GapsElsewhere) {
  for (const TestCase& test : kGapsElsewhere) CheckCase(test);
}

TEST(Http1LossTest, Joined) {
  for (const TestCase& test : kJoined) CheckCase(test);
}

TEST(Http1LossTest, Malformed) {
  for (const TestCase& test : kMalformed) CheckCase(test);
}

}  // namespace
}  // namespace gotls
