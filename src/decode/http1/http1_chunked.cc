#include "decode/http1/http1_chunked.h"

#include <algorithm>

namespace gotls {
namespace {

constexpr std::size_t kMaxDigits = 15;  // so that sums never overflow
constexpr std::size_t kMaxExtension = 16 << 10;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

ChunkedReader::Piece ChunkedReader::Take(Bytes bytes) {
  Piece piece;
  while (piece.taken < bytes.size() && piece.status == Status::kMore) {
    const char c = static_cast<char>(bytes[piece.taken]);
    switch (state_) {
      case State::kSize:
        piece.status = TakeSizeByte(c);
        ++piece.taken;
        break;
      case State::kExtension:
        piece.taken += TakeExtension(bytes.subspan(piece.taken), piece.status);
        break;
      case State::kSizeEnd:
        piece.status = c == '\n' ? EndSizeLine() : Status::kBroken;
        ++piece.taken;
        break;
      case State::kData: {
        const auto size = std::min<std::uint64_t>(left_, bytes.size() - piece.taken);
        piece.data = bytes.subspan(piece.taken, size);
        piece.taken += size;
        SkipData(size);
        return piece;
      }
      case State::kDataEnd:
      case State::kDataLf:
        if (c != '\n' && (c != '\r' || state_ == State::kDataLf)) piece.status = Status::kBroken;
        state_ = c == '\n' ? State::kSize : State::kDataLf;
        ++piece.taken;
        break;
    }
  }
  return piece;
}

void ChunkedReader::SkipData(std::uint64_t length) {
  left_ -= length;
  if (left_ == 0) state_ = State::kDataEnd;
}

ChunkedReader::Status ChunkedReader::TakeSizeByte(char c) {
  if (const int digit = HexDigit(c); digit >= 0) {
    left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
    return ++line_ > kMaxDigits ? Status::kBroken : Status::kMore;
  }
  if (line_ == 0) return Status::kBroken;
  if (c == '\n') return EndSizeLine();
  if (c == '\r') {
    state_ = State::kSizeEnd;
  } else if (c == ';' || c == ' ' || c == '\t') {
    state_ = State::kExtension;
    line_ = 0;
  } else {
    return Status::kBroken;
  }
  return Status::kMore;
}

ChunkedReader::Status ChunkedReader::EndSizeLine() {
  line_ = 0;
  if (left_ == 0) return Status::kLast;
  state_ = State::kData;
  return Status::kMore;
}

std::size_t ChunkedReader::TakeExtension(Bytes bytes, Status& status) {
  const std::string_view text = AsText(bytes);
  const std::size_t end = text.find('\n');
  const std::size_t size = end == std::string_view::npos ? text.size() : end + 1;
  line_ += size;
  if (line_ > kMaxExtension) {
    status = Status::kTooLong;
  } else if (end != std::string_view::npos) {
    status = EndSizeLine();
  }
  return size;
}

}  // namespace gotls
