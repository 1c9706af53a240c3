// Messages with a prefix of five bytes, flags and length: gRPC, gRPC-Web, Connect's streams.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "decode/message/message_output.h"
#include "decode/message/message_parser.h"

namespace gotls {

// What tells the three apart.
struct EnvelopeFormat {
  std::uint8_t flags = 0;     // those that are allowed
  std::uint8_t end_flag = 0;  // marks the last envelope, which is no message; 0: there is none
  std::string coding;         // of messages that are flagged as compressed; "": none was named
  bool coding_known = true;   // false: the header that names it is not known
  bool protobuf = false;
};

class EnvelopeParser : public MessageParser {
 public:
  EnvelopeParser(EnvelopeFormat format, MessageOutput output);

  void Push(Bytes bytes, const ByteOrigin& origin) final;
  void Gap(std::uint64_t length, const ByteOrigin& origin) final;
  void End() final;

 protected:
  // The last envelope's content, when all of it is there.
  virtual void OnEnd(std::string_view content) = 0;
  Exchange& exchange() { return output_.exchange(); }

 private:
  static constexpr std::size_t kPrefix = 5;
  enum class State : std::uint8_t {
    kPrefix,
    kMessage,
    kEnd,
    kLost,    // a gap hid where the next envelope begins
    kBroken,  // these are no envelopes
  };

  // Both take what they need off the front.
  void PushPrefix(Bytes& bytes, const ByteOrigin& origin);
  void PushPayload(Bytes& bytes, WallTime time);
  void BeginPayload();
  void FinishPayload();
  void DeliverMessage(bool complete);
  void Lose(State state, std::string_view problem, const ByteOrigin& origin);
  [[nodiscard]] bool BeginsWholeEnvelopes(Bytes run) const;

  const EnvelopeFormat format_;
  MessageOutput output_;
  State state_ = State::kPrefix;
  std::array<std::byte, kPrefix> prefix_{};
  std::size_t prefix_size_ = 0;
  ByteOrigin origin_;       // of the prefix
  std::uint64_t left_ = 0;  // of the payload
  MessageInProgress message_;
  Body end_;
  std::optional<BodyCollector> end_collector_;
  LostRun lost_;
};

// gRPC ends by HTTP's trailers, Connect and gRPC-Web by an envelope.
std::unique_ptr<MessageParser> MakeGrpcParser(EnvelopeFormat format, MessageOutput output);
std::unique_ptr<MessageParser> MakeGrpcWebParser(EnvelopeFormat format, MessageOutput output);
std::unique_ptr<MessageParser> MakeConnectParser(EnvelopeFormat format, MessageOutput output);

}  // namespace gotls
