#include "select/redact_json.h"

#include <gtest/gtest.h>

#include <string>

namespace gotls {
namespace {

std::string Redacted(std::string text, std::string_view glob) {
  std::vector<SecretSpan> spans;
  FindJsonValues(text, *Regex::Compile(GlobPattern(glob), LetterCase::kIgnored), spans);
  ReplaceSpans(text, std::move(spans));
  return text;
}

struct Case {
  const char* text;
  const char* result;
};

TEST(RedactJsonTest, ReplacesValuesOfAKey) {
  const Case cases[] = {
      {R"({"pw":"s3"})", R"({"pw":"[redacted]"})"},
      {R"({"PW" : "s3", "a":1})", R"({"PW" : "[redacted]", "a":1})"},
      {R"({"pw":12.5,"a":1})", R"({"pw":"[redacted]","a":1})"},
      {R"({"pw":null})", R"({"pw":"[redacted]"})"},
      {R"({"pw":["s1",{"a":"]}"}],"b":2})", R"({"pw":"[redacted]","b":2})"},
      {R"({"pw":{"x":"}","y":"s2"},"b":2})", R"({"pw":"[redacted]","b":2})"},
      {R"({"a":{"b":[{"pw":"s3"},{"pw":"s4"}]}})",
       R"({"a":{"b":[{"pw":"[redacted]"},{"pw":"[redacted]"}]}})"},
      {R"({"pw":"a\"b\\","c":"d"})", R"({"pw":"[redacted]","c":"d"})"},
      {R"({"\u0070w":"s3"})", R"({"\u0070w":"[redacted]"})"},
      {"{\n  \"pw\" :\n    \"s3\"\n}", "{\n  \"pw\" :\n    \"[redacted]\"\n}"},
      {R"({"a":"pw","b":"c"})", R"({"a":"pw","b":"c"})"},
      {R"({"apw":"c"})", R"({"apw":"c"})"},
      {R"({"pw":""})", R"({"pw":""})"},
      {R"({"pw":"[redacted]"})", R"({"pw":"[redacted]"})"},
      // Cut off.
      {R"({"pw":"s3cr)", R"({"pw":"[redacted])"},
      {R"({"pw":"s3\)", R"({"pw":"[redacted])"},
      {R"({"pw":"s3\")", R"({"pw":"[redacted])"},
      {R"({"pw":12)", R"({"pw":"[redacted]")"},
      {R"({"pw":{"a":"b)", R"({"pw":"[redacted]")"},
      {R"({"pw":)", R"({"pw":)"},
      {R"({"pw)", R"({"pw)"},
      // JSON in a JSON string, and in one in that.
      {R"({"data":"{\"pw\":\"s3\",\"n\":1}","x":"y"})",
       R"({"data":"{\"pw\":\"[redacted]\",\"n\":1}","x":"y"})"},
      {R"({"data":"{\"pw\":3,\"n\":1}"})", R"({"data":"{\"pw\":\"[redacted]\",\"n\":1}"})"},
      {R"({"data":"{\"pw\":{\"a\":\"}\"}}"})", R"({"data":"{\"pw\":\"[redacted]\"}"})"},
      {R"({"d":"{\"d\":\"{\\\"pw\\\":\\\"s3\\\"}\"}"})",
       R"({"d":"{\"d\":\"{\\\"pw\\\":\\\"[redacted]\\\"}\"}"})"},
      {R"({"data":"{\"pw\":{\"a\":1","x":"y"})", R"({"data":"{\"pw\":\"[redacted]\"","x":"y"})"},
      // Not quite JSON.
      {R"(5" of it: {"pw":"s3"})", R"(5" of it: {"pw":"[redacted]"})"},
      {R"(data: {"pw":"s3"} {"pw":"s4"})", R"(data: {"pw":"[redacted]"} {"pw":"[redacted]"})"},
      {R"({"pw":\"s3\"})", R"({"pw":\"[redacted]\"})"},
      {R"({"pw":s3})", R"({"pw":"[redacted]"})"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Redacted(c.text, "pw"), c.result);
    EXPECT_EQ(Redacted(c.result, "pw"), c.result);
  }
}

TEST(RedactJsonTest, TakesGlobs) {
  EXPECT_EQ(Redacted(R"({"db_password":"a","passkey":"b"})", "*pass*"),
            R"({"db_password":"[redacted]","passkey":"[redacted]"})");
}

TEST(RedactJsonTest, DecodesKeysOfAnyAlphabet) {
  EXPECT_EQ(Redacted(R"({"\u00f6\u20ac":"a"})", "\xc3\xb6\xe2\x82\xac"),
            R"({"\u00f6\u20ac":"[redacted]"})");
}

TEST(RedactJsonTest, SurvivesHostileText) {
  constexpr std::size_t kMany = 200'000;
  std::string deep;
  for (std::size_t i = 0; i < kMany; ++i) deep += "{\"a\":[";
  EXPECT_EQ(Redacted(deep + "{\"pw\":1}", "pw"), deep + "{\"pw\":\"[redacted]\"}");
  EXPECT_EQ(Redacted("{\"pw\":" + deep, "pw"), "{\"pw\":\"[redacted]\"");
  const std::string huge = "{\"" + std::string(kMany, 'k') + "\":1}";
  EXPECT_EQ(Redacted(huge, "pw"), huge);
  for (const char* unit : {"\"", "\\", "\\\"", "\"\\", "\"  ", "\":", "\"pw\":", "\"pw\":{"}) {
    std::string text;
    while (text.size() < kMany) text += unit;
    const std::string once = Redacted(text, "pw");
    EXPECT_EQ(Redacted(once, "pw"), once) << unit;
  }
}

}  // namespace
}  // namespace gotls
