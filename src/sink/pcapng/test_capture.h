// Captures made by hand, and a small reader that trusts nothing of them.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "sink/pcapng/pcapng.h"
#include "sink/test_file.h"

namespace gotls::testing {

// A connection between 10.0.0.5:51234 (ours, the client) and 93.184.216.34:443.
inline Connection MakeConnection(std::uint64_t id = 1) {
  Connection connection;
  connection.id = {id};
  connection.process = {4711, "web", "/srv/web"};
  connection.role = Role::kClient;
  connection.local = {AddressFamily::kIpv4, {10, 0, 0, 5}, 51234, {}};
  connection.remote = {AddressFamily::kIpv4, {93, 184, 216, 34}, 443, {}};
  connection.server_name = "example.com";
  connection.alpn = "http/1.1";
  connection.tls_version = 0x0304;
  connection.goroutine = 18;
  connection.opened = WallTime(std::chrono::seconds(1'772'366'671));
  return connection;
}

// Drives a pcapng sink, with a clock of its own and positions counted.
class CaptureMaker {
 public:
  explicit CaptureMaker(std::string path, bool hints = true) : path_(std::move(path)) {
    auto file = OutputFile::Open(path_);
    EXPECT_TRUE(file) << file.error().Message();
    file_ = std::move(*file);
    auto sink = MakePcapngSink(*file_, {hints, "gotls test"});
    EXPECT_TRUE(sink) << sink.error().Message();
    sink_ = std::move(*sink);
  }

  void Open(Connection& connection) {
    connection.opened = Now();
    positions_[connection.id.value] = {};
    EXPECT_TRUE(sink_->OnOpen(connection));
  }

  void Data(const Connection& connection, Direction direction, std::string_view bytes) {
    std::uint64_t& position = Position(connection, direction);
    EXPECT_TRUE(
        sink_->OnChunk(connection, {direction, {position}, AsBytes(bytes), 21, 4712, Now()}));
    position += bytes.size();
  }
  void Write(const Connection& connection, std::string_view bytes) {
    Data(connection, Direction::kWrite, bytes);
  }
  void Read(const Connection& connection, std::string_view bytes) {
    Data(connection, Direction::kRead, bytes);
  }

  void Gap(const Connection& connection, Direction direction, std::uint64_t length,
           std::uint8_t reasons = kGapRingFull) {
    std::uint64_t& position = Position(connection, direction);
    EXPECT_TRUE(sink_->OnGap(connection, {direction, {position}, length, reasons, Now()}));
    if (reasons != kGapNotSent) position += length;
  }

  void Close(const Connection& connection, CloseReason reason = CloseReason::kClosed) {
    EXPECT_TRUE(sink_->OnClose(connection, {reason, {}, {}, Now()}));
  }

  void Finish() { EXPECT_TRUE(sink_->OnSummary({})); }

  Sink& sink() { return *sink_; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::uint64_t& Position(const Connection& connection, Direction direction) {
    return positions_[connection.id.value][direction];
  }
  WallTime Now() { return now_ += std::chrono::milliseconds(1); }

  std::string path_;
  std::unique_ptr<OutputFile> file_;
  std::unique_ptr<Sink> sink_;
  std::map<std::uint64_t, std::map<Direction, std::uint64_t>> positions_;
  WallTime now_{std::chrono::seconds(1'772'366'671)};
};

struct ReadPacket {
  std::uint32_t interface = 0;
  std::uint64_t time = 0;
  std::string bytes;
  std::string comment;
  std::uint32_t flags = 0;

  // Of Ethernet packets.
  bool ipv6 = false;
  std::string from;  // address bytes
  std::string to;
  std::uint16_t from_port = 0;
  std::uint16_t to_port = 0;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledged = 0;
  std::uint8_t tcp_flags = 0;
  std::string payload;
};

struct ReadCapture {
  std::string application;
  std::string comment;
  std::vector<std::uint16_t> link_types;
  std::vector<std::string> interface_names;
  std::vector<ReadPacket> packets;          // of all interfaces
  std::vector<std::string> secrets;         // of each block
  std::vector<std::size_t> secrets_before;  // how many packets came before that block

  [[nodiscard]] std::vector<ReadPacket> Tcp() const {
    std::vector<ReadPacket> tcp;
    for (const ReadPacket& packet : packets) {
      if (link_types.at(packet.interface) == 1) tcp.push_back(packet);
    }
    return tcp;
  }
};

// Parses all of the file, and fails the test where a length, a padding or a checksum is wrong.
ReadCapture ParseCapture(const std::string& path);

}  // namespace gotls::testing
