// Where the parsers of one side put their messages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "decode/body/body_collector.h"
#include "decode/decoder.h"
#include "decode/message/message_parser.h"
#include "gotls/exchange.h"

namespace gotls {

// Numbers messages and hands them on.
class MessageOutput {
 public:
  MessageOutput(Exchange& exchange, bool from_client, const DecodeContext& context,
                OnMessage on_message);

  [[nodiscard]] Message Begin(MessageKind kind, const ByteOrigin& origin) const;
  void Deliver(Message& message);

  Exchange& exchange() { return exchange_; }
  [[nodiscard]] const Exchange& exchange() const { return exchange_; }
  [[nodiscard]] bool from_client() const { return from_client_; }
  [[nodiscard]] const DecodeOptions& options() const { return options_; }
  DecodeCounters& counters() { return counters_; }

 private:
  Exchange& exchange_;
  const bool from_client_;
  const Direction direction_;
  const DecodeOptions& options_;
  DecodeCounters& counters_;
  OnMessage on_message_;
};

// A message whose content comes in pieces.
class MessageInProgress {
 public:
  explicit MessageInProgress(MessageOutput& output) : output_(output) {}
  MessageInProgress(const MessageInProgress&) = delete;
  MessageInProgress& operator=(const MessageInProgress&) = delete;

  void Begin(MessageKind kind, const ByteOrigin& origin, std::string_view coding);
  [[nodiscard]] bool begun() const { return collector_.has_value(); }
  // Content, still coded.
  void Push(Bytes bytes, WallTime time);
  void Gap(std::uint64_t length, WallTime time);
  // Begun, and not to be continued: fills in what the collector found. The caller may then change
  // the message and has to deliver it.
  [[nodiscard]] Message Take(bool complete);

  Message& message() { return message_; }

 private:
  MessageOutput& output_;
  Message message_;
  Body body_;
  std::optional<BodyCollector> collector_;
};

// What passes while it is not known where messages begin: behind a gap that hid a boundary, or
// behind bytes that break the protocol. Becomes one incomplete message without content, so that its
// size is told.
class LostRun {
 public:
  explicit LostRun(MessageOutput& output) : output_(output) {}

  // `problem`: shown with the message.
  void Begin(MessageKind kind, std::string_view problem, const ByteOrigin& origin);
  [[nodiscard]] bool begun() const { return message_.has_value(); }
  void Push(Bytes bytes, WallTime time);
  void Gap(std::uint64_t length, WallTime time);
  void End();

 private:
  MessageOutput& output_;
  std::optional<Message> message_;
};

}  // namespace gotls
