#include "decode/message/message_output.h"

#include <utility>

namespace gotls {

MessageOutput::MessageOutput(Exchange& exchange, bool from_client, const DecodeContext& context,
                             OnMessage on_message)
    : exchange_(exchange),
      from_client_(from_client),
      direction_(from_client ? context.requests : Opposite(context.requests)),
      options_(context.options),
      counters_(context.counters),
      on_message_(std::move(on_message)) {}

Message MessageOutput::Begin(MessageKind kind, const ByteOrigin& origin) const {
  Message message;
  message.kind = kind;
  message.from_client = from_client_;
  message.direction = direction_;
  message.first = origin.time;
  message.last = origin.time;
  message.goroutine = origin.goroutine;
  return message;
}

void MessageOutput::Deliver(Message& message) {
  message.number = from_client_ ? ++exchange_.client_messages : ++exchange_.server_messages;
  if (!message.problem.empty()) ++counters_.decode_body_errors;
  on_message_(message);
}

void MessageInProgress::Begin(MessageKind kind, const ByteOrigin& origin, std::string_view coding) {
  message_ = output_.Begin(kind, origin);
  body_ = {};
  collector_.emplace(body_, coding, output_.options().max_body);
}

void MessageInProgress::Push(Bytes bytes, WallTime time) {
  if (bytes.empty()) return;
  collector_->Push(bytes);
  message_.last = time;
}

void MessageInProgress::Gap(std::uint64_t length, WallTime time) {
  collector_->Gap(length);
  message_.last = time;
}

Message MessageInProgress::Take(bool complete) {
  collector_->End(complete);
  collector_.reset();
  message_.wire_bytes = body_.wire_bytes;
  message_.missing = body_.missing;
  message_.complete = body_.complete;
  message_.decoded_bytes = body_.decoded_bytes;
  message_.truncated = body_.truncated;
  message_.content = std::move(body_.content);
  message_.problem = std::move(body_.problem);
  return std::move(message_);
}

void LostRun::Begin(MessageKind kind, std::string_view problem, const ByteOrigin& origin) {
  message_ = output_.Begin(kind, origin);
  message_->problem = problem;
  message_->truncated = true;
}

void LostRun::Push(Bytes bytes, WallTime time) {
  message_->wire_bytes += bytes.size();
  message_->last = time;
}

void LostRun::Gap(std::uint64_t length, WallTime time) {
  message_->missing += length;
  message_->last = time;
}

void LostRun::End() {
  if (!message_) return;
  Message message = *std::exchange(message_, std::nullopt);
  output_.Deliver(message);
}

}  // namespace gotls
