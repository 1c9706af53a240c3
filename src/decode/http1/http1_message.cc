#include "decode/http1/http1_message.h"

namespace gotls {

void MessageWriter::Begin(const ByteOrigin& origin) {
  message_.seen = true;
  message_.first = origin.time;
  message_.last = origin.time;
  message_.goroutine = origin.goroutine;
}

void MessageWriter::Count(std::size_t size, const ByteOrigin& origin) {
  message_.wire_bytes += size;
  message_.last = origin.time;
}

void MessageWriter::ExpectBody(std::string_view content_encoding, std::size_t max_content) {
  body_.emplace(message_.body, content_encoding, max_content);
}

void MessageWriter::SetTunnel(DecodeObserver& observer, Direction direction) {
  tunnel_ = &observer;
  direction_ = direction;
}

void MessageWriter::Push(Bytes bytes, const ByteOrigin& origin) {
  if (body_) body_->Push(bytes);
  if (parser_) parser_->Push(bytes, origin);
  if (tunnel_ != nullptr) tunnel_->OnOpaque(direction_, bytes, origin);
}

void MessageWriter::Gap(std::uint64_t length, const ByteOrigin& origin) {
  message_.last = origin.time;
  if (body_) body_->Gap(length);
  if (parser_) parser_->Gap(length, origin);
  if (tunnel_ != nullptr) tunnel_->OnOpaqueGap(direction_, length, origin);
}

void MessageWriter::Skip(std::uint64_t length, const ByteOrigin& origin) {
  if (wants_body()) return Gap(length, origin);
  message_.wire_bytes += length;
  message_.last = origin.time;
  if (body_) body_->Skip(length);
}

void MessageWriter::End(bool complete) {
  if (body_) body_->End(complete);
  if (!body_ && !ended_) message_.body.complete = complete;
  body_.reset();
  ended_ = true;
  if (parser_) parser_->End();
  parser_.reset();
}

void MessageWriter::Reset() {
  body_.reset();
  parser_.reset();
  tunnel_ = nullptr;
  ended_ = false;
}

}  // namespace gotls
