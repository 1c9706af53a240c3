#include "sink/pcapng/pcapng.h"

#include <fmt/format.h>

#include <unordered_map>

#include "sink/keylog_line.h"
#include "sink/line_memory.h"
#include "sink/part_sink.h"
#include "sink/pcapng/conversation.h"

namespace gotls {
namespace {

constexpr std::uint32_t kHintInterface = 1;
// For the next file of a rotation: secrets of connections that may still be open. Each file has
// them again: some 170 KB.
constexpr std::size_t kRememberedSecrets = 1 << 10;
constexpr std::string_view kSectionComment =
    "Plaintext of TLS connections, taken inside Go's crypto/tls; the TCP/IP around it is made up. "
    "HTTP that is not shown as such: -d tcp.port==PORT,http (or http2 for connections that began "
    "before the capture)";

class PcapngSink final : public Sink, public SecretSink, public PartSink {
 public:
  PcapngSink(OutputFile& out, PcapngOptions options)
      : file_(out), out_(out), options_(std::move(options)), secrets_(kRememberedSecrets) {}

  Result<void> BeginPart() override {
    ++part_;
    has_hint_interface_ = false;
    if (auto done = out_.SectionHeader(options_.application, kSectionComment); !done) return done;
    if (auto done = out_.Interface(LinkType::kEthernet, "gotls", "plaintext of Go's TLS"); !done) {
      return done;
    }
    std::string lines;
    for (const std::string& line : secrets_.lines()) lines += line;
    return lines.empty() ? Result<void>{} : out_.DecryptionSecrets(lines);
  }

  Result<void> EndPart() override { return {}; }

  Result<void> OnOpen(const Connection& connection) override {
    Conversation conversation(connection, peers_.Take(connection));
    const auto opened = conversation.Open(out_, connection, DecodeAs(conversation));
    conversations_.emplace(connection.id.value, std::move(conversation));
    return opened;
  }

  Result<void> OnChunk(const Connection& connection, const Chunk& chunk) override {
    const auto found = conversations_.find(connection.id.value);
    if (found == conversations_.end()) return {};
    Conversation& conversation = found->second;
    if (conversation.protocol == WireProtocol::kUnknown) {
      conversation.protocol = GuessProtocol(chunk.data);
    }
    if (auto hinted = Hint(conversation, chunk.time); !hinted) return hinted;
    return conversation.Data(out_, chunk);
  }

  Result<void> OnGap(const Connection& connection, const Gap& gap) override {
    const auto found = conversations_.find(connection.id.value);
    if (found != conversations_.end()) found->second.Missing(gap);
    return {};
  }

  Result<void> OnClose(const Connection& connection, const Close& close) override {
    auto node = conversations_.extract(connection.id.value);
    if (node.empty()) return {};
    peers_.Release(connection, node.mapped().peers());
    return node.mapped().End(out_, close);
  }

  Result<void> OnSecret(const Process& /*process*/, const TlsSecret& secret) override {
    std::string line;
    if (!AppendKeyLogLine(line, secret) || !secrets_.Add(line)) return {};
    return out_.DecryptionSecrets(line);
  }

  Result<void> OnSummary(const Summary& /*summary*/) override { return file_.Finish(); }

 private:
  // What to tell Wireshark where no hint does; to the end of a comment.
  std::string DecodeAs(const Conversation& conversation) const {
    const bool http2 = conversation.protocol == WireProtocol::kHttp2;
    if (options_.hints || (!http2 && conversation.protocol != WireProtocol::kHttp1)) return {};
    return fmt::format(", decode with -d tcp.port=={},{}", conversation.peers().peers.server.port,
                       http2 ? "http2" : "http");
  }

  // Once in each file, before the connection's first bytes there.
  Result<void> Hint(Conversation& conversation, WallTime time) {
    const bool http2 = conversation.protocol == WireProtocol::kHttp2;
    const bool http = http2 || conversation.protocol == WireProtocol::kHttp1;
    if (!options_.hints || !http || conversation.hinted_in_part == part_) return {};
    conversation.hinted_in_part = part_;
    if (auto sent = SendHint(DecodeHint::kHttp, conversation, time); !sent || !http2) return sent;
    return SendHint(DecodeHint::kHttp2, conversation, time);
  }

  // The second interface comes when it is needed: a file without it is one that also tools can
  // read that know one link type a file.
  Result<void> SendHint(DecodeHint hint, const Conversation& conversation, WallTime time) {
    if (!has_hint_interface_) {
      has_hint_interface_ = true;
      if (auto done = out_.Interface(LinkType::kWiresharkUpperPdu, "gotls-hints",
                                     "which connections speak HTTP: no traffic");
          !done) {
        return done;
      }
    }
    const std::string bytes = HintPacket(hint, conversation.peers().peers);
    Packet packet;
    packet.interface = kHintInterface;
    packet.time = time;
    packet.headers = bytes;
    packet.comment = "gotls: tells Wireshark that this connection is HTTP";
    return out_.EnhancedPacket(packet);
  }

  OutputFile& file_;
  BlockWriter out_;
  PcapngOptions options_;
  LineMemory secrets_;
  PeersInUse peers_;
  std::unordered_map<std::uint64_t, Conversation> conversations_;  // by ConnId; the open ones
  std::uint64_t part_ = 0;
  bool has_hint_interface_ = false;
};

}  // namespace

Result<std::unique_ptr<Sink>> MakePcapngSink(OutputFile& out, PcapngOptions options) {
  auto sink = std::make_unique<PcapngSink>(out, std::move(options));
  if (auto begun = sink->BeginPart(); !begun) return std::unexpected(begun.error());
  return sink;
}

}  // namespace gotls
