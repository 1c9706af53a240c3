#include "sink/pcapng/conversation.h"

#include <fmt/format.h>

#include <algorithm>

#include "sink/container_text.h"
#include "sink/endpoint_text.h"
#include "sink/json_text.h"
#include "sink/safe_text.h"
#include "sink/tls_names.h"

namespace gotls {
namespace {

// Between two packets, in sequence space: 2^31 and more would look like a step back.
constexpr std::uint64_t kMaxSequenceGap = 1 << 30;
// A receiver acknowledges so much at a time: Wireshark keeps a list of what is not, and what is too
// far from the last acknowledged byte it takes for old.
constexpr std::uint32_t kAcknowledgeAt = 256 << 10;
constexpr std::size_t kMaxName = 256;
constexpr std::size_t kMaxNotes = 1024;

std::string Safe(std::string_view text) {
  std::string out;
  AppendSafe(out, text.substr(0, kMaxName));
  return out;
}

// Differs between connections, so that Wireshark keeps apart those that share addresses and ports.
std::uint32_t InitialSequence(ConnId id, unsigned side) {
  return static_cast<std::uint32_t>(id.value) * 2654435761U + side * 0x3c6ef372U;
}

void Add(std::string& comment, std::string_view name, std::string_view value) {
  if (!value.empty()) comment += fmt::format(", {}{}", name, Safe(value));
}

std::string OpenComment(const Connection& connection, const std::string& process, bool made_up) {
  std::string comment = process;
  if (connection.role == Role::kClient) comment += " client";
  if (connection.role == Role::kServer) comment += " server";
  if (connection.goroutine != 0) comment += fmt::format(", goroutine {}", connection.goroutine);
  Add(comment, "", connection.process.exe);
  Add(comment, "", ContainerText(connection.process));
  Add(comment, "", TlsVersionName(connection.tls_version));
  Add(comment, "", CipherSuiteName(connection.cipher_suite));
  Add(comment, "SNI ", connection.server_name);
  Add(comment, "ALPN ", connection.alpn);
  Add(comment, "over ", connection.transport);
  if (connection.stream_id) comment += fmt::format(" stream {}", *connection.stream_id);
  if (!made_up) return comment;
  comment += ", addresses made up";
  Add(comment, "local ", EndpointText(connection.local));
  Add(comment, "remote ", EndpointText(connection.remote));
  return comment;
}

std::string_view CloseText(CloseReason reason) {
  switch (reason) {
    case CloseReason::kClosed:
      return "closed";
    case CloseReason::kProcessExit:
      return "the process ended";
    case CloseReason::kReused:
      return "dropped without a close";
    case CloseReason::kDetached:
      return "still open when the capture ended";
  }
  return {};
}

std::string GapText(const Gap& gap) {
  if (gap.reasons == kGapNotSent) {
    return fmt::format("{} bytes at position {} were given to a Write that failed, and not sent",
                       gap.length, gap.position.value);
  }
  return fmt::format("{} bytes at position {} were not captured", gap.length, gap.position.value);
}

}  // namespace

Conversation::Conversation(const Connection& connection, const PacketPeers& peers)
    : protocol(ProtocolOf(connection)),
      peers_(peers),
      process_(fmt::format("{}[{}]", Safe(connection.process.comm), connection.process.pid)) {
  for (unsigned side : {0U, 1U}) halves_[side].next = InitialSequence(connection.id, side);
}

Result<void> Conversation::Open(BlockWriter& out, const Connection& connection,
                                std::string_view note) {
  std::string comment = OpenComment(connection, process_, peers_.made_up);
  comment += note;
  const WallTime time = connection.opened;
  if (auto sent = Send(out, kClient, kTcpSyn, {}, time, comment); !sent) return sent;
  if (auto sent = Send(out, kServer, kTcpSyn | kTcpAck, {}, time, {}); !sent) return sent;
  return Send(out, kClient, kTcpAck, {}, time, {});
}

Result<void> Conversation::Data(BlockWriter& out, const Chunk& chunk) {
  const Side side = SideOf(chunk.direction);
  Half& half = halves_[side];
  Half& other = halves_[1 - side];
  Advance(half, chunk.position);
  std::string comment = process_;
  comment += chunk.direction == Direction::kRead ? " read" : " write";
  if (chunk.goroutine != 0) {
    comment += ", goroutine ";
    AppendNumber(comment, chunk.goroutine);
  }
  comment = TakeNotes(side, std::move(comment));
  for (Bytes rest = chunk.data; !rest.empty();) {
    const Bytes piece = rest.first(std::min(rest.size(), kMaxSegment));
    rest = rest.subspan(piece.size());
    const std::uint8_t flags = rest.empty() ? kTcpAck | kTcpPush : kTcpAck;
    if (auto sent = Send(out, side, flags, piece, chunk.time, comment); !sent) return sent;
    half.position += piece.size();
    half.unacked += static_cast<std::uint32_t>(piece.size());
    other.unacked = 0;
    if (half.unacked < kAcknowledgeAt) continue;
    half.unacked = 0;
    const Side receiver = side == kClient ? kServer : kClient;
    if (auto sent = Send(out, receiver, kTcpAck, {}, chunk.time, {}); !sent) return sent;
  }
  return {};
}

void Conversation::Missing(const Gap& gap) {
  Half& half = halves_[SideOf(gap.direction)];
  if (gap.reasons != kGapNotSent) {
    Advance(half, {gap.position.value + gap.length});
  }
  if (half.note.size() > kMaxNotes) return;
  if (!half.note.empty()) half.note += "; ";
  half.note += GapText(gap);
}

Result<void> Conversation::End(BlockWriter& out, const Close& close) {
  const Side local = peers_.local_is_client ? kClient : kServer;
  const Side remote = peers_.local_is_client ? kServer : kClient;
  if (close.reason == CloseReason::kDetached) {  // not ended; but its last gaps shall be told
    for (const Side side : {local, remote}) {
      if (halves_[side].note.empty()) continue;
      auto sent = Send(out, side, kTcpAck, {}, close.time, TakeNotes(side, process_));
      if (!sent) return sent;
    }
    return {};
  }
  const std::string comment =
      TakeNotes(local, fmt::format("{} {}", process_, CloseText(close.reason)));
  const std::string last = halves_[remote].note.empty() ? "" : TakeNotes(remote, process_);
  if (auto sent = Send(out, local, kTcpFin | kTcpAck, {}, close.time, comment); !sent) return sent;
  if (auto sent = Send(out, remote, kTcpFin | kTcpAck, {}, close.time, last); !sent) return sent;
  return Send(out, local, kTcpAck, {}, close.time, {});
}

Conversation::Side Conversation::SideOf(Direction direction) const {
  const bool from_local = direction == Direction::kWrite;
  return from_local == peers_.local_is_client ? kClient : kServer;
}

// Nothing stands between the last byte and `to`: it was not captured.
void Conversation::Advance(Half& half, StreamPosition to) {
  if (to.value <= half.position) return;
  const std::uint64_t room =
      kMaxSequenceGap - std::min<std::uint64_t>(half.unacked, kMaxSequenceGap);
  const auto step = static_cast<std::uint32_t>(std::min(to.value - half.position, room));
  half.next += step;
  half.unacked += step;
  half.position = to.value;
}

Result<void> Conversation::Send(BlockWriter& out, Side side, std::uint8_t flags, Bytes payload,
                                WallTime time, std::string_view comment) {
  Half& half = halves_[side];
  TcpSegment segment;
  segment.from_client = side == kClient;
  segment.flags = flags;
  segment.sequence = half.next;
  if ((flags & kTcpAck) != 0) segment.acknowledged = halves_[1 - side].next;
  segment.payload = payload;
  headers_.clear();
  AppendTcpHeaders(headers_, peers_.peers, segment);
  half.next += static_cast<std::uint32_t>(payload.size());
  if ((flags & (kTcpSyn | kTcpFin)) != 0) ++half.next;
  Packet packet;
  packet.time = time;
  packet.headers = headers_;
  packet.payload = payload;
  packet.flow =
      segment.from_client == peers_.local_is_client ? PacketFlow::kOutbound : PacketFlow::kInbound;
  packet.comment = comment;
  return out.EnhancedPacket(packet);
}

std::string Conversation::TakeNotes(Side side, std::string comment) {
  std::string& note = halves_[side].note;
  if (!note.empty()) comment += "; " + note;
  note.clear();
  return comment;
}

}  // namespace gotls
