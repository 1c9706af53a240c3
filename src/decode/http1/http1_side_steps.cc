// What each state of an Http1Side does with bytes.
#include <algorithm>

#include "decode/http1/http1_decoder.h"
#include "decode/http1/http1_side.h"
#include "decode/http1/http1_syntax.h"

namespace gotls {

// A candidate is bytes from the start of a run on, that begin a start line as far as they go. It
// may reach over several runs: Go's server reads the first byte of a request by itself.
std::size_t Http1Side::StepLost(Bytes bytes, const ByteOrigin& origin) {
  const std::string_view start = AsText(bytes).substr(0, kMaxStartLine);
  Guess guess = Guess::kNo;
  if (run_start_ && owner_.MayResync(role_)) {
    while (!held_.empty() && guess == Guess::kNo) {
      const std::string candidate = std::string(held_.text()) + std::string(start);
      guess = GuessStart(candidate);
      if (guess != Guess::kNo) break;
      // Runs that began like a long request line are given up together: no time for each of them.
      const bool once = held_.text().size() > kHttp1GuessBytes;
      counters_.decode_skipped_bytes += once ? held_.text().size() : held_.first_size();
      if (once) {
        held_.Clear();
      } else {
        held_.DropFirst();
      }
    }
    if (guess == Guess::kNo) guess = GuessStart(start);
  }
  if (guess == Guess::kYes) {
    ++counters_.decode_resyncs;
    state_ = State::kStart;
    ReplayHeld();
    return 0;
  }
  if (guess == Guess::kNeedMore && held_.Fits(bytes.size())) {
    held_.Add(bytes, origin);
    return bytes.size();
  }
  counters_.decode_skipped_bytes += held_.text().size() + bytes.size();
  held_.Clear();
  owner_.OnLost(
      role_, {ExchangeState::kGap, "the start of the " + std::string(Name()) + " was not found"});
  return bytes.size();
}

Guess Http1Side::GuessStart(std::string_view start) const {
  if (role_ == MessageRole::kResponse) return LooksLikeHttp1Response(AsBytes(start));
  return StartsWithSureRequest(start);
}

std::size_t Http1Side::StepStart(Bytes bytes, const ByteOrigin& origin) {
  // RFC 9112, 2.2: empty lines before a request are to be ignored.
  std::size_t blank = 0;
  while (blank < bytes.size() &&
         (bytes[blank] == std::byte{'\r'} || bytes[blank] == std::byte{'\n'}))
    ++blank;
  if (blank > 0) return blank;
  message_ = &owner_.OnStart(role_, origin);
  state_ = State::kHead;
  return 0;
}

std::size_t Http1Side::StepHead(Bytes bytes, const ByteOrigin& origin) {
  const SectionReader::Taken taken = section_.Take(bytes);
  message_->Count(taken.size, origin);
  if (taken.complete) {
    UseHead(section_.text());
    return taken.size;
  }
  const std::string_view start = section_.text();
  const bool request = role_ == MessageRole::kRequest;
  const Guess guess = request ? LooksLikeAnyRequest(start) : LooksLikeHttp1Response(AsBytes(start));
  if (guess == Guess::kNo) {
    Reject({request ? "not a request line" : "not a status line"});
  } else if (taken.too_long) {
    CutHead();
    Reject({"a head of more than 256 KiB", true});
  }
  return taken.size;
}

void Http1Side::UseHead(std::string_view head) {
  const auto plan = owner_.OnHead(role_, head, true);
  if (!plan) return Reject(plan.error());
  section_.Reset();
  plan_ = *plan;
  if (plan_.hold_after) after_ = After::kHeld;
  if (plan_.interim) {
    state_ = State::kStart;
    message_ = nullptr;
  } else if (plan_.framing.kind == Framing::Kind::kNone) {
    EndMessage({});
  } else if (plan_.body_unsure) {
    state_ = State::kUnsure;
  } else {
    EnterBody();
  }
}

void Http1Side::CutHead() { (void)owner_.OnHead(role_, section_.text(), false); }

void Http1Side::EnterBody() {
  state_ = State::kBody;
  left_ = plan_.framing.length;
}

std::size_t Http1Side::StepUnsure(Bytes bytes, const ByteOrigin& origin) {
  const std::size_t taken = std::min(bytes.size(), kHttp1GuessBytes - held_.text().size());
  held_.Add(bytes.first(taken), origin);
  switch (LooksLikeHttp1Response(AsBytes(held_.text()))) {
    case Guess::kNeedMore:
      break;
    case Guess::kYes:
      EndWithoutBody();
      break;
    case Guess::kNo:
      EnterBody();
      ReplayHeld();
      break;
  }
  return taken;
}

std::size_t Http1Side::StepBody(Bytes bytes, const ByteOrigin& origin) {
  if (plan_.framing.kind == Framing::Kind::kChunked) return StepChunked(bytes, origin);
  if (plan_.framing.kind == Framing::Kind::kUntilClose) {
    message_->Count(bytes.size(), origin);
    message_->Push(bytes, origin);
    return bytes.size();
  }
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
  message_->Count(size, origin);
  message_->Push(bytes.first(size), origin);
  left_ -= size;
  if (left_ == 0) EndMessage({});
  return size;
}

std::size_t Http1Side::StepChunked(Bytes bytes, const ByteOrigin& origin) {
  const ChunkedReader::Piece piece = chunked_.Take(bytes);
  message_->Count(piece.taken, origin);
  if (!piece.data.empty()) {
    ByteOrigin data_origin = origin;
    data_origin.position.value += piece.taken - piece.data.size();
    message_->Push(piece.data, data_origin);
  }
  switch (piece.status) {
    case ChunkedReader::Status::kMore:
      break;
    case ChunkedReader::Status::kLast:
      message_->End(true);
      state_ = State::kTrailers;
      break;
    case ChunkedReader::Status::kBroken:
      Reject({"a chunk that is none"});
      break;
    case ChunkedReader::Status::kTooLong:
      Reject({"a chunk extension of more than 16 KiB", true});
      break;
  }
  return piece.taken;
}

std::size_t Http1Side::StepTrailers(Bytes bytes, const ByteOrigin& origin) {
  const SectionReader::Taken taken = section_.Take(bytes);
  message_->Count(taken.size, origin);
  if (taken.complete) {
    const auto used = message_->SetTrailers(section_.text());
    if (used) {
      EndMessage({});
    } else {
      Reject(used.error());
    }
  } else if (taken.too_long) {
    Reject({"trailers of more than 256 KiB", true});
  }
  return taken.size;
}

std::size_t Http1Side::StepHeld(Bytes bytes, const ByteOrigin& origin) {
  if (held_.Fits(bytes.size())) {
    held_.Add(bytes, origin);
  } else {
    ++counters_.decode_limits;
    held_.AddGap(bytes.size(), origin);
  }
  return bytes.size();
}

void Http1Side::ReplayHeld() {
  held_.Replay([this](Bytes bytes, const ByteOrigin& origin) { Feed(bytes, origin); },
               [this](std::uint64_t length, const ByteOrigin& origin) { OnGap(length, origin); });
}

}  // namespace gotls
