#include "sink/pcapng/test_capture.h"

namespace gotls::testing {
namespace {

template <typename T>
T At(std::string_view bytes, std::size_t at) {
  const auto value = ReadAt<T>(AsBytes(bytes), at);
  EXPECT_TRUE(value) << "the block ends at " << bytes.size();
  return value.value_or(T{});
}

std::uint32_t Big(std::string_view bytes, std::size_t at, int length) {
  std::uint32_t value = 0;
  for (int i = 0; i < length; ++i) value = value << 8 | At<std::uint8_t>(bytes, at + i);
  return value;
}

// One's complement sum of big-endian words; 0xffff over bytes with their checksum.
std::uint32_t ChecksumOf(std::string bytes) {
  if (bytes.size() % 2 != 0) bytes += '\0';
  std::uint32_t sum = 0;
  for (std::size_t at = 0; at < bytes.size(); at += 2) {
    sum += Big(bytes, at, 2);
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return sum;
}

std::size_t Padded(std::size_t length) { return (length + 3) / 4 * 4; }

std::multimap<std::uint16_t, std::string> Options(std::string_view block, std::size_t at) {
  std::multimap<std::uint16_t, std::string> options;
  while (at < block.size()) {
    const auto code = At<std::uint16_t>(block, at);
    const auto length = At<std::uint16_t>(block, at + 2);
    at += 4;
    if (code == 0) {
      EXPECT_EQ(length, 0);
      EXPECT_EQ(at, block.size());
      return options;
    }
    options.emplace(code, block.substr(at, length));
    for (std::size_t pad = length; pad % 4 != 0; ++pad) EXPECT_EQ(At<char>(block, at + pad), 0);
    at += Padded(length);
  }
  ADD_FAILURE() << "options without an end";
  return options;
}

std::string Option(const std::multimap<std::uint16_t, std::string>& options, std::uint16_t code) {
  EXPECT_LE(options.count(code), 1U);
  const auto found = options.find(code);
  return found == options.end() ? "" : found->second;
}

void ParseTcp(ReadPacket& packet) {
  const std::string_view bytes = packet.bytes;
  const std::uint32_t ether_type = Big(bytes, 12, 2);
  packet.ipv6 = ether_type == 0x86dd;
  const std::size_t address = packet.ipv6 ? 16 : 4;
  const std::size_t source = packet.ipv6 ? 22 : 26;
  const std::size_t tcp = packet.ipv6 ? 54 : 34;
  if (packet.ipv6) {
    EXPECT_EQ(Big(bytes, 18, 2), bytes.size() - tcp);
    EXPECT_EQ(Big(bytes, 20, 1), 6U);
  } else {
    EXPECT_EQ(ether_type, 0x0800U);
    EXPECT_EQ(Big(bytes, 14, 1), 0x45U);
    EXPECT_EQ(Big(bytes, 16, 2), bytes.size() - 14);
    EXPECT_EQ(Big(bytes, 23, 1), 6U);
    EXPECT_EQ(ChecksumOf(std::string(bytes.substr(14, 20))), 0xffffU);
  }
  packet.from = bytes.substr(source, address);
  packet.to = bytes.substr(source + address, address);
  const std::string_view segment = bytes.substr(tcp);
  const std::string length = {
      0, 0, static_cast<char>(segment.size() >> 8), static_cast<char>(segment.size()), 0, 0, 0, 6};
  EXPECT_EQ(ChecksumOf(packet.from + packet.to + length + std::string(segment)), 0xffffU);
  packet.from_port = static_cast<std::uint16_t>(Big(segment, 0, 2));
  packet.to_port = static_cast<std::uint16_t>(Big(segment, 2, 2));
  packet.sequence = Big(segment, 4, 4);
  packet.acknowledged = Big(segment, 8, 4);
  packet.tcp_flags = At<std::uint8_t>(segment, 13);
  packet.payload = segment.substr(std::size_t{Big(segment, 12, 1) / 16} * 4);
}

void ParsePacket(ReadCapture& capture, std::string_view block) {
  ReadPacket packet;
  packet.interface = At<std::uint32_t>(block, 0);
  ASSERT_LT(packet.interface, capture.link_types.size());
  packet.time =
      static_cast<std::uint64_t>(At<std::uint32_t>(block, 4)) << 32 | At<std::uint32_t>(block, 8);
  const auto length = At<std::uint32_t>(block, 12);
  EXPECT_EQ(At<std::uint32_t>(block, 16), length);
  packet.bytes = block.substr(20, length);
  ASSERT_EQ(packet.bytes.size(), length);
  const auto options = Options(block, 20 + Padded(length));
  packet.comment = Option(options, 1);
  if (options.contains(2)) packet.flags = At<std::uint32_t>(Option(options, 2), 0);
  if (capture.link_types[packet.interface] == 1) ParseTcp(packet);
  capture.packets.push_back(std::move(packet));
}

void ParseBlock(ReadCapture& capture, std::uint32_t type, std::string_view block) {
  if (type == 0x0a0d0d0a) {
    EXPECT_EQ(At<std::uint32_t>(block, 0), 0x1a2b3c4dU);
    const auto options = Options(block, 16);
    capture.application = Option(options, 4);
    capture.comment = Option(options, 1);
  } else if (type == 1) {
    capture.link_types.push_back(At<std::uint16_t>(block, 0));
    const auto options = Options(block, 8);
    capture.interface_names.push_back(Option(options, 2));
    EXPECT_EQ(Option(options, 9), "\x09");
  } else if (type == 6) {
    ParsePacket(capture, block);
  } else if (type == 10) {
    EXPECT_EQ(At<std::uint32_t>(block, 0), 0x544c534bU);
    capture.secrets.emplace_back(block.substr(8, At<std::uint32_t>(block, 4)));
    capture.secrets_before.push_back(capture.packets.size());
  } else {
    ADD_FAILURE() << "block of type " << type;
  }
}

}  // namespace

ReadCapture ParseCapture(const std::string& path) {
  ReadCapture capture;
  const std::string file = ReadFile(path);
  std::string_view rest = file;
  EXPECT_EQ(At<std::uint32_t>(rest, 0), 0x0a0d0d0aU);
  while (!rest.empty()) {
    const auto type = At<std::uint32_t>(rest, 0);
    const auto length = At<std::uint32_t>(rest, 4);
    if (length < 12 || length % 4 != 0 || length > rest.size()) {
      ADD_FAILURE() << "a block of " << length << " bytes with " << rest.size() << " left";
      return capture;
    }
    EXPECT_EQ(At<std::uint32_t>(rest, length - 4), length);
    ParseBlock(capture, type, rest.substr(8, length - 12));
    rest.remove_prefix(length);
  }
  return capture;
}

}  // namespace gotls::testing
