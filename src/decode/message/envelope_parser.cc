#include "decode/message/envelope_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "decode/message/rpc_fields.h"

namespace gotls {
namespace {

constexpr std::uint8_t kCompressed = 1;
constexpr std::size_t kMaxEnd = 64 << 10;

std::uint8_t FlagsOf(Bytes prefix) { return std::to_integer<std::uint8_t>(prefix[0]); }

std::uint32_t LengthOf(Bytes prefix) {
  std::uint32_t length = 0;
  for (const std::byte byte : prefix.subspan(1, 4)) {
    length = length << 8U | std::to_integer<std::uint32_t>(byte);
  }
  return length;
}

}  // namespace

EnvelopeParser::EnvelopeParser(EnvelopeFormat format, MessageOutput output)
    : format_(std::move(format)), output_(std::move(output)), message_(output_), lost_(output_) {}

void EnvelopeParser::Push(Bytes bytes, const ByteOrigin& origin) {
  if (state_ == State::kLost && BeginsWholeEnvelopes(bytes)) {
    ++output_.counters().decode_resyncs;
    lost_.End();
    state_ = State::kPrefix;
  }
  while (!bytes.empty()) {
    switch (state_) {
      case State::kPrefix:
        PushPrefix(bytes, origin);
        break;
      case State::kMessage:
      case State::kEnd:
        PushPayload(bytes, origin.time);
        break;
      case State::kLost:
      case State::kBroken:
        lost_.Push(bytes, origin.time);
        return;
    }
  }
}

void EnvelopeParser::Gap(std::uint64_t length, const ByteOrigin& origin) {
  if (length == 0) return;
  if (state_ == State::kMessage || state_ == State::kEnd) {
    const std::uint64_t inside = std::min(left_, length);
    if (state_ == State::kMessage) {
      message_.Gap(inside, origin.time);
    } else {
      end_collector_->Gap(inside);
    }
    left_ -= inside;
    length -= inside;
    if (left_ == 0) FinishPayload();
    if (length == 0) return;
  }
  if (state_ == State::kPrefix) {
    Lose(State::kLost, "bytes are missing where a message begins",
         prefix_size_ > 0 ? origin_ : origin);
  }
  lost_.Gap(length, origin.time);
}

void EnvelopeParser::End() {
  if (state_ == State::kPrefix && prefix_size_ > 0) message_.Begin(MessageKind::kRpc, origin_, "");
  if (message_.begun()) DeliverMessage(false);
  lost_.End();
}

void EnvelopeParser::PushPrefix(Bytes& bytes, const ByteOrigin& origin) {
  if (prefix_size_ == 0) origin_ = origin;
  const std::size_t size = std::min(kPrefix - prefix_size_, bytes.size());
  std::ranges::copy(bytes.first(size), prefix_.begin() + static_cast<std::ptrdiff_t>(prefix_size_));
  prefix_size_ += size;
  bytes = bytes.subspan(size);
  if (prefix_size_ < kPrefix) return;
  const std::uint8_t flags = FlagsOf(prefix_);
  if ((flags & ~format_.flags) != 0) {
    ++output_.counters().decode_malformed;
    Lose(State::kBroken, fmt::format("not a message: its flags are {:#04x}", flags), origin_);
    return;
  }
  prefix_size_ = 0;
  BeginPayload();
}

void EnvelopeParser::BeginPayload() {
  const std::uint8_t flags = FlagsOf(prefix_);
  const bool compressed = (flags & kCompressed) != 0;
  const std::string_view coding = compressed ? std::string_view(format_.coding) : "";
  left_ = LengthOf(prefix_);
  if ((flags & format_.end_flag) != 0) {
    state_ = State::kEnd;
    end_ = {};
    end_collector_.emplace(end_, coding, kMaxEnd);
  } else {
    state_ = State::kMessage;
    message_.Begin(MessageKind::kRpc, origin_, coding);
    message_.message().compressed = compressed;
  }
  if (left_ == 0) FinishPayload();
}

void EnvelopeParser::PushPayload(Bytes& bytes, WallTime time) {
  const Bytes part = bytes.first(std::min<std::uint64_t>(left_, bytes.size()));
  if (state_ == State::kMessage) {
    message_.Push(part, time);
  } else {
    end_collector_->Push(part);
  }
  bytes = bytes.subspan(part.size());
  left_ -= part.size();
  if (left_ == 0) FinishPayload();
}

void EnvelopeParser::FinishPayload() {
  if (std::exchange(state_, State::kPrefix) == State::kMessage) {
    DeliverMessage(true);
    return;
  }
  end_collector_->End(true);
  end_collector_.reset();
  if (end_.complete && !end_.truncated && end_.problem.empty()) OnEnd(end_.content);
}

void EnvelopeParser::DeliverMessage(bool complete) {
  Message message = message_.Take(complete);
  if (message.compressed && format_.coding.empty() && message.wire_bytes > 0) {
    message.problem = format_.coding_known ? "compressed, but no coding was named"
                                           : "compressed in a coding that is not known";
  }
  if (format_.protobuf) FillRpcFields(message, output_.exchange(), output_.options());
  output_.Deliver(message);
}

void EnvelopeParser::Lose(State state, std::string_view problem, const ByteOrigin& origin) {
  state_ = state;
  lost_.Begin(MessageKind::kRpc, problem, origin);
  lost_.Push(Bytes(prefix_).first(std::exchange(prefix_size_, 0)), origin.time);
}

// Writers hand on whole envelopes, so that a run often begins with one. Lengths that lead exactly
// to its end prove it; empty ones prove nothing, since zeros look like them.
bool EnvelopeParser::BeginsWholeEnvelopes(Bytes run) const {
  while (run.size() > kPrefix) {
    const std::uint32_t length = LengthOf(run);
    if ((FlagsOf(run) & ~format_.flags) != 0 || length == 0) return false;
    if (length > run.size() - kPrefix) return false;
    run = run.subspan(kPrefix + length);
    if (run.empty()) return true;
  }
  return false;
}

}  // namespace gotls
