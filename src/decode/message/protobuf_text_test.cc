#include "decode/message/protobuf_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>

namespace gotls {
namespace {

using namespace std::string_literals;

std::string Varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7U) out += static_cast<char>(value | 0x80U);
  return out + static_cast<char>(value);
}

std::string Tag(std::uint64_t number, unsigned type) { return Varint(number << 3U | type); }

std::string Bytes(std::uint64_t number, std::string_view bytes) {
  return Tag(number, 2) + Varint(bytes.size()) + std::string(bytes);
}

TEST(ProtobufText, Table) {
  const std::pair<std::string, std::string> cases[] = {
      {"", ""},
      {"\x08\x96\x01", "1: 150\n"},
      {"\x0d\x01\0\0\x80"s, "1: 0x80000001\n"},
      {"\x09\x01\0\0\0\0\0\0\x80"s, "1: 0x8000000000000001\n"},
      {Bytes(2, "testing"), "2: \"testing\"\n"},
      {Bytes(2, ""), "2: \"\"\n"},
      {Bytes(2, "a\n\r\t\"'\\\x01\xc3\xa4"), "2: \"a\\n\\r\\t\\\"\\'\\\\\\001\\303\\244\"\n"},
      {Bytes(3, "\x08\x01"), "3 {\n  1: 1\n}\n"},
      {Bytes(3, Bytes(1, "\x08\x01")), "3 {\n  1 {\n    1: 1\n  }\n}\n"},
      {Tag(4, 3) + "\x08\x01" + Tag(4, 4), "4 {\n  1: 1\n}\n"},
      {Tag(4, 3) + Tag(4, 4), "4 {\n}\n"},
      {Tag(536870911, 0) + Varint(UINT64_MAX), "536870911: 18446744073709551615\n"},
      {"\x08\x01\x08", "1: 1\n# not protobuf: 1 bytes: 08\n"},
      {"\x08\x01\x00\x01"s, "1: 1\n# not protobuf: 2 bytes: 00 01\n"},
      {Tag(4, 4), "# not protobuf: 1 bytes: 24\n"},
      {Tag(4, 3) + Tag(5, 4), "# not protobuf: 2 bytes: 23 2c\n"},
      {Bytes(1, "abc").substr(0, 4), "# not protobuf: 4 bytes: 0a 03 61 62\n"},
      {"\x0e", "# not protobuf: 1 bytes: 0e\n"},
      {std::string(40, '\xff'), "# not protobuf: 40 bytes:" +
                                    [] {
                                      std::string text;
                                      for (int i = 0; i < 32; ++i) text += " ff";
                                      return text + " ...\n";
                                    }()},
  };
  for (const auto& [content, text] : cases) EXPECT_EQ(ProtobufText(content), text);
}

TEST(ProtobufText, HostileNestingIsBounded) {
  std::string deep;
  for (int i = 0; i < 2000; ++i) deep = Bytes(1, deep);
  EXPECT_LT(ProtobufText(deep).size(), 100'000);
  EXPECT_THAT(ProtobufText(std::string(100'000, '\x0b')), testing::StartsWith("# not protobuf"));
  std::string wide;
  for (int i = 0; i < 100; ++i) wide += '\x0b';
  for (int i = 0; i < 30'000; ++i) wide += "\x08\x01";
  for (int i = 0; i < 100; ++i) wide += '\x0c';
  const std::string text = ProtobufText(wide, 10'000);
  EXPECT_LT(text.size(), 11'000);
  EXPECT_TRUE(text.ends_with("\n# cut\n"));
  EXPECT_EQ(ProtobufText(Bytes(1, std::string(1000, '\xff')), 100), "# cut\n");
}

// What the real tool prints; none: it could not parse it.
class Protoc {
 public:
  Protoc() {
    std::string name = std::filesystem::temp_directory_path() / "gotls-protobuf-XXXXXX";
    close(mkstemp(name.data()));
    file_ = name;
  }
  ~Protoc() { std::filesystem::remove(file_); }
  Protoc(const Protoc&) = delete;
  Protoc& operator=(const Protoc&) = delete;

  static bool IsThere() { return std::system("protoc --version >/dev/null 2>&1") == 0; }

  std::optional<std::string> DecodeRaw(const std::string& content) const {
    std::ofstream(file_, std::ios::binary) << content;
    FILE* pipe = popen(("protoc --decode_raw <" + file_ + " 2>/dev/null").c_str(), "r");
    std::string text;
    std::array<char, 4096> buffer;
    while (const std::size_t size = fread(buffer.data(), 1, buffer.size(), pipe)) {
      text.append(buffer.data(), size);
    }
    if (pclose(pipe) != 0) return std::nullopt;
    return text;
  }

 private:
  std::string file_;
};

class Generator {
 public:
  std::string Message(int depth, unsigned fields) {
    std::string out;
    for (unsigned i = 0; i < fields; ++i) out += Field(depth);
    return out;
  }

  std::uint32_t Below(std::size_t bound) { return static_cast<std::uint32_t>(random_() % bound); }

 private:
  std::string Field(int depth) {
    const std::uint32_t number = Below(8) > 0 ? 1 + Below(20) : 1 + Below((1U << 29U) - 1);
    switch (Below(depth > 0 ? 8 : 6)) {
      case 0:
        return Tag(number, 0) + Varint(random_() >> Below(64));
      case 1:
        return Tag(number, 1) + Junk(8);
      case 2:
        return Tag(number, 5) + Junk(4);
      case 3:
        return Bytes(number, Junk(Below(12)));
      case 4:
        return Bytes(number, Text(Below(12)));
      case 5: {  // packed
        std::string packed;
        for (auto n = Below(5); n > 0; --n) packed += Varint(random_() >> Below(64));
        return Bytes(number, packed);
      }
      case 6:
        return Tag(number, 3) + Message(depth - 1, Below(3)) + Tag(number, 4);
      default:
        return Bytes(number, Message(depth - 1, 1 + Below(3)));
    }
  }

  std::string Junk(std::size_t size) {
    std::string out(size, '\0');
    for (char& c : out) c = static_cast<char>(random_());
    return out;
  }

  std::string Text(std::size_t size) {
    static constexpr std::string_view kLetters = "abc XYZ09\n\t\"'\\-\x7f";
    std::string out(size, ' ');
    for (char& c : out) c = kLetters[Below(kLetters.size())];
    return out;
  }

  std::mt19937_64 random_{4};
};

TEST(ProtobufText, IsWhatProtocPrints) {
  if (!Protoc::IsThere()) GTEST_SKIP() << "protoc is not installed";
  const Protoc protoc;
  Generator generator;
  int refused = 0;
  for (int i = 0; i < 120; ++i) {
    std::string content;
    // Many messages in one run of the tool: wrapped, so that the broken ones among them are bytes.
    for (std::uint64_t n = 1; n <= 20; ++n) {
      std::string message = generator.Message(14, 1 + generator.Below(6));
      if (generator.Below(3) == 0) message[generator.Below(message.size())] ^= 0x11;
      content += Bytes(n, message);
    }
    if (i % 4 == 0) content = generator.Message(20, 10);
    if (i % 8 == 0) content[generator.Below(content.size())] ^= 0x11;
    const auto truth = protoc.DecodeRaw(content);
    const std::string text = ProtobufText(content);
    if (truth) {
      ASSERT_EQ(text, *truth);
    } else {
      ++refused;
      ASSERT_THAT(text, testing::HasSubstr("# not protobuf: "));
    }
  }
  EXPECT_LT(refused, 30);
}

}  // namespace
}  // namespace gotls
