// The blocks of a pcapng file, as far as gotls needs them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "gotls/error.h"
#include "gotls/records.h"
#include "sink/output_file.h"

namespace gotls {

enum class LinkType : std::uint16_t {
  kEthernet = 1,
  kWiresharkUpperPdu = 252,  // a payload, and tags that tell Wireshark what it is
};

// Where a packet went, as seen from the traced program.
enum class PacketFlow : std::uint8_t { kUnknown = 0, kInbound = 1, kOutbound = 2 };

struct Packet {
  std::uint32_t interface = 0;  // number in this section, from 0
  WallTime time;
  std::string_view headers;  // the packet is headers and payload
  Bytes payload;
  PacketFlow flow = PacketFlow::kUnknown;
  std::string_view comment;  // UTF-8; empty: none
};

// Little-endian, times in nanoseconds. All texts are UTF-8 and shorter than 64 KiB, a packet is
// shorter than 2 GiB.
class BlockWriter {
 public:
  // `out` must outlive the writer.
  explicit BlockWriter(OutputFile& out) : out_(out) {}

  Result<void> SectionHeader(std::string_view application, std::string_view comment);
  Result<void> Interface(LinkType type, std::string_view name, std::string_view description);
  Result<void> EnhancedPacket(const Packet& packet);
  // Lines of an NSS key log, for the packets behind it.
  Result<void> DecryptionSecrets(std::string_view key_log);

 private:
  OutputFile& out_;
  std::string block_;
};

}  // namespace gotls
