// One connection as TCP packets.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "gotls/records.h"
#include "sink/pcapng/block_writer.h"
#include "sink/pcapng/decode_hint.h"
#include "sink/pcapng/peers.h"

namespace gotls {

// Writes a handshake, the bytes at their places in sequence space, and the end. What is missing
// stays out: the sequence numbers go on behind it, as behind a lost segment. Each packet says in a
// comment which process sent or received it.
class Conversation {
 public:
  Conversation(const Connection& connection, const PacketPeers& peers);

  Result<void> Open(BlockWriter& out, const Connection& connection, std::string_view note);
  Result<void> Data(BlockWriter& out, const Chunk& chunk);
  // Told by the packet that follows.
  void Missing(const Gap& gap);
  Result<void> End(BlockWriter& out, const Close& close);

  [[nodiscard]] const PacketPeers& peers() const { return peers_; }

  WireProtocol protocol = WireProtocol::kUnknown;
  std::uint64_t hinted_in_part = 0;  // where the hints for `protocol` were written; 0: nowhere

 private:
  enum Side : std::uint8_t { kClient = 0, kServer = 1 };
  struct Half {
    std::uint32_t next = 0;      // sequence number of the next byte
    std::uint32_t unacked = 0;   // bytes in sequence space since the peer's last packet
    std::uint64_t position = 0;  // of the next byte in the stream
    std::string note;            // for the next packet
  };

  [[nodiscard]] Side SideOf(Direction direction) const;
  void Advance(Half& half, StreamPosition to);
  Result<void> Send(BlockWriter& out, Side side, std::uint8_t flags, Bytes payload, WallTime time,
                    std::string_view comment);
  std::string TakeNotes(Side side, std::string comment);

  PacketPeers peers_;
  std::string process_;  // "web[4711]"
  std::array<Half, 2> halves_;
  std::string headers_;
};

}  // namespace gotls
