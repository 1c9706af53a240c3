// Names, addresses, times, hexdumps: the small parts of the formats.
#include <gtest/gtest.h>

#include <limits>

#include "sink/endpoint_text.h"
#include "sink/hexdump.h"
#include "sink/time_text.h"
#include "sink/tls_names.h"

namespace gotls {
namespace {

TEST(TlsNames, Known) {
  EXPECT_EQ(TlsVersionName(0x0304), "TLS 1.3");
  EXPECT_EQ(TlsVersionName(0x0301), "TLS 1.0");
  EXPECT_EQ(CipherSuiteName(0x1301), "TLS_AES_128_GCM_SHA256");
  EXPECT_EQ(CipherSuiteName(0xcca9), "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");
}

TEST(TlsNames, Unknown) {
  EXPECT_EQ(TlsVersionName(0), "");
  EXPECT_EQ(TlsVersionName(0x7f1c), "0x7f1c");
  EXPECT_EQ(CipherSuiteName(0), "");
  EXPECT_EQ(CipherSuiteName(0x99), "0x0099");
}

TEST(EndpointText, EveryFamily) {
  EXPECT_EQ(EndpointText({}), "");
  EXPECT_EQ(EndpointText({AddressFamily::kIpv4, {10, 0, 0, 255}, 443, {}}), "10.0.0.255:443");
  EXPECT_EQ(EndpointText({AddressFamily::kIpv6, {0x20, 1, 0xd, 0xb8}, 80, {}}), "[2001:db8::]:80");
  EXPECT_EQ(EndpointText({AddressFamily::kUnix, {}, 0, "/run/x"}), "unix:/run/x");
  EXPECT_EQ(EndpointText({AddressFamily::kUnix, {}, 0, "@abstract"}), "unix:@abstract");
  EXPECT_EQ(EndpointText({AddressFamily::kUnix, {}, 0, ""}), "unix:");
}

WallTime At(std::int64_t ns) { return WallTime{std::chrono::nanoseconds{ns}}; }

std::string Rfc3339(std::int64_t ns) {
  Rfc3339Writer writer;
  std::string out;
  writer.Append(out, At(ns));
  return out;
}

TEST(TimeText, Rfc3339) {
  EXPECT_EQ(Rfc3339(0), "1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(Rfc3339(1'772'366'671'000'000'042), "2026-03-01T12:04:31.000000042Z");
  EXPECT_EQ(Rfc3339(-1), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(Rfc3339(std::numeric_limits<std::int64_t>::min()), "1677-09-21T00:12:43.145224192Z");
  EXPECT_EQ(Rfc3339(std::numeric_limits<std::int64_t>::max()), "2262-04-11T23:47:16.854775807Z");
}

TEST(TimeText, Clock) {
  ClockWriter clock(true);
  EXPECT_EQ(clock.NewDay(At(1'772'366'671'000'000'000)), "2026-03-01 UTC");
  EXPECT_EQ(clock.NewDay(At(1'772'366'672'000'000'000)), "");
  std::string out;
  clock.Append(out, At(1'772'366'671'508'112'999));
  EXPECT_EQ(out, "12:04:31.508112");
  EXPECT_EQ(clock.NewDay(At(1'772'466'671'000'000'000)), "2026-03-02 UTC");
}

TEST(Hexdump, Lines) {
  std::string out;
  AppendHexdump(out, "#1 > ", 0, AsBytes("GET / HTTP/1.1\r\nHo"));
  EXPECT_EQ(out,
            "#1 > 00000000  47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a  |GET / HTTP/1.1..|\n"
            "#1 > 00000010  48 6f                                             |Ho|\n");
}

TEST(Hexdump, FarPositions) {
  std::string out;
  AppendHexdump(out, "", 0x1'0000'0000, AsBytes("\xff"));
  EXPECT_EQ(out.substr(0, 20), "0000000100000000  ff");
  out.clear();
  AppendHexdump(out, "", ~std::uint64_t{0} - 3, AsBytes(std::string(20, 'x')));  // no overflow trap
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 2);
}

}  // namespace
}  // namespace gotls
