#include "sink/pcapng/block_writer.h"

#include <span>

namespace gotls {
namespace {

// Types, options and magic numbers of the pcapng specification (IETF opsawg-pcapng).
constexpr std::uint32_t kSectionHeader = 0x0a0d0d0a;
constexpr std::uint32_t kInterfaceDescription = 1;
constexpr std::uint32_t kEnhancedPacket = 6;
constexpr std::uint32_t kDecryptionSecrets = 10;
constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;
constexpr std::uint64_t kUnknownSectionLength = ~std::uint64_t{0};
constexpr std::uint32_t kTlsKeyLog = 0x544c534b;

constexpr std::uint16_t kEndOfOptions = 0;
constexpr std::uint16_t kComment = 1;
constexpr std::uint16_t kApplication = 4;          // of a section
constexpr std::uint16_t kInterfaceName = 2;        // of an interface
constexpr std::uint16_t kInterfaceDescribed = 3;   // of an interface
constexpr std::uint16_t kTimestampResolution = 9;  // of an interface
constexpr std::uint16_t kPacketFlags = 2;          // of a packet
constexpr std::string_view kNanoseconds = "\x09";  // 10^-9

template <typename T>
void Put(std::string& out, T value) {
  out.append(AsText(std::as_bytes(std::span(&value, 1))));
}

void Pad(std::string& out, std::size_t length) { out.append((4 - length % 4) % 4, '\0'); }

void PutOption(std::string& out, std::uint16_t code, std::string_view value) {
  Put(out, code);
  Put(out, static_cast<std::uint16_t>(value.size()));
  out += value;
  Pad(out, value.size());
}

void PutText(std::string& out, std::uint16_t code, std::string_view text) {
  if (!text.empty()) PutOption(out, code, text);
}

void EndOptions(std::string& out) { PutOption(out, kEndOfOptions, {}); }

// The length of a block stands at both its ends: the first is filled in at last.
void BeginBlock(std::string& out, std::uint32_t type) {
  out.clear();
  Put(out, type);
  Put(out, std::uint32_t{0});
}

// `elsewhere`: bytes of the block that are not in `out`.
void EndBlock(std::string& out, std::size_t elsewhere = 0) {
  const auto length = static_cast<std::uint32_t>(out.size() + elsewhere + 4);
  std::memcpy(out.data() + 4, &length, sizeof(length));
  Put(out, length);
}

}  // namespace

Result<void> BlockWriter::SectionHeader(std::string_view application, std::string_view comment) {
  BeginBlock(block_, kSectionHeader);
  Put(block_, kByteOrderMagic);
  Put(block_, std::uint16_t{1});
  Put(block_, std::uint16_t{0});
  Put(block_, kUnknownSectionLength);
  PutText(block_, kApplication, application);
  PutText(block_, kComment, comment);
  EndOptions(block_);
  EndBlock(block_);
  return out_.Write(block_);
}

Result<void> BlockWriter::Interface(LinkType type, std::string_view name,
                                    std::string_view description) {
  BeginBlock(block_, kInterfaceDescription);
  Put(block_, static_cast<std::uint16_t>(type));
  Put(block_, std::uint16_t{0});
  Put(block_, std::uint32_t{0});  // no limit to a packet's length
  PutText(block_, kInterfaceName, name);
  PutText(block_, kInterfaceDescribed, description);
  PutOption(block_, kTimestampResolution, kNanoseconds);
  EndOptions(block_);
  EndBlock(block_);
  return out_.Write(block_);
}

// Payloads are large and many: they go to the file without a detour through the block.
Result<void> BlockWriter::EnhancedPacket(const Packet& packet) {
  const std::size_t length = packet.headers.size() + packet.payload.size();
  const auto time = static_cast<std::uint64_t>(packet.time.time_since_epoch().count());
  BeginBlock(block_, kEnhancedPacket);
  Put(block_, packet.interface);
  Put(block_, static_cast<std::uint32_t>(time >> 32));
  Put(block_, static_cast<std::uint32_t>(time));
  Put(block_, static_cast<std::uint32_t>(length));  // captured
  Put(block_, static_cast<std::uint32_t>(length));  // on the wire
  block_ += packet.headers;
  const std::size_t split = block_.size();
  Pad(block_, length);
  PutText(block_, kComment, packet.comment);
  if (packet.flow != PacketFlow::kUnknown) {
    const auto flags = static_cast<std::uint32_t>(packet.flow);
    PutOption(block_, kPacketFlags, AsText(std::as_bytes(std::span(&flags, 1))));
  }
  EndOptions(block_);
  EndBlock(block_, packet.payload.size());
  const std::string_view block = block_;
  if (auto written = out_.Write(block.substr(0, split)); !written) return written;
  if (auto written = out_.Write(packet.payload); !written) return written;
  return out_.Write(block.substr(split));
}

Result<void> BlockWriter::DecryptionSecrets(std::string_view key_log) {
  BeginBlock(block_, kDecryptionSecrets);
  Put(block_, kTlsKeyLog);
  Put(block_, static_cast<std::uint32_t>(key_log.size()));
  block_ += key_log;
  Pad(block_, key_log.size());
  EndOptions(block_);
  EndBlock(block_);
  return out_.Write(block_);
}

}  // namespace gotls
