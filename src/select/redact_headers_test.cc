#include "select/redact_headers.h"

#include <gtest/gtest.h>

#include <string>

namespace gotls {
namespace {

struct Case {
  const char* name;
  const char* value;
  const char* result;
};

TEST(RedactHeadersTest, KeepsWhatIsNoSecret) {
  const Case cases[] = {
      {"Authorization", "Bearer abc.def", "Bearer [redacted]"},
      {"AUTHORIZATION", "basic  dXNlcjpwdw==", "basic  [redacted]"},
      {"authorization", "Digest username=\"u\", response=\"r\"", "Digest [redacted]"},
      {"authorization", "abcdef", "[redacted]"},
      {"authorization", "abc def", "[redacted]"},
      {"authorization", "Bearer ", "Bearer "},
      {"authorization", "", ""},
      {"Proxy-Authorization", "Basic eHg=", "Basic [redacted]"},
      {"X-Forwarded-Authorization", "Bearer x", "Bearer [redacted]"},
      {"Cookie", "session=s3cret; theme=dark", "session=[redacted]; theme=[redacted]"},
      {"cookie", "a=b=c;d=", "a=[redacted];d="},
      {"cookie", "nameless; a=1", "[redacted]; a=[redacted]"},
      {"cookie", "a=\"x; y=z\"; b=1", "a=[redacted]; b=[redacted]"},
      {"cookie", "a=\"x; y=z", "a=[redacted]"},
      {"cookie", ";;", ";;"},
      {"Set-Cookie", "sid=abc; Path=/; HttpOnly; Max-Age=60",
       "sid=[redacted]; Path=/; HttpOnly; Max-Age=60"},
      {"set-cookie", "sid=abc; Expires=Wed, 09 Jun 2027 10:18:14 GMT; Secure",
       "sid=[redacted]; Expires=Wed, 09 Jun 2027 10:18:14 GMT; Secure"},
      {"set-cookie", "sid=abc; Path=/, other=def; Secure",
       "sid=[redacted]; Path=[redacted]; Secure"},
      {"set-cookie", "sid=abc; Expires=Wed, 09 Jun 2027 10:18:14 GMT, o=d",
       "sid=[redacted]; Expires=[redacted]"},
      {"set-cookie", "sid=abc; token", "sid=[redacted]; [redacted]"},
      {"X-Api-Key", "k1", "[redacted]"},
      {"x-amz-security-token", "t", "[redacted]"},
  };
  for (const Case& c : cases) {
    ASSERT_TRUE(IsCredentialHeader(c.name)) << c.name;
    std::vector<SecretSpan> spans;
    FindCredentials(c.name, c.value, spans);
    std::string value = c.value;
    ReplaceSpans(value, spans);
    EXPECT_EQ(value, c.result) << c.name;
    spans.clear();
    FindCredentials(c.name, value, spans);
    EXPECT_EQ(ReplaceSpans(value, spans), 0U) << value;
  }
}

TEST(RedactHeadersTest, KnowsTheHeaders) {
  for (const char* name :
       {"apikey", "Api-Key", "X-Auth-Token", "X-Csrf-Token", "X-XSRF-TOKEN", "X-Vault-Token",
        "X-Goog-Api-Key", "X-Forwarded-Access-Token", "PRIVATE-TOKEN", "Cookie2", "set-cookie"}) {
    EXPECT_TRUE(IsCredentialHeader(name)) << name;
  }
  for (const char* name : {"", "host", "content-type", "x-request-id", "authorizatio",
                           "authorization2", "www-authenticate"}) {
    EXPECT_FALSE(IsCredentialHeader(name)) << name;
  }
  EXPECT_FALSE(IsCredentialHeader(std::string(1 << 20, 'a')));
}

}  // namespace
}  // namespace gotls
