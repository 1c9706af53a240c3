// Fills one message of an exchange.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "decode/body/body_collector.h"
#include "decode/decoder.h"
#include "decode/http1/http1_syntax.h"
#include "decode/message/message_parser.h"
#include "gotls/exchange.h"

namespace gotls {

// Hands a message's body bytes to whom they concern: the collector of the body, the parser of the
// messages inside it, or, in a tunnel, the observer.
class MessageWriter {
 public:
  explicit MessageWriter(HttpMessage& message) : message_(message) {}
  MessageWriter(const MessageWriter&) = delete;
  MessageWriter& operator=(const MessageWriter&) = delete;

  // The message's first byte. A response may start again behind a 1xx one.
  void Begin(const ByteOrigin& origin);
  // `size` bytes of the message passed, of whatever part.
  void Count(std::size_t size, const ByteOrigin& origin);
  // A body follows.
  void ExpectBody(std::string_view content_encoding, std::size_t max_content);
  // From now on bytes of the body are also those of messages. May be null.
  void SetParser(std::unique_ptr<MessageParser> parser) { parser_ = std::move(parser); }
  // From now on bytes are opaque.
  void SetTunnel(DecodeObserver& observer, Direction direction);

  // Bytes of the body, without framing; and those that are missing.
  void Push(Bytes bytes, const ByteOrigin& origin);
  void Gap(std::uint64_t length, const ByteOrigin& origin);
  // ... and those that were not captured since it doesn't matter: !wants_body().
  void Skip(std::uint64_t length, const ByteOrigin& origin);
  // Bytes of the body tell somebody more than their number.
  [[nodiscard]] bool wants_body() const {
    return parser_ != nullptr || tunnel_ != nullptr || (body_ && body_->wants_more());
  }
  // Lines up to the empty one.
  std::expected<void, HeadError> SetTrailers(std::string_view lines) {
    return ParseFields(lines, message_.trailers);
  }
  // No more bytes of the body. Only the first call says anything about the body.
  void End(bool complete);

  // As new; the message itself is another's to clear.
  void Reset();

 private:
  HttpMessage& message_;
  std::optional<BodyCollector> body_;
  std::unique_ptr<MessageParser> parser_;
  DecodeObserver* tunnel_ = nullptr;
  Direction direction_ = Direction::kRead;
  bool ended_ = false;
};

}  // namespace gotls
