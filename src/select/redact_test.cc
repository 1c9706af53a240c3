#include "select/redact.h"

#include <gtest/gtest.h>

#include <functional>

#include "select/test_dump.h"
#include "select/test_subject.h"

namespace gotls {
namespace {

using testing::Dump;
using testing::MakeConnection;
using testing::MakeExchange;

Redactor Made(std::vector<std::string> rules, bool defaults = true) {
  auto redactor = Redactor::Make({defaults, std::move(rules)});
  EXPECT_TRUE(redactor.has_value());
  return *redactor;
}

// Applied twice: the second time must change nothing.
template <typename T>
std::uint64_t ApplyTwice(Redactor redactor, T& data) {
  const auto apply = [&redactor, &data] {
    if constexpr (std::is_same_v<T, Message>) {
      redactor.Apply(MakeConnection(), MakeExchange(), data);
    } else {
      redactor.Apply(MakeConnection(), data);
    }
  };
  apply();
  const std::string once = Dump(data);
  const std::uint64_t redacted = redactor.redacted();
  apply();
  EXPECT_EQ(Dump(data), once);
  EXPECT_EQ(redactor.redacted(), redacted);
  return redacted;
}

// An exchange with the secret in every text that comes from the network.
Exchange FullOf(const std::string& secret) {
  Exchange exchange = MakeExchange();
  exchange.path = "/a/" + secret + "?b=" + secret;
  for (std::string* text : {&exchange.detail, &exchange.method, &exchange.scheme, &exchange.host,
                            &exchange.upgrade, &exchange.reason}) {
    *text = "a" + secret;
  }
  exchange.rpc = Rpc{"s" + secret, secret, 1, "m " + secret, {}};
  for (HttpMessage* message : {&exchange.request, &exchange.response}) {
    message->headers.push_back({"x-" + secret, "y-" + secret});
    message->trailers.push_back({"x-" + secret, "y-" + secret});
    message->body.content = "body " + secret + " end";
    message->body.problem = "bad " + secret;
    message->body.decoded_bytes = 10;
    message->body.content_encoding = secret;
  }
  return exchange;
}

Message MessageFullOf(const std::string& secret) {
  Message message;
  message.complete = true;
  message.content = message.problem = message.name = message.event_id = "a " + secret + " b";
  message.fields = "1: \"" + secret + "\"\n";
  message.decoded_bytes = 10;
  return message;
}

TEST(RedactTest, NoTextKeepsAMatch) {
  Exchange exchange = FullOf("s3cr3t");
  EXPECT_GT(ApplyTwice(Made({"regex:s\\dcr\\dt"}), exchange), 20U);
  EXPECT_EQ(Dump(exchange).find("s3cr3t"), std::string::npos) << Dump(exchange);
  Message message = MessageFullOf("s3cr3t");
  EXPECT_EQ(ApplyTwice(Made({"regex:s\\dcr\\dt"}), message), 6U);
  EXPECT_EQ(Dump(message).find("s3cr3t"), std::string::npos) << Dump(message);
  EXPECT_EQ(message.content, Redactor::kWithheld);
}

TEST(RedactTest, DefaultsHideCredentialsInHeadersAndTrailers) {
  for (const bool defaults : {true, false}) {
    Exchange exchange = MakeExchange();
    exchange.request.headers = {{"authorization", "Bearer s3"}, {"accept", "*/*"}};
    exchange.response.headers = {{"Set-Cookie", "a=s3; Path=/"}, {"set-cookie", "b=s3"}};
    exchange.response.trailers = {{"X-Api-Key", "s3"}};
    EXPECT_EQ(ApplyTwice(Made({}, defaults), exchange), defaults ? 4U : 0U);
    EXPECT_EQ(Dump(exchange).find("s3") == std::string::npos, defaults);
    EXPECT_EQ(exchange.request.headers[0].redacted, defaults);
    EXPECT_FALSE(exchange.request.headers[1].redacted);
    EXPECT_EQ(exchange.response.trailers[0].redacted, defaults);
    EXPECT_EQ(exchange.request.headers[0].value, defaults ? "Bearer [redacted]" : "Bearer s3");
    EXPECT_EQ(exchange.response.headers[0].value,
              defaults ? "a=[redacted]; Path=/" : "a=s3; Path=/");
  }
}

TEST(RedactTest, DefaultsHideTheValueOfAnUnknownName) {
  Exchange exchange = MakeExchange();
  exchange.request.headers = {{"", "s3", false, true}};
  ApplyTwice(Made({}), exchange);
  EXPECT_EQ(exchange.request.headers[0].value, "[redacted]");
}

TEST(RedactTest, HeaderRulesHideTheWholeValue) {
  Exchange exchange = MakeExchange();
  exchange.request.headers = {{"X-Customer-Id", "s3"}, {"x-cust", "kept"}};
  exchange.response.trailers = {{"x-customer-name", "s3"}, {"Authorization", "Bearer s3"}};
  EXPECT_EQ(ApplyTwice(Made({"header:x-customer-*", "header:authorization"}, false), exchange), 3U);
  EXPECT_EQ(Dump(exchange).find("s3"), std::string::npos);
  EXPECT_EQ(exchange.response.trailers[1].value, "[redacted]");
  EXPECT_EQ(exchange.request.headers[1].value, "kept");
}

TEST(RedactTest, QueryRulesReachPathHeadersAndForms) {
  Exchange exchange = MakeExchange();
  exchange.path = "/a?token=s3&b=1";
  exchange.request.headers = {{"Referer", "https://x/?b=1&token=s3"},
                              {"content-type", "application/x-www-form-urlencoded; charset=utf-8"}};
  exchange.request.body.content = "b=1&token=s3";
  exchange.response.headers = {{"content-type", "text/plain"}};
  exchange.response.body.content = "b=1&token=kept";
  EXPECT_EQ(ApplyTwice(Made({"query:token"}), exchange), 3U);
  EXPECT_EQ(exchange.path, "/a?token=[redacted]&b=1");
  EXPECT_EQ(exchange.request.body.content, "b=1&token=[redacted]");
  EXPECT_EQ(exchange.response.body.content, "b=1&token=kept");
  EXPECT_EQ(Dump(exchange).find("s3"), std::string::npos);
}

TEST(RedactTest, JsonRulesReachBodiesAndMessages) {
  Exchange exchange = MakeExchange();
  exchange.request.body.content = R"({"user":"u","password":"s3"})";
  exchange.response.body.content = R"({"password":"s3)";
  exchange.response.body.truncated = true;
  EXPECT_EQ(ApplyTwice(Made({"json:pass*"}), exchange), 2U);
  EXPECT_EQ(exchange.request.body.content, R"({"user":"u","password":"[redacted]"})");
  EXPECT_EQ(exchange.response.body.content, R"({"password":"[redacted])");
  Message message;
  message.content = R"([1,{"password":{"a":"s3"}}])";
  EXPECT_EQ(ApplyTwice(Made({"json:password"}), message), 1U);
  EXPECT_EQ(message.content, R"([1,{"password":"[redacted]"}])");
}

TEST(RedactTest, WithholdsProtobufWhoseFieldsAreHidden) {
  Message message;
  message.complete = true;
  message.content = "\x0a\x02s3";
  message.fields = "password: \"s3\"\n";
  EXPECT_EQ(ApplyTwice(Made({"json:other"}), message), 0U);
  EXPECT_EQ(ApplyTwice(Made({"json:password"}), message), 2U);
  EXPECT_EQ(message.fields, "password: \"[redacted]\"\n");
  EXPECT_EQ(message.content, Redactor::kWithheld);
}

TEST(RedactTest, TakesTheBeginningOfASecretThatIsCut) {
  const std::function<void(Body&)> cuts[] = {[](Body& b) { b.truncated = true; },
                                             [](Body& b) { b.complete = false; },
                                             [](Body& b) { b.missing = 1; }, [](Body&) {}};
  for (const auto& cut : cuts) {
    Exchange exchange = MakeExchange();
    exchange.response.body.content = "number 1234";
    cut(exchange.response.body);
    const bool whole = exchange.response.body.complete && !exchange.response.body.truncated &&
                       exchange.response.body.missing == 0;
    ApplyTwice(Made({"regex:\\d{16}"}), exchange);
    EXPECT_EQ(exchange.response.body.content, whole ? "number 1234" : "number [redacted]");
  }
  Message message;
  message.content = "number 1234";
  ApplyTwice(Made({"regex:\\d{16}"}), message);
  EXPECT_EQ(message.content, "number [redacted]");
}

TEST(RedactTest, WithholdsWhatCannotBeSearched) {
  for (const char* rule : {"regex:zz", "json:x", "query:x", "header:zz"}) {
    const bool withheld = std::string_view(rule) != "header:zz";
    Exchange exchange = MakeExchange();
    exchange.response.body.content = "\x1f\x8b raw";
    exchange.response.body.problem = "gzip: corrupt at 3";
    exchange.response.body.decoded_bytes = 0;
    EXPECT_EQ(ApplyTwice(Made({rule}), exchange), withheld ? 1U : 0U);
    EXPECT_EQ(exchange.response.body.content,
              withheld ? std::string(Redactor::kWithheld) : "\x1f\x8b raw");
    Message message;
    message.content = "raw";
    message.problem = "compressed, by what is not known";
    EXPECT_EQ(ApplyTwice(Made({rule}), message), withheld ? 1U : 0U);
  }
}

TEST(RedactTest, WithholdsFramedBodies) {
  Exchange exchange = MakeExchange();
  exchange.application = Application::kGrpcWeb;
  exchange.response.headers = {{"content-type", "application/grpc-web-text"}};
  exchange.response.body.content = "AAAAAAA=";
  exchange.request.headers = {{"content-type", "text/html"}};
  exchange.request.body.content = "no frames: s3";
  ApplyTwice(Made({"regex:s3"}), exchange);
  EXPECT_EQ(exchange.response.body.content, Redactor::kWithheld);
  EXPECT_EQ(exchange.request.body.content, "no frames: [redacted]");
}

// `text`, ASCII, in UTF-16 (`width` 2) or UTF-32 (4).
std::string Wide(std::string_view text, std::size_t width, bool big_endian) {
  const std::string zeros(width - 1, '\0');
  std::string wide;
  for (const char c : text) wide += big_endian ? zeros + c : c + zeros;
  return wide;
}

TEST(RedactTest, WithholdsTextThatIsNotBuiltOnAscii) {
  const std::string json = R"({"password":"s3"})";
  const std::string little = Wide(json, 2, false);
  const std::string big = Wide(json, 2, true);
  struct Case {
    std::string type, content;
  };
  const Case cases[] = {
      {"application/json; charset=utf-16le", little},
      {"application/json; charset=UTF-16BE", big},
      {"application/json; charset=utf-16", "\xff\xfe" + little},
      {"application/json; charset=utf-16", json},  // that it isn't
      {"application/json", little},
      {"application/json", big},
      {"application/json", "\xfe\xff" + big},
      {"application/json", Wide(json, 4, false)},
      {"application/json", Wide(json, 4, true)},
      {"application/json; charset=utf-8", little},
      {"application/json; charset=iso-8859-1", little},
      {"application/json", "{\"a\":\"\xff\xff\",\"password\":\"s3\"}"},
      {"text/xml", "\xff\xfe" + little},
      {"text/plain", "\x2a\x4e" + little},
      {"", little},
      {"application/octet-stream", little},
      {"application/octet-stream; charset=utf-16le", "\x2a\x4e" + little},
      {"application/json; charset=utf-7", "+AHs-password"},
      {"text/html; charset=iso-2022-jp", "\x1b$B"},
      {"text/html; charset=ebcdic-cp-us", "\xa2\xf3"},
      {"text/html; charset=nonsense", "s3"},
  };
  for (const char* rule : {"json:password", "query:password", "regex:s3", "regex:[a-z ]+"}) {
    for (const Case& c : cases) {
      Exchange exchange = MakeExchange();
      exchange.response.headers = {{"Content-Type", c.type}};
      exchange.response.body.content = c.content;
      ApplyTwice(Made({rule}), exchange);
      EXPECT_EQ(exchange.response.body.content, Redactor::kWithheld) << rule << " " << c.type;
      EXPECT_TRUE(exchange.response.body.in_utf8);
    }
  }
  Exchange exchange = MakeExchange();
  exchange.response.headers = {{"content-type", cases[0].type}};
  exchange.response.body.content = little;
  EXPECT_EQ(ApplyTwice(Made({"header:x"}), exchange), 0U);
  EXPECT_EQ(exchange.response.body.content, little);
  EXPECT_FALSE(exchange.response.body.in_utf8);
}

TEST(RedactTest, SearchesWhatIsBuiltOnAscii) {
  struct Case {
    std::string type, content, redacted;
    bool in_utf8;
  };
  const Case cases[] = {
      {"application/json; charset=utf-8", R"({"pässe":"s3"})", R"({"pässe":"[redacted]"})", false},
      {"application/json; charset=latin1", "{\"p\xe4sse\":\"s\xfc\"}", R"({"pässe":"[redacted]"})",
       true},
      {"text/plain; charset=windows-1252", "\x80 s3", "€ [redacted]", true},
      {"text/plain", "\x80 s3", "\x80 [redacted]", false},
      {"application/octet-stream; charset=binary", "\xff s3", "\xff [redacted]", false},
      {"image/png; charset=iso-8859-1", "\xff s3", "\xff [redacted]", false},
      {"image/png", std::string("\xff\0 s3", 5), std::string("\xff\0 [redacted]", 13), false},
  };
  for (const Case& c : cases) {
    Exchange exchange = MakeExchange();
    exchange.response.headers = {{"content-type", c.type}};
    exchange.response.body.content = c.content;
    EXPECT_EQ(ApplyTwice(Made({"json:pässe", "regex:s3"}), exchange), 1U) << c.type;
    EXPECT_EQ(exchange.response.body.content, c.redacted) << c.type;
    EXPECT_EQ(exchange.response.body.in_utf8, c.in_utf8) << c.type;
  }
  Exchange cut = MakeExchange();
  cut.response.body.content = "{\"password\":\"s3\",\"a\":\"\xc3";
  cut.response.body.truncated = true;
  EXPECT_EQ(ApplyTwice(Made({"json:password"}), cut), 1U);
  EXPECT_EQ(cut.response.body.content, "{\"password\":\"[redacted]\",\"a\":\"\xc3");
}

TEST(RedactTest, WithholdsMessagesInUtf16) {
  const std::string wide = Wide(R"({"password":"s3"})", 2, false);
  for (const MessageKind kind :
       {MessageKind::kText, MessageKind::kBinary, MessageKind::kEvent, MessageKind::kRpc}) {
    Message message;
    message.kind = kind;
    message.complete = true;
    message.decoded_bytes = wide.size();
    message.content = wide;
    EXPECT_EQ(ApplyTwice(Made({"json:password", "regex:[a-z ]+"}), message), 1U);
    EXPECT_EQ(message.content, Redactor::kWithheld);
  }
  Message frames;
  frames.kind = MessageKind::kBinary;
  frames.complete = true;
  frames.decoded_bytes = 6;
  frames.content = std::string("\1\0\xff s3", 6);
  EXPECT_EQ(ApplyTwice(Made({"regex:s3"}), frames), 1U);
  EXPECT_EQ(frames.content, std::string("\1\0\xff [redacted]", 14));
}

TEST(RedactTest, RulesDoNotHinderEachOther) {
  Exchange exchange = MakeExchange();
  exchange.path = "/a?token=s3&key=s4";
  ApplyTwice(Made({"regex:token=.*", "query:token"}), exchange);
  EXPECT_EQ(exchange.path, "/a?[redacted]");
}

TEST(RedactTest, ComesToAnEndWithPatternsThatMatchTheirMark) {
  for (const char* rule : {"regex:[a-z]+", "regex:.*", "regex:A|\\]x", "regex:\\]?.",
                           "regex:(?s).+", "regex:\\[|x\\[", "regex:^."}) {
    Exchange exchange = FullOf("Axxxxxxxx");
    ApplyTwice(Made({rule}), exchange);
  }
}

}  // namespace
}  // namespace gotls
